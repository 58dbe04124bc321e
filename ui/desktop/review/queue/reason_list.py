"""The reasons of the left panel: a row each, the smallest folded away where there is no room for all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.widgets import ListRow
from badcase.ui.desktop.widgets.tooltips import plain_tip

_FEWEST = 4  # rows that are never folded away, however low the window


@dataclass(frozen=True, slots=True)
class ReasonTitle:
    """How a reason is called and which icon it has."""

    title: str
    icon: str


class ReasonList(QWidget):
    """`chosen` tells a reason and whether Ctrl was held; `collapsed`, that there are more rows now, or fewer."""

    chosen = Signal(str, bool)
    collapsed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, ListRow] = {}
        self._counts: Mapping[str, int] = {}
        self._picked: Collection[str] = ()
        self._silences = False
        self._room, self._open = 1 << 10, False
        self._kept: set[str] = set()  # where rows are folded away: those that are not
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._silent = ListRow("info", _("Not looked for yet"))
        self._silent.setObjectName("reasons-silent")
        self._silent.setEnabled(False)
        self._more = ListRow("chevron", "")
        self._more.setObjectName("reasons-more")
        self._more.clicked.connect(self.toggle)

    def show_reasons(
        self, counts: Mapping[str, int], titles: Mapping[str, ReasonTitle], picked: Collection[str], silent: Sequence[str]
    ) -> None:
        """Rows of the reasons that occur or are picked, in the order of `titles`; silent: what was not looked for, and why."""
        self._counts, self._picked = counts, picked
        if list(titles) != list(self._rows):
            self._make(titles)
        most = max(counts.values(), default=0)
        for name, row in self._rows.items():
            count = counts.get(name, 0)
            row.set_values(wording.count(count), count / most if most else 0.0)
            row.setChecked(name in picked)
        self._silent.setToolTip(plain_tip("\n".join(silent)))
        self._silences = bool(titles) and bool(silent)
        self._arrange()

    def _make(self, titles: Mapping[str, ReasonTitle]) -> None:
        for old in self._rows.values():
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows, self._kept = {}, set()
        for name, reason in titles.items():
            row = ListRow(reason.icon, reason.title)
            row.setObjectName(f"reason-{name}")
            row.setToolTip(_("Only these; Ctrl and click adds"))
            row.pressed_with.connect(lambda held, name=name: self.chosen.emit(name, adds(held)))
            self._column.addWidget(row)
            self._rows[name] = row
        for last in (self._silent, self._more):
            self._column.removeWidget(last)
            self._column.addWidget(last)

    def fit_rows(self, room: int) -> None:
        """Show at most so many rows, the largest reasons and those picked, and one that unfolds the rest."""
        room = max(_FEWEST, room)
        if room != self._room:
            self._room, self._kept = room, set()
            self._arrange()

    def rows_shown(self) -> int:
        return sum(not row.isHidden() for row in (*self._rows.values(), self._silent, self._more))

    def toggle(self) -> None:
        """Unfold all rows, or fold the smallest away again."""
        self._open = not self._open
        self._arrange()
        self.collapsed.emit()

    def _arrange(self) -> None:
        there = [name for name in self._rows if self._counts.get(name) or name in self._picked]
        too_many = len(there) + self._silences > self._room
        if not too_many:
            self._kept = set()
        elif not self._kept:  # chosen once, so that no row moves while its count falls
            largest = sorted(there, key=lambda name: -self._counts.get(name, 0))
            self._kept = set(largest[: self._room - 1])
        folds = too_many and not self._open
        shown = {name for name in there if not folds or name in self._kept or name in self._picked}
        for name, row in self._rows.items():
            row.setVisible(name in shown)
        self._silent.setVisible(self._silences and not folds)
        hidden = len(there) - len(shown)
        self._more.setText(_("Fewer") if self._open else plural("{n} more reason", "{n} more reasons", hidden).format(n=hidden))
        self._more.setVisible(too_many and (hidden > 0 or self._open))


def adds(held: Qt.KeyboardModifier) -> bool:
    """Whether a click adds to the filter instead of replacing it."""
    return bool(held & Qt.KeyboardModifier.ControlModifier)
