"""The items of a class that lie nearest to an item, by the cosine of their embeddings. No Qt."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from badcase.journal import VerdictCode
from badcase.predictions import PredictionSet
from ui.desktop.review.filters import Facts

_MOST_ROWS = 20_000  # of one class; a larger one is thinned evenly
_KEPT_FLOATS = 24_000_000


class NearestFinder:
    """Finds settled examples: not gold, not excluded, and not themselves suspected without a person's word.

    labels (n,) are read live, so what was just relabelled counts for its new class.
    """

    def __init__(
        self,
        predictions: PredictionSet,
        facts: Facts,
        labels: npt.NDArray[np.integer],
        suspected: npt.NDArray[np.bool_],
    ) -> None:
        self._embeddings, self._facts, self._labels = predictions.embeddings, facts, labels
        self._suspected = suspected
        self._kept: OrderedDict[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]] = OrderedDict()

    def nearest(self, item: int, label: int, count: int) -> list[tuple[int, float]]:
        """Up to `count` (item, cosine) of a class, nearest first; ties by item id."""
        rows, directions = self._given(label)
        arrived = np.flatnonzero((self._labels == label) & (self._facts.given != label))
        if len(arrived):
            rows = np.concatenate([rows, arrived])
            directions = np.concatenate([directions, self._directions(arrived)])
        usable = self._settled(rows, label) & (rows != item)
        rows, directions = rows[usable], directions[usable]
        similarity = directions @ self._directions(np.array([item]))[0]
        best = np.lexsort((rows, -similarity))[:count]
        return [(int(rows[i]), float(similarity[i])) for i in best]

    def _settled(self, rows: npt.NDArray[np.int64], label: int) -> npt.NDArray[np.bool_]:
        verdicts = self._facts.verdicts[rows]
        open_ = verdicts == VerdictCode.NONE
        doubtful = (open_ & self._suspected[rows]) | (verdicts == VerdictCode.UNSURE)
        settled: npt.NDArray[np.bool_] = (self._labels[rows] == label) & (verdicts != VerdictCode.EXCLUDE) & ~doubtful
        return settled

    def _given(self, label: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Ids and unit embeddings of the items that came with a label."""
        if label not in self._kept:
            rows = np.flatnonzero((self._facts.given == label) & ~self._facts.gold)
            rows = rows[:: max(1, -(-len(rows) // _MOST_ROWS))]
            self._kept[label] = (rows, self._directions(rows))
            while sum(kept[1].size for kept in self._kept.values()) > _KEPT_FLOATS and len(self._kept) > 2:
                self._kept.popitem(last=False)
        self._kept.move_to_end(label)
        return self._kept[label]

    def _directions(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        values = np.asarray(self._embeddings[rows], np.float32)
        unit: npt.NDArray[np.float32] = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
        return unit
