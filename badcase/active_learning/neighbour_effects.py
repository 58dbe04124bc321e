"""Neighbour effects: what a verdict says of similar items. An error makes those of the same given class more suspect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel.ranking import MultilabelRanking

ItemRows = NDArray[np.int64]
Floats = NDArray[np.float64]

_ALL = slice(None)
_VARIANCE = 0.5  # prior, of what an item's surroundings add to the log odds; 0.3 to 1 and 10 to 50 neighbours gained alike


class NeighbourEffects:
    """The ten most similar items of each row, those with the same given class: people err alike where items are alike.

    Where nothing is known of neighbours, or an item may have any number of labels, nothing is said.
    """

    def __init__(self, ranking: AnyRanking, items: ItemRows) -> None:
        self._ranking, self._n = ranking, len(ranking.labels)
        self._shown = np.zeros(self._n + 1, np.complex128)
        self._near = self._of(items)  # (rows, 10); what is of another class or missing is item n
        # The rows that each item is a neighbour of, by item; those that are added later are few, and looked at always.
        self._indexed, of_each = len(items), self._near.reshape(-1)
        by_item = np.argsort(of_each, kind="stable")
        self._items, self._rows = of_each[by_item], (by_item // max(1, self._near.shape[1])).astype(np.int32)

    def add(self, items: ItemRows) -> None:
        """Look at these items too, in further rows."""
        self._near = np.concatenate([self._near, self._of(items)])

    def _of(self, items: ItemRows) -> NDArray[np.int32]:
        """(rows, 10) the neighbours of these items, (rows, 0) where none are known."""
        if isinstance(self._ranking, MultilabelRanking) or self._ranking.evidence.near_items is None:
            return np.empty((len(items), 0), np.int32)
        near, labels = np.asarray(self._ranking.evidence.near_items[items], np.int32), self._ranking.labels
        return np.where((near >= 0) & (labels[near] == labels[items][:, None]), near, np.int32(self._n))

    def effects(self, items: ItemRows, wrong: Floats, p: Floats, rows: ItemRows | slice = _ALL) -> Floats:
        """Log odds that the verdicts on its neighbours add to each row, or to each of some `rows`.

        One Newton step of the logistic model that gives each row an offset of its own, drawn from a normal distribution
        and learnt from the verdicts on the items around, never from that on itself. Source: local likelihood, Tibshirani
        and Hastie 1987, https://doi.org/10.1080/01621459.1987.10478466

        Args:
            items: (t,) ids of the judged items.
            wrong: (t,) 0 or 1.
            p: (t,) the probability so far that each is wrong.

        Returns:
            (rows,) sum(wrong - p) / (sum(p (1 - p)) + 1 / variance) over the judged neighbours, 0 where there are none.
        """
        # Residual and information of each item as one complex number, so that both are fetched at once; 0 for those without
        # a verdict and for the item n that stands for none. An array of all items that is all 0 between two verdicts.
        effects, near_some = np.zeros(len(self._near)), self._beside(items)
        self._shown[items] = wrong - p + 1j * p * (1 - p)
        around = self._shown[self._near[near_some]].sum(1)
        self._shown[items] = 0
        effects[near_some] = around.real / (around.imag + 1 / _VARIANCE)
        return effects[rows]

    def _beside(self, items: ItemRows) -> ItemRows:
        """The rows that one of these items is a neighbour of, ascending, and those that were added."""
        starts, ends = (np.searchsorted(self._items, items, side=side) for side in ("left", "right"))
        sizes = ends - starts
        places = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        beside = np.zeros(len(self._near), np.bool_)
        beside[self._rows[places]] = beside[self._indexed :] = True
        return np.flatnonzero(beside)
