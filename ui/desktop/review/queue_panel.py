"""The left panel: the piles, the reasons and the confusions, each a filter by a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.language import _
from ui import wording
from ui.desktop.review.confusions import ConfusionMatrix, PairRow, largest_pairs
from ui.desktop.review.filters import Filter, Queue
from ui.desktop.review.worklist import Counts
from ui.desktop.widgets import ListRow, Panel, SectionTitle

_PILES = {
    Queue.TO_REVIEW: ("list", lambda: _("To review")),
    Queue.REVIEWED: ("check", lambda: _("Reviewed")),
    Queue.UNSURE: ("question", lambda: _("Unsure")),
    Queue.ALL: ("table", lambda: _("All items")),
}


@dataclass(frozen=True, slots=True)
class ReasonTitle:
    """How a reason is called and which icon it has."""

    title: str
    icon: str


class QueuePanel(Panel):
    """Shows counts and what is chosen; tells what was clicked, with whether Ctrl was held."""

    queue_chosen = Signal(str)
    reason_chosen = Signal(str, bool)
    pair_chosen = Signal(int, int, bool)

    def __init__(self, classes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setObjectName("queue-panel")
        self._classes = classes
        self._matrix: npt.NDArray[np.int64] = np.zeros((len(classes), len(classes)), np.int64)
        self._filter = Filter()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 12)
        column.setSpacing(0)
        self._add_title(column, _("Queue"))
        self._piles = {queue: self._add_pile(column, queue) for queue in Queue}
        column.addSpacing(12)
        self._reasons_title = self._add_title(column, _("Reasons"))
        self._reasons: dict[str, ListRow] = {}
        self._reasons_column = _sub(column)
        column.addSpacing(12)
        self._pairs_title = self._add_title(column, _("Confusions"), _("given to suggested"))
        self._pairs_column = _sub(column)
        self._pairs: dict[tuple[int, int], PairRow] = {}
        column.addSpacing(8)
        self.matrix = ConfusionMatrix(classes)
        self.matrix.chosen.connect(lambda a, b, held: self.pair_chosen.emit(a, b, _adds(held)))
        column.addWidget(self.matrix)
        column.addStretch(1)

    def _add_title(self, column: QVBoxLayout, words: str, right: str = "") -> SectionTitle:
        holder = QVBoxLayout()
        holder.setContentsMargins(8, 0, 8, 6)
        title = SectionTitle(words, right)
        holder.addWidget(title)
        column.addLayout(holder)
        return title

    def _add_pile(self, column: QVBoxLayout, queue: Queue) -> ListRow:
        icon, title = _PILES[queue]
        row = ListRow(icon, title())
        row.setObjectName(f"queue-{queue}")
        row.clicked.connect(lambda: self.queue_chosen.emit(str(queue)))
        column.addWidget(row)
        return row

    def show_counts(self, counts: Counts, titles: Mapping[str, ReasonTitle], chosen: Filter) -> None:
        """Counts of the piles and reasons; titles in the order of the rows."""
        self._filter = chosen
        for queue, row in self._piles.items():
            row.set_values(wording.count(counts.piles[queue]))
            row.setChecked(chosen.listed is None and chosen.queue is queue)
        if list(titles) != list(self._reasons):
            self._make_reasons(titles)
        most = max(counts.reasons.values(), default=0)
        for name, row in self._reasons.items():
            count = counts.reasons.get(name, 0)
            row.set_values(wording.count(count), count / most if most else 0.0)
            row.setChecked(name in chosen.reasons)
        self._reasons_title.setVisible(bool(titles))

    def _make_reasons(self, titles: Mapping[str, ReasonTitle]) -> None:
        _clear(self._reasons_column)
        self._reasons = {}
        for name, reason in titles.items():
            row = ListRow(reason.icon, reason.title)
            row.setObjectName(f"reason-{name}")
            row.setToolTip(_("Only these; Ctrl and click adds"))
            row.pressed_with.connect(lambda held, name=name: self.reason_chosen.emit(name, _adds(held)))
            self._reasons_column.addWidget(row)
            self._reasons[name] = row

    def show_confusions(self, matrix: npt.NDArray[np.int64], chosen: Filter) -> None:
        self._matrix, self._filter = matrix, chosen
        self.matrix.show_matrix(matrix, chosen.pairs)
        self._make_pairs()
        some = bool(self._pairs)
        self._pairs_title.setVisible(some)
        self.matrix.setVisible(some)

    def _make_pairs(self) -> None:
        pairs = largest_pairs(self._matrix, self._pair_count())
        known = {(a, b) for a, b, _n in pairs}
        pairs += [(a, b, int(self._matrix[a, b])) for a, b in self._filter.pairs if (a, b) not in known]
        if [pair[:2] for pair in pairs] != list(self._pairs):
            _clear(self._pairs_column)
            self._pairs = {(a, b): self._add_pair(a, b) for a, b, _n in pairs}
        for a, b, n in pairs:
            self._pairs[a, b].set_values(wording.count(n))
            self._pairs[a, b].setChecked((a, b) in self._filter.pairs)

    def _add_pair(self, given: int, suggested: int) -> PairRow:
        row = PairRow(self._classes[given], self._classes[suggested], "")
        row.setObjectName(f"pair-{given}-{suggested}")
        row.pressed_with.connect(lambda held: self.pair_chosen.emit(given, suggested, _adds(held)))
        self._pairs_column.addWidget(row)
        return row

    def _pair_count(self) -> int:
        """As many pairs as leave room for the matrix."""
        fixed = 5 * 28 + 4 * 40 + len(self._reasons) * 28 + self.matrix.heightForWidth(max(180, self.width() - 16))
        return min(8, max(3, (self.height() - fixed) // 28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._matrix.any():
            self._make_pairs()


def _adds(held: Qt.KeyboardModifier) -> bool:
    return bool(held & Qt.KeyboardModifier.ControlModifier)


def _sub(column: QVBoxLayout) -> QVBoxLayout:
    inner = QVBoxLayout()
    inner.setSpacing(0)
    column.addLayout(inner)
    return inner


def _clear(column: QVBoxLayout) -> None:
    while (part := column.takeAt(0)) is not None:
        widget = part.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
