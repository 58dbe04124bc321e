"""The items of a class that lie nearest to an item, by the cosine of their embeddings. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.store.prediction_sets import PredictionSet
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.pictures.recently_used import RecentlyUsed
from badcase.ui.desktop.review.filtering.filters import Facts

_MOST_ROWS, _MOST_BYTES = 20_000, 40 << 20  # of one class; a larger one is thinned evenly
_MOST_ARRIVED = 2_000  # of those that verdicts gave the class, which are fetched each time; likewise
_KEPT = 96 << 20  # bytes
_Examples: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


class NearestFinder:
    """Finds settled examples: not gold, not excluded, and not themselves suspected without a person's word.

    labels (n,) are read live, so what was just relabelled counts for its new class. sets: where items may have several
    labels, which of them each class of `labels` has: (items,) to (items, k).
    """

    def __init__(
        self,
        predictions: PredictionSet,
        facts: Facts,
        labels: npt.NDArray[np.integer],
        suspected: npt.NDArray[np.bool_],
        sets: Callable[[npt.NDArray[Any]], npt.NDArray[np.bool_]] | None = None,
    ) -> None:
        self._directions_of, self._facts, self._labels = predictions.directions, facts, labels
        self._most = min(_MOST_ROWS, _MOST_BYTES // (4 * max(1, predictions.embeddings.shape[1])))
        self._suspected, self._sets = suspected, sets
        self.hidden = np.zeros(facts.n, np.bool_)  # (n,) items that count as nobody had judged them
        self._kept = RecentlyUsed[tuple[int, bool], _Examples](_KEPT, lambda kept: kept[0].nbytes + kept[1].nbytes, least=2)

    def at_hand(self, label: int, *, having: bool) -> bool:
        """Whether the examples of a class, or of all others, need not be fetched."""
        return (label, having) in self._kept

    def nearest(self, item: int, label: int, count: int, *, having: bool = True) -> list[tuple[int, float]]:
        """Up to `count` (item, cosine) of a class, or of all others, nearest first; ties by item id."""
        rows, directions = self._given(label, having)
        own = self._directions_of(np.array([item]))[0]
        arrived = np.flatnonzero((self._facts.verdicts == VerdictCode.RELABEL) & ~self.hidden)
        arrived = arrived[(self._now(arrived, label) == having) & (self._before(arrived, label) != having)]
        arrived = arrived[:: max(1, -(-len(arrived) // _MOST_ARRIVED))]
        rows = np.concatenate([rows, arrived])
        similarity = np.concatenate([directions @ own, self._directions_of(arrived) @ own])
        usable = np.flatnonzero(self._settled(rows, label, having) & (rows != item))
        rows, similarity = rows[usable], similarity[usable]
        if count < len(rows):  # all that reach the value of the last: a tie there is broken by id
            kept = similarity >= np.partition(similarity, len(rows) - count)[len(rows) - count]
            rows, similarity = rows[kept], similarity[kept]
        best = np.lexsort((rows, -similarity))[:count]
        return [(int(rows[i]), float(similarity[i])) for i in best]

    def _now(self, rows: npt.NDArray[np.int64], label: int) -> npt.NDArray[np.bool_]:
        """(rows,) whether items have a label as things stand."""
        labels = self._labels[rows]
        has: npt.NDArray[np.bool_] = labels == label if self._sets is None else self._sets(labels)[:, label]
        return np.where(self.hidden[rows], self._before(rows, label), has)

    def _before(self, rows: npt.NDArray[np.int64] | slice, label: int) -> npt.NDArray[np.bool_]:
        """(rows,) whether items came with a label."""
        given = self._facts.given
        has: npt.NDArray[np.bool_] = given[rows] == label if self._sets is None else np.asarray(given[rows, label], np.bool_)
        return has

    def _settled(self, rows: npt.NDArray[np.int64], label: int, having: bool) -> npt.NDArray[np.bool_]:
        verdicts = np.where(self.hidden[rows], VerdictCode.NONE, self._facts.verdicts[rows])
        open_ = verdicts == VerdictCode.NONE
        doubtful = (open_ & self._suspected[rows]) | (verdicts == VerdictCode.UNSURE)
        right = self._now(rows, label) == having
        settled: npt.NDArray[np.bool_] = right & (verdicts != VerdictCode.EXCLUDE) & ~doubtful
        return settled

    def _given(self, label: int, having: bool) -> _Examples:
        """Ids and unit embeddings of the items that came with a label, or without it."""

        def find() -> _Examples:
            rows = np.flatnonzero((self._before(slice(None), label) == having) & ~self._facts.gold)
            rows = rows[:: max(1, -(-len(rows) // self._most))]
            return rows, self._directions_of(rows)

        return self._kept.get((label, having), find)
