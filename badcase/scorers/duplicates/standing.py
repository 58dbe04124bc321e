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
    def _members(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids (m,) of the items that have a duplicate, and the set (m,) of each, counted from 0."""
        known = np.flatnonzero(self._twins >= 0)
        sizes = np.bincount(self._twins[known], minlength=1)
        items = known[sizes[self._twins[known]] > 1]
        return items, np.unique(self._twins[items], return_inverse=True)[1].reshape(-1).astype(np.int64)

    def take(self, labels: NDArray[np.integer], out: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Go by these labels (n,) from here on, without the items that are `out` (n,).

        Returns:
            Ids of all items of the sets in which something has changed, and of the items that have another label, went out
            or came back.
        """
        changed = np.flatnonzero((self.out != out) | (self.labels != labels))
        if not len(changed):
            return changed, changed
        self.labels[changed], self.out[changed] = labels[changed], out[changed]
        items, sets = self._members
        touched = np.zeros(int(sets.max(initial=0)) + 1, np.bool_)
        touched[sets[np.isin(items, changed)]] = True
        return items[touched[sets]], changed

    def without_excluded(self, sets: Groups, items: NDArray[np.int64]) -> Groups:
        """The sets (t,) of some items, counted from 0; -1 where an item is excluded or its set is unknown."""
        there = (sets[items] >= 0) & ~self.out[items]
        counted = np.full(len(items), -1, np.int64)
        if there.any():
            counted[there] = np.unique(sets[items][there], return_inverse=True)[1].reshape(-1)
        return counted
