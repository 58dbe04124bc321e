"""What passes the filter, and what passes all of it but one condition, counted fast at a million items. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from badcase.ui.desktop.review.filtering.filters import Facts, Filter

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


class SomeItems:
    """Some of the items, told by those that are among them or by those that are not, whichever are fewer."""

    def __init__(self, mask: Mask) -> None:
        self.mask, self.count = mask, int(np.count_nonzero(mask))
        self.left_out = 2 * self.count > len(mask)
        self.places = np.flatnonzero(~mask if self.left_out else mask)


class Passing:
    """What passes a filter, and beside each of its conditions what passes the others."""

    def __init__(self, shown: Filter, facts: Facts) -> None:
        self._ground, self._parts = shown.ground(facts), shown.conditions(facts)
        self._failed = np.zeros(facts.n, np.uint8)
        for part in self._parts.values():
            self._failed += ~part
        self.whole = SomeItems(self._ground & (self._failed == 0))

    def beside(self, *names: str) -> SomeItems:
        """What passes whatever these conditions say."""
        own = [self._parts[name] for name in names if name in self._parts]
        if not own:
            return self.whole
        failed = self._failed.copy()
        for part in own:
            failed -= ~part
        return SomeItems(self._ground & (failed == 0))


class Counted:
    """Of which of some steps or kinds each item (n,) is, -1 for none."""

    def __init__(self, of: npt.NDArray[np.integer], kinds: int) -> None:
        self._kinds = kinds
        self._of = np.where(of < 0, kinds, of).astype(np.min_scalar_type(kinds))  # as narrow as it can be: it is read at once
        self.whole = self._count(self._of)

    def _count(self, of: npt.NDArray[np.integer]) -> Counts:
        return np.bincount(of, minlength=self._kinds + 1)[: self._kinds]

    def among(self, chosen: SomeItems) -> Counts:
        """(kinds,) how many of the chosen items are of each."""
        counts = self._count(self._of[chosen.places])
        return self.whole - counts if chosen.left_out else counts


class CountedMasks:
    """The same where an item may be of several kinds: a mask (n,) for each."""

    def __init__(self, masks: Sequence[Mask]) -> None:
        self._masks = masks
        self.whole = np.array([np.count_nonzero(one) for one in masks], np.int64)

    def among(self, chosen: SomeItems) -> Counts:
        counts = np.array([np.count_nonzero(one[chosen.places]) for one in self._masks], np.int64)
        return self.whole - counts if chosen.left_out else counts
