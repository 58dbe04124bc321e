"""The labels a person can turn on or off for one item or for many, the most doubtful first, and what they have turned so
far. No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.multilabel_matrix import LabelMatrix
from badcase.ui.desktop.review.state.class_choices import Listed

Row = npt.NDArray[np.bool_]  # (k,) which labels an item has
Floats = npt.NDArray[np.floating]


class LabelEdit:
    """Labels that a person has turned on or off, before the key that writes them. View state, never in the journal."""

    def __init__(self) -> None:
        self._turned: dict[int, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._turned)

    def clear(self) -> None:
        self._turned.clear()

    def turned(self, label: int) -> bool | None:
        """True where it was turned on, False where off, None where it was left as it is."""
        return self._turned.get(label)

    def turn(self, label: int, has: Row) -> None:
        """Turn a label over, for the items that have it or not (items,).

        One item changes sides and back. Many get it, where some lack it; then lose it; then are as they were.
        """
        changing = [wanted for wanted in (True, False) if (has != wanted).any()]
        before = self._turned.pop(label, None)
        left = changing if before is None else changing[changing.index(before) + 1 :]
        if left:
            self._turned[label] = left[0]

    def over(self, labels: LabelMatrix) -> LabelMatrix:
        """The same matrix (items, k) with what was turned."""
        changed = labels.copy()
        for label, wanted in self._turned.items():
            changed[:, label] = wanted
        return changed


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """A label as an answer: whether Enter would write it, whether it is given, what would rather be (None: nothing
    known), how likely it is and how likely the given answer is wrong (NaN where not known), and its key."""

    label: int
    name: str
    wanted: bool
    given: bool
    suggested: bool | None
    probability: float
    suspicion: float
    digit: str


class LabelChoices(Listed):
    """All labels for one item: those that should change by falling suspicion, the given ones likewise, then the others by
    falling probability; ties by label id. The order stays while labels are turned."""

    def __init__(
        self,
        names: Sequence[str],
        item: int,
        given: Row,
        wanted: Row,
        *,
        suggested: Row | None = None,
        probability: Floats | None = None,
        suspicion: Floats | None = None,
    ) -> None:
        nothing = np.full(len(names), np.nan, np.float32)
        self.item, self.given, self.wanted, self.suggested = item, given, wanted, suggested
        self.probability = nothing if probability is None else probability
        self.suspicion = nothing if suspicion is None else suspicion
        changes = np.zeros(len(names), np.bool_) if suggested is None else suggested != given
        section = np.where(changes, 0, np.where(given, 1, 2))
        by = np.where(section < 2, np.nan_to_num(self.suspicion), np.nan_to_num(self.probability))
        super().__init__(names, [int(one) for one in np.lexsort((-by, section))])

    def choice(self, place: int) -> LabelChoice:
        label = self.order[place]
        return LabelChoice(
            label,
            self.names[label],
            bool(self.wanted[label]),
            bool(self.given[label]),
            None if self.suggested is None else bool(self.suggested[label]),
            float(self.probability[label]),
            float(self.suspicion[label]),
            self.digit(place),
        )


class BatchLabels(Listed):
    """All labels for a selection, by falling mean probability; how many of it have each, and what was turned."""

    def __init__(self, names: Sequence[str], labels: LabelMatrix, probability: Floats | None, edit: LabelEdit) -> None:
        """labels (items, k) of the selection as they hold now; probability (k,), None where nothing is known."""
        by = labels.mean(0) if probability is None else probability
        super().__init__(names, [int(one) for one in np.argsort(-by, kind="stable")])
        self.having = labels.sum(0)
        self.edit = edit
