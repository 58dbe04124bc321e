"""The middle of the Update page: what was found, six tiles, and the list of the chosen one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.update.conflict_rows import DataConflictRows
from badcase.ui.desktop.update.listed_rows import ListedRows
from badcase.ui.desktop.update.tiles import UpdateTiles, tiles_shown
from badcase.ui.desktop.update.update_words import headline
from badcase.ui.desktop.widgets import Card, Label, SideScroll
from badcase.updating.update_preview import UpdatePreview

_IN_SIGHT = 9
_FACTS = 640


class PreviewPart(QWidget):
    """`opened` carries the id of an item, `decided` tells that a conflict was answered."""

    opened = Signal(int)
    decided = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.tiles = Card(edge="accent"), UpdateTiles()
        self.list_card = Card()
        self.rows, self.conflicts = ListedRows(), DataConflictRows()
        self._preview: UpdatePreview | None = None
        self._counts: Mapping[str, int] = {}
        self._lay_out()
        self.tiles.chosen.connect(self.choose)
        self.rows.opened.connect(lambda row: self.opened.emit(self.rows.rows[row].item))
        self.conflicts.opened.connect(lambda row: self.opened.emit(self.conflicts.rows[row].item))
        self.conflicts.decided.connect(self.decided)
        for rows, area in ((self.rows, self._rows_area), (self.conflicts, self._conflicts_area)):
            rows.sideways.connect(self.step)
            rows.walked.connect(lambda row, rows=rows, area=area: _bring_into_sight(area, rows, row))

    def _lay_out(self) -> None:
        self.title, self.sentence = Label(px=20, bold=True, wrap=True), Label(ink="text2", wrap=True)
        self.title.setObjectName("update_title")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        row = QHBoxLayout()
        row.setSpacing(32)
        row.addLayout(words, 1)
        self.facts = [Label(ink="text2", px=12) for _fact in range(2)], [Label(bold=True) for _fact in range(2)]
        for name, value in zip(*self.facts, strict=True):
            fact = QVBoxLayout()
            fact.setSpacing(2)
            fact.addWidget(name)
            fact.addWidget(value)
            fact.addStretch(1)
            row.addLayout(fact)
        self.head.body.addLayout(row)
        self._list_title, self._list_more = Label(px=13, bold=True), Label(ink="text2", px=12)
        head = QHBoxLayout()
        head.addWidget(self._list_title)
        head.addWidget(self._list_more, 1)
        self.list_card.body.addLayout(head)
        self._rows_area, self._conflicts_area = SideScroll(self.rows), SideScroll(self.conflicts)
        self._lists = QStackedWidget()
        for area in (self._rows_area, self._conflicts_area):
            self._lists.addWidget(area)
        self.list_card.body.addWidget(self._lists)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self.head, self.tiles, self.list_card):
            column.addWidget(part)

    def show_words(self, title: str, sentence: str) -> None:
        """Nothing waits: the head alone says how the data stand."""
        self._preview = None
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.head.set_edge("accent")
        for part in (self.tiles, self.list_card, *self.facts[0], *self.facts[1]):
            part.hide()

    def show_preview(self, counts: Mapping[str, int], preview: UpdatePreview, source: str) -> None:
        """Show what an update would do; source: what was read."""
        self._preview, self._counts = preview, counts
        self.title.setText(headline(counts))
        self.sentence.setText(_("{source}, read just now. Nothing is changed until you take it in.").format(source=source))
        self.head.set_edge("given" if counts["conflicts"] > counts["added"] else "accent")
        facts = ((_("Items afterwards"), preview.there), (_("The same by key and content"), preview.same))
        for name, value, (words, n) in zip(*self.facts, facts, strict=True):
            name.setText(words)
            value.setText(wording.count(n))
        self.tiles.show_counts(counts)
        self.conflicts.show_rows(preview.rows["conflicts"])
        self.tiles.show()
        self.list_card.show()
        self.fit_width(self.width())
        filled = [name for name in ("conflicts", *self.tiles.NAMES) if counts[name]]
        self.choose(filled[0] if filled else "added")

    def fit_width(self, wide: int) -> None:
        """The tiles stand in two rows where there is little width, and the facts beside the title give way to it."""
        self.tiles.fit_width(wide)
        for part in (*self.facts[0], *self.facts[1]):
            part.setVisible(self._preview is not None and wide >= _FACTS)

    def choose(self, name: str) -> None:
        """Show the list of a tile."""
        if self._preview is None:
            return
        shown = next(one for one in tiles_shown(self._counts) if one.name == name)
        self.tiles.mark(name)
        self._list_title.setText(shown.title)
        rows, conflicts = self._preview.rows[name], name == "conflicts"
        self._list_more.setText(_remark(name, self._counts[name], len(rows)))
        self._lists.setCurrentWidget(self._conflicts_area if conflicts else self._rows_area)
        if not conflicts:
            self.rows.current = 0
            self.rows.show_rows(rows)
        high = self.conflicts.sizeHint().height() if conflicts else self.rows.HIGH * min(_IN_SIGHT, len(rows))
        self._lists.setFixedHeight(min(high, self.conflicts.head + 6 * self.conflicts.HIGH) if conflicts else high)

    def step(self, by: int) -> None:
        """Show the list of the next tile, or of the one before."""
        self.tiles.step(by)
        self.take_focus()

    @property
    def list(self) -> DataConflictRows | ListedRows:
        """The list in sight, which takes the keyboard."""
        return self.conflicts if self._lists.currentWidget() is self._conflicts_area else self.rows

    def take_focus(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def undecided(self) -> int:
        """How many conflicts that a verdict settles have no answer."""
        rows = [] if self._preview is None else self._preview.rows["conflicts"]
        beyond = self._counts.get("conflicts", 0) - len(rows)
        return beyond + sum(not one.locked and one.item not in self.conflicts.answers for one in rows)


def _remark(name: str, count: int, shown: int) -> str:
    if not count:
        return _("none")
    if shown < count:
        return plural("the first {n} of them", "the first {n} of them", shown).format(n=wording.count(shown))
    return _("the source changed a label after you had judged it") if name == "conflicts" else ""


def _bring_into_sight(area: SideScroll, rows: DataConflictRows | ListedRows, row: int) -> None:
    middle = rows.row_rect(row).center()
    area.ensureVisible(int(middle.x()), int(middle.y()), 0, rows.HIGH)
