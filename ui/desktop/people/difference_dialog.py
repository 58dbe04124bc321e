"""What changed between two states of the labels: how much, by whom, from what to what; each change opens its items."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.revisions.label_diff import ChangedLabel, diff_summary
from badcase.revisions.named_revision import GIVEN, NOW, RUN
from badcase.training.tuning.run_titles import title_of
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.people.judged_rows import JudgedRows
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Dialog, Hairline, Label, ListRow, SectionTitle
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import RIGHT, draw_text, text_width
from badcase.ui.reviewer_words import reviewer_name

_PAIRS = 8  # from what to what, in sight


class DifferenceDialog(Dialog):
    """Shows the difference of two revisions, and opens its items in Review: all of them, or those of one pair."""

    def __init__(self, over: QWidget, session: Session) -> None:
        super().__init__(over, _("What changed in the labels"), _("Show in Review"), cancel=_("Close"), width=640)
        self._session, self._project = session, session.project
        self.changed: list[ChangedLabel] = []
        self.first, self.second = QComboBox(), QComboBox()
        self._summary = Label(wrap=True, ink="text2")
        self._parts = QVBoxLayout()
        self._fill()
        self._lay_out()
        for box in (self.first, self.second):
            box.activated.connect(lambda _index: self._show())
        self.accepted.connect(lambda: self._open(self.changed, _("changed labels")))
        self._show()

    def _fill(self) -> None:
        runs = [(run.id, title_of(self._project, run)) for run in self._project.runs.all() if run.part_of is None]
        choices = [(_("As the data set says"), GIVEN)]
        choices += [(_("Run {n}: {title}").format(n=n, title=title), f"{RUN}{n}") for n, title in runs]
        choices.append((_("Now"), NOW))
        for box, name, chosen in ((self.first, _("From"), 0), (self.second, _("To"), len(choices) - 1)):
            box.setAccessibleName(name)
            for title, revision in choices:
                box.addItem(title, revision)
            box.setCurrentIndex(chosen)
        self.first.setObjectName("difference_first")
        self.second.setObjectName("difference_second")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for column, (title, box) in enumerate(((_("From"), self.first), (_("To"), self.second))):
            grid.setColumnStretch(column, 1)
            grid.addWidget(Label(title, px=12, ink="text3"), 0, column)
            grid.addWidget(box, 1, column)
        self.body.addLayout(grid)
        self.body.addWidget(self._summary)
        self._parts.setSpacing(2)
        self.body.addLayout(self._parts)

    def _show(self) -> None:
        """The difference of the two that are chosen."""
        empty(self._parts)
        found = self._project.diff(self.first.currentData(), self.second.currentData())
        self.changed = [one for one in found.changed if not self._session.seen.hides(one.item)]
        told, hidden = diff_summary(found), len(found.changed) - len(self.changed)
        if hidden:
            told = [_("{n} changes of others are shown when you have decided.").format(n=wording.count(hidden))]
        self._summary.setText(" ".join(told))
        self.accept_button.set_why("" if self.changed else _("No label differs"))
        if self.changed and not hidden:
            self._add_pairs(found.pairs)
        if self.changed:
            n = len(self.changed)
            self._parts.addWidget(Hairline())
            title = plural("{n} item", "{n} items", n).format(n=wording.count(n))
            self._parts.addWidget(SectionTitle(title, _("by")))
            self._parts.addWidget(DifferentRows(self._session, self.changed))

    def _add_pairs(self, pairs: list[tuple[str, str, int]]) -> None:
        most, excluded = pairs[0][2], _("excluded")
        for before, after, n in pairs[:_PAIRS]:
            title = f"{before or excluded} → {after or excluded}"
            row = ListRow(None, title, wording.count(n), n / most)
            row.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.clicked.connect(partial(self._open_pair, before, after, title))
            self._parts.addWidget(row)
        if len(pairs) > _PAIRS:
            words = _("and {n} more").format(n=wording.count(len(pairs) - _PAIRS))
            self._parts.addWidget(Label(words, px=12, ink="text3"))

    def _open_pair(self, before: str, after: str, title: str) -> None:
        self.close_over()
        self._open([one for one in self.changed if (one.before, one.after) == (before, after)], title)

    def _open(self, changed: list[ChangedLabel], title: str) -> None:
        self._session.navigate.emit("review", {"items": [one.item for one in changed], "title": title})


class DifferentRows(JudgedRows):
    """What each item was and what it is, and who made it so."""

    def __init__(self, session: Session, changed: list[ChangedLabel]) -> None:
        super().__init__(session, [one.item for one in changed])
        self.setObjectName("different_items")
        self.setAccessibleName(_("Items whose label changed"))
        self._changed = changed

    def draw_rest(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t, one, px = tokens(), self._changed[row], 13
        before, after = (name or _("excluded") for name in (one.before, one.after))
        who = reviewer_name(one.who)
        side = min(text_width(who, font(12)) + 2.0, rect.width() / 3)
        draw_text(painter, QRectF(rect.right() - side, rect.y(), side, rect.height()), who, t.text2, font(12), RIGHT)
        line = QRectF(rect.x(), rect.y(), rect.width() - side - 12, rect.height())
        wide = min(text_width(before, font(px)) + 2.0, (line.width() - 28) / 2)
        draw_text(painter, QRectF(line.x(), line.y(), wide, line.height()), before, t.given, font(px))
        draw_icon(painter, "arrow", QRectF(line.x() + wide + 6, line.center().y() - 6, 12, 12), t.text3)
        rest = QRectF(line.x() + wide + 24, line.y(), line.width() - wide - 24, line.height())
        draw_text(painter, rest, after, t.fixed, font(px, bold=True))
