"""What the items of a list count in: piles, reasons and confusions. All items are looked at once; after that each verdict costs
a look at the items that it touched. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from badcase.groups.confusions import Matrix, confusion_matrix
from badcase.ui.desktop.review.filtering.filters import OF_UNLABELLED, Facts, Filter, ItemRows, Mask, Pile, pile


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items lie on each pile and, on the pile shown, how many each reason speaks for."""

    piles: dict[Pile, int]
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class Confusions:
    """(k, k) how many items are given i (row) and suggested j (column), and how many errors are expected among them."""

    counts: Matrix
    expected: Matrix


class Tally:
    """The counts under one filter; `recount` keeps them those of all items as they stand, whatever was counted before."""

    def __init__(self, facts: Facts, wanted: Filter) -> None:
        self._facts = facts
        self._piles = [queue for queue in Pile if facts.some_unlabelled or queue not in OF_UNLABELLED]
        self._reasons = list(facts.reasons)
        self._any_reason, self._any_pair = replace(wanted, reasons=()), replace(wanted, pairs=())
        masks = self._masks(facts)
        self._numbers = [int(np.count_nonzero(mask)) for mask in masks]
        self._held = [np.packbits(mask) for mask in masks]  # a bit an item: of very many they would be many megabytes
        self._confusions: Confusions | None = None

    def counts(self) -> Counts:
        """How many there are now."""
        piles = dict.fromkeys(Pile, 0) | dict(zip(self._piles, self._numbers[: len(self._piles)], strict=True))
        return Counts(piles, dict(zip(self._reasons, self._numbers[len(self._piles) : -1], strict=True)))

    def confusions(self) -> Confusions:
        """What the items of the pile are given and suggested, whatever pair is chosen; for items with one label. The matrices
        go on counting."""
        if self._confusions is None:
            facts, k, passed = self._facts, len(self._facts.classes), np.flatnonzero(np.unpackbits(self._held[-1]))
            given, suggested, flagged = facts.given[passed], facts.suggested[passed], facts.flagged[passed]
            self._confusions = Confusions(
                confusion_matrix(given, suggested, k), confusion_matrix(given, suggested, k, weight=flagged.astype(np.float32))
            )
        return self._confusions

    def recount(self, items: ItemRows) -> bool:
        """These items, each once, may be counted elsewhere since; False where all have to be counted anew."""
        if list(self._facts.reasons) != self._reasons:  # one speaks that was silent so far
            return False
        bytes_, shifts = items >> 3, (7 - (items & 7)).astype(np.uint8)
        before = [(held[bytes_] >> shifts & 1).view(np.bool_) for held in self._held]
        now = self._masks(self._facts.of(items))
        for place, (was, there) in enumerate(zip(before, now, strict=True)):
            np.bitwise_xor.at(self._held[place], bytes_, (was ^ there).view(np.uint8) << shifts)
            self._numbers[place] += int(np.count_nonzero(there)) - int(np.count_nonzero(was))
        if self._confusions is not None:
            self._move(items, now[-1].astype(np.int8) - before[-1].astype(np.int8))
        return True

    def _masks(self, facts: Facts) -> list[Mask]:
        """Which of some items lie on each pile, which each reason speaks for on the pile shown, and which are of any pair."""
        piles = [pile(queue, facts) for queue in self._piles]
        base = self._any_reason.mask(facts)
        return [*piles, *(base & facts.reasons[name] for name in self._reasons), self._any_pair.mask(facts)]

    def _move(self, items: ItemRows, by: np.ndarray[tuple[int], np.dtype[np.int8]]) -> None:
        """Count items among the confusions (by 1) or no more (by -1)."""
        assert self._confusions is not None
        facts = self._facts
        items, by = items[by != 0], by[by != 0]
        known = (facts.given[items] >= 0) & (facts.suggested[items] >= 0)
        items, by = items[known], by[known]
        cells = facts.given[items], facts.suggested[items]
        np.add.at(self._confusions.counts, cells, by)
        np.add.at(self._confusions.expected, cells, by * facts.flagged[items])
