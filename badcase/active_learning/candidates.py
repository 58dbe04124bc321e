"""The candidates that a learner rates after each verdict: all items, or the head of a long queue and a sample of the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.learner_features import ItemRows, LearnerFeatures
from badcase.active_learning.neighbour_effects import NeighbourEffects
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel.learner_features import MultilabelLearnerFeatures
from badcase.ranking.multilabel.ranking import MultilabelRanking

# Up to so many items all are looked at; of more, the head of the queue, as far as so many of it are open, and an even sample
# of the rest, so that a verdict costs the same at any size and after any number of verdicts.
_ALL, _HEAD, _SAMPLE = 50_000, 25_000, 15_000


class Candidates:
    """The items that a learner rates, a row each, with the features that it learns from.

    Attributes:
        items: (rows,) ids, ascending until some are added.
        weights: (rows,) how many items each row stands for.
        columns: (rows, columns) the features.
        groups: Three arrays (rows,): ids of the (given, other) pair, the given and the other class.
        sizes: How many ids each of the three has.
        effects_near: The effects of verdicts on similar items.
    """

    def __init__(self, ranking: AnyRanking, judged: NDArray[np.bool_] | None = None) -> None:
        """Choose the candidates from a ranking.

        Args:
            ranking: The ranking.
            judged: (n,) the items with a verdict; None for none.
        """
        order = np.asarray(ranking.order, np.int64)
        self.head = len(order)
        self.items, self.weights = np.sort(order), np.ones(len(order))
        if len(order) > _ALL:
            self.head = _HEAD if judged is None else _reach(judged[order])
            tail = order[self.head :]
            sample = tail[:: max(1, len(tail) // _SAMPLE)]
            items = np.concatenate([order[: self.head], sample])
            weights = np.ones(len(items))
            weights[self.head :] = len(tail) / max(1, len(sample))
            places = np.argsort(items)
            self.items, self.weights = items[places], weights[places]
        if isinstance(ranking, MultilabelRanking):
            self._evidence: LearnerFeatures | MultilabelLearnerFeatures = MultilabelLearnerFeatures(ranking, self.items)
        else:
            self._evidence = LearnerFeatures(ranking, self.items)
        self._k = self._evidence.kinds
        self.columns = self._evidence.of_sample
        self.effects_near = NeighbourEffects(ranking, self.items)
        self._row_of = np.full(len(ranking.labels), -1, np.int32)
        self._row_of[self.items] = np.arange(len(self.items))
        pairs = self._pair_of(self.items)
        self._pairs = np.unique(pairs)
        self.groups = self._groups_of(pairs)
        self.sizes = [len(self._pairs) + 1, self._k, self._k]

    def rows_of(self, items: ItemRows) -> ItemRows:
        """The rows of items. An item without a row gets one of weight 0, since the sample stands for it already."""
        missing = items[self._row_of[items] < 0]
        if len(missing):
            self._row_of[missing] = np.arange(len(self.items), len(self.items) + len(missing))
            self.items = np.concatenate([self.items, missing])
            self.weights = np.concatenate([self.weights, np.zeros(len(missing))])
            self.columns = np.concatenate([self.columns, self._evidence.of(missing)])
            self.effects_near.add(missing)
            added = self._groups_of(self._pair_of(missing))
            self.groups = [np.concatenate(both) for both in zip(self.groups, added, strict=True)]
        return self._row_of[items].astype(np.int64)

    def spent(self, judged: NDArray[np.bool_], order: ItemRows) -> bool:
        """Whether so much of the head of a long queue has a verdict (n,) that more of it is to be looked at."""
        return self.head < len(order) and int(np.count_nonzero(judged[order[: self.head]])) > self.head - _HEAD // 2

    def _pair_of(self, items: ItemRows) -> ItemRows:
        pairs: ItemRows = self._evidence.given(items) * self._k + self._evidence.alternative(items)
        return pairs

    def _groups_of(self, pairs: ItemRows) -> list[NDArray[np.int64]]:
        """Ids of the (given, other) pair, the given and the other class; a pair that is new in an added row is none."""
        places = np.searchsorted(self._pairs, pairs)
        known = self._pairs[np.minimum(places, len(self._pairs) - 1)] == pairs
        return [np.where(known, places, len(self._pairs)), pairs // self._k, pairs % self._k]


def _reach(judged: NDArray[np.bool_]) -> int:
    """How far a head of _HEAD items without a verdict reaches; judged: (n,) in the order of the queue."""
    waiting = np.flatnonzero(~judged)
    return int(waiting[_HEAD - 1]) + 1 if len(waiting) > _HEAD else len(judged)
