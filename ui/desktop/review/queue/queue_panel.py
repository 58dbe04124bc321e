"""The left panel: the piles, the reasons and the confusions, each a filter by a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from badcase.groups.confusions import Pair, confusion_pairs
from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.look.theme import ROW_LIST
from badcase.ui.desktop.review.filtering.filter_syntax import pile_words
from badcase.ui.desktop.review.filtering.filters import OF_UNLABELLED, Filter, Pile
from badcase.ui.desktop.review.queue.confusion_matrix import ConfusionMatrix, PairRow
from badcase.ui.desktop.review.queue.label_lists import LabelLists
from badcase.ui.desktop.review.queue.reason_list import ReasonList, ReasonTitle, adds
from badcase.ui.desktop.review.state.label_summary import LabelSummary
from badcase.ui.desktop.review.state.tally import Confusions, Counts
from badcase.ui.desktop.widgets import ListRow, Panel, SectionTitle

_PILES = {
    Pile.TO_REVIEW: "list",
    Pile.TO_LABEL: "tag",
    Pile.BOTH: "gain",
    Pile.REVIEWED: "check",
    Pile.UNSURE: "question",
    Pile.ALL: "table",
}


_MOST_PAIRS, _FEWEST_PAIRS = 8, 3


class QueuePanel(Panel):
    """Shows counts and what is chosen; tells what was clicked, with whether Ctrl was held."""

    queue_chosen = Signal(str)
    reason_chosen = Signal(str, bool)
    pair_chosen = Signal(int, int, bool)
    listed = Signal(object, str)  # items, and what they are called

    def __init__(self, classes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.setObjectName("queue-panel")
        self._classes = classes
        none = np.zeros((len(classes), len(classes)))
        self._confusions = Confusions(none, none)
        self._filter = Filter()
        self._high = 820
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 12)
        column.setSpacing(0)
        self._add_title(column, _("Queue"))
        self._piles = {queue: self._add_pile(column, queue) for queue in Pile}
        column.addSpacing(12)
        self.labels = LabelLists()
        self.labels.listed.connect(self.listed)
        column.addWidget(self.labels, 1)
        self._reasons_title = self._add_title(column, _("Reasons"))
        self._reasons = ReasonList()
        self._reasons.chosen.connect(self.reason_chosen)
        self._reasons.collapsed.connect(self._show_pairs)
        column.addWidget(self._reasons)
        column.addSpacing(12)
        self._pairs_title = self._add_title(column, _("Confusions"), _("given to suggested"))
        self._pairs = [self._add_pair(column, number) for number in range(_MOST_PAIRS)]
        column.addSpacing(8)
        self.matrix = ConfusionMatrix(classes)
        self.matrix.chosen.connect(lambda a, b, held: self.pair_chosen.emit(a, b, adds(held)))
        column.addWidget(self.matrix)
        column.addStretch(0)  # takes what is left where the lists of labels are hidden, which stand at the foot too

    def _add_title(self, column: QVBoxLayout, words: str, right: str = "") -> SectionTitle:
        holder = QVBoxLayout()
        holder.setContentsMargins(8, 0, 8, 6)
        title = SectionTitle(words, right)
        holder.addWidget(title)
        column.addLayout(holder)
        return title

    def _add_pile(self, column: QVBoxLayout, queue: Pile) -> ListRow:
        row = ListRow(_PILES[queue], pile_words()[queue])
        row.setObjectName(f"queue-{queue}")
        row.clicked.connect(lambda: self.queue_chosen.emit(str(queue)))
        column.addWidget(row)
        return row

    def show_counts(
        self,
        counts: Counts,
        titles: Mapping[str, ReasonTitle],
        chosen: Filter,
        silent: Sequence[str] = (),
        to_label: Callable[[], LabelSummary | None] = lambda: None,
    ) -> None:
        """Counts of the piles and of the reasons that occur; titles in the order of the rows.

        silent: a sentence for each group of reasons that could not be looked for. to_label: asked while items are
        labelled, for what is told instead of reasons and confusions; None where that is not known.
        """
        self._filter = chosen
        labelling = chosen.queue is Pile.TO_LABEL if chosen.listed is None else not self.labels.isHidden()
        self.labels.show_summary(to_label() if labelling else None)
        for queue, row in self._piles.items():
            row.set_values(wording.count(counts.piles[queue]))
            row.setChecked(chosen.listed is None and chosen.queue is queue)
            row.setVisible(queue not in OF_UNLABELLED or counts.piles[Pile.TO_LABEL] > 0 or row.isChecked())
        self._reasons.show_reasons(counts.reasons, titles, chosen.reasons, silent)
        self._show_reasons()

    def _show_reasons(self) -> None:
        """Reasons and confusions speak of labels that there are."""
        labelling = not self.labels.isHidden()
        self._reasons.setVisible(not labelling)
        self._reasons_title.setVisible(self._reasons.rows_shown() > 0 and not labelling)
        if labelling:
            for part in (self._pairs_title, *self._pairs, self.matrix):
                part.hide()
        elif self._pairs_title.isHidden():
            self._show_pairs()

    def fit_height(self, high: int) -> None:
        """Fold what does not fit into a panel of this height."""
        self._high = high
        self._reasons.fit_rows((high - self._fixed() - _FEWEST_PAIRS * ROW_LIST) // ROW_LIST)
        self._show_pairs()

    def show_confusions(self, confusions: Confusions, chosen: Filter) -> None:
        self._confusions, self._filter = confusions, chosen
        self.matrix.show_matrix(confusions.counts, chosen.pairs)
        self.fit_height(self._high)

    def recount(self, confusions: Confusions) -> None:
        """After a verdict: tell what is left of each pair, in the place where it stands until the list is made anew."""
        self._confusions = confusions
        self.matrix.recount(confusions.counts)
        for row in self._pairs:
            if not row.isHidden():
                self._tell_pair(row, *row.pair)

    def _tell_pair(self, row: PairRow, given: int, suggested: int) -> None:
        counts, expected = self._confusions.counts[given, suggested], self._confusions.expected[given, suggested]
        row.show_pair(Pair(given, suggested, int(counts), float(expected)), (self._classes[given], self._classes[suggested]))

    def _add_pair(self, column: QVBoxLayout, number: int) -> PairRow:
        row = PairRow()
        row.setObjectName(f"pair-{number}")
        row.pressed_with.connect(lambda held: self.pair_chosen.emit(*row.pair, adds(held)))
        column.addWidget(row)
        return row

    def _show_pairs(self) -> None:
        """The pairs with most errors to expect, and those that are chosen though they have fewer."""
        if not self.labels.isHidden():
            return
        counts, expected = self._confusions.counts, self._confusions.expected
        found = [(pair.given, pair.suggested) for pair in confusion_pairs(counts, expected, self._room_for_pairs())]
        pairs = [*found, *(pair for pair in self._filter.pairs if pair not in found)][:_MOST_PAIRS]
        for row, pair in zip_longest(self._pairs, pairs):
            row.setVisible(pair is not None)
            if pair is not None:
                self._tell_pair(row, *pair)
                row.setChecked(row.pair in self._filter.pairs)
        self._pairs_title.setVisible(bool(pairs))
        self.matrix.setVisible(bool(pairs))

    def _room_for_pairs(self) -> int:
        """As many pairs as leave room for the matrix."""
        left = self._high - self._fixed() - self._reasons.rows_shown() * ROW_LIST
        return min(_MOST_PAIRS, max(_FEWEST_PAIRS - 1, left // ROW_LIST))

    def _fixed(self) -> int:
        """What the piles, the titles and the matrix take."""
        matrix = self.matrix.height_for(max(180, self.width() - 16)) if self._confusions.counts.any() else 0
        piles = sum(not row.isHidden() for row in self._piles.values())
        return piles * ROW_LIST + 4 * 36 + matrix

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pairs_title.set_texts(_("Confusions"), _("given to suggested") if self.width() >= 224 else "")
        self.fit_height(self._high)
