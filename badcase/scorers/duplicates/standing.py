"""What stands of the items that are duplicates of each other: their labels now, and which of them are out of the data.

A ranking says what the given labels were; duplicates that disagreed then may agree since, or be alone.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Groups, Labels, Suspicion


class Standing:
    """Labels and exclusions of all items, as of the last `take`; until then the labels that were ranked."""

    def __init__(self, labels: Labels, twins: Groups, alike: Suspicion | None = None) -> None:
        """Begin with labels (n,) of which none is excluded.

        Args:
            labels: The labels that were ranked.
            twins: (n,) the sets of duplicates, negative = unknown.
            alike: (n,) what was said of look-alikes at the ranking, while none was excluded.
        """
        self._twins, self.alike = twins, alike
        self.turns: list[NDArray[np.int64]] = []  # the items whose reasons each change touched
        self.labels = np.array(labels, np.int64)
        self.out = np.zeros(len(labels), np.bool_)

    @cached_property
    def _members(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Of the items that have a duplicate the ids (m,), set by set, the set of each (m,), and the ids (m,) ascending."""
        known = np.flatnonzero(self._twins >= 0)
        sizes = np.bincount(self._twins[known], minlength=1)
        items = known[sizes[self._twins[known]] > 1]
        by_set = items[np.argsort(self._twins[items], kind="stable")]
        return by_set, self._twins[by_set], items

    def _together(self, changed: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ids, ascending, of all items of the sets that some items (ascending) are of."""
        by_set, sets, items = self._members
        some = np.unique(self._twins[changed[np.isin(changed, items, assume_unique=True)]])
        starts, ends = np.searchsorted(sets, some), np.searchsorted(sets, some, side="right")
        places = np.arange((ends - starts).sum()) + np.repeat(starts - np.cumsum(ends - starts) + (ends - starts), ends - starts)
        return np.sort(by_set[places])

    def take(
        self, labels: NDArray[np.integer], out: NDArray[np.bool_], items: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Go by these labels (n,) from here on, without the items that are `out` (n,).

        Args:
            labels: Class ids.
            out: The items that are not in the data.
            items: What the two (m,) are of, ascending, where nothing else is other; None for all.

        Returns:
            Ids of all items of the sets in which something has changed, and of the items that have another label, went out
            or came back.
        """
        rows = slice(None) if items is None else items
        changed = np.flatnonzero((self.out[rows] != out) | (self.labels[rows] != labels))
        if not len(changed):
            return changed, changed
        ids = changed if items is None else items[changed]
        self.labels[ids], self.out[ids] = labels[changed], out[changed]
        return self._together(ids), ids

    def without_excluded(self, sets: Groups, items: NDArray[np.int64]) -> Groups:
        """The sets (t,) of some items, counted from 0; -1 where an item is excluded or its set is unknown."""
        there = (sets[items] >= 0) & ~self.out[items]
        counted = np.full(len(items), -1, np.int64)
        if there.any():
            counted[there] = np.unique(sets[items][there], return_inverse=True)[1].reshape(-1)
        return counted
