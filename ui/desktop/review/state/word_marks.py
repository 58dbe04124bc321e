"""Words that speak for a class, from counting in the project's own labelled texts. Honest about itself: these counts
are not what the model saw, they are what a reader can check. No Qt.

Source: log-odds with a flat prior, as in Monroe, Colaresi and Quinn 2008, https://doi.org/10.1093/pan/mpn018
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.distinctive_words import spans

SAMPLE = 20_000
_PRIOR = 0.5
_STRONG = 1.5  # log-odds: more than four times as frequent in one class as in the other
_SURE = 1.6  # log-odds over their standard error: in few texts a word is chance
_MOST = 4


@dataclass(frozen=True, slots=True)
class WordMark:
    """A stretch of a text, start and end in characters, and whether it speaks for the first class asked about."""

    start: int
    end: int
    first: bool
    weight: float


class WordCounts:
    """In how many texts of each class a word occurs. Counted in small steps, so that the window never waits."""

    def __init__(self, text: Callable[[int], str], labels: npt.NDArray[np.integer], usable: npt.NDArray[np.bool_]):
        items = np.flatnonzero(usable)
        self._items = items[:: max(1, -(-len(items) // SAMPLE))]
        self._text, self._labels = text, labels[self._items].copy()
        self._place = {int(item): place for place, item in enumerate(self._items)}
        self._ids: dict[str, int] = {}
        self._pairs: list[int] = []  # word id * classes + class, once a text
        self._k = int(labels.max(initial=0)) + 1
        self._sizes = np.bincount(self._labels, minlength=self._k)
        self._steps = self._count()
        self.ready = False

    def __len__(self) -> int:
        return len(self._items)

    def step(self) -> bool:
        """Count some more texts; False when all are counted."""
        if not self.ready and next(self._steps, None) is None:
            keys, self._counts = np.unique(np.asarray(self._pairs, np.int64), return_counts=True)
            self._keys, self._pairs = keys, []
            self.ready = True
        return not self.ready

    def finish(self) -> None:
        while self.step():
            pass

    def _count(self) -> Iterator[bool]:
        for place, item in enumerate(self._items):
            label = int(self._labels[place])
            for word in {word for word, _start, _end in spans(self._text(int(item)))}:
                self._pairs.append(self._ids.setdefault(word, len(self._ids)) * self._k + label)
            if place % 50 == 49:
                yield True

    def _seen(self, word: str, label: int) -> int:
        key = self._ids.get(word, -1) * self._k + label
        place = int(np.searchsorted(self._keys, key))
        return int(self._counts[place]) if place < len(self._keys) and self._keys[place] == key else 0

    def marks(self, item: int, first: int, second: int) -> list[WordMark]:
        """The few stretches of an item's text that speak clearly for one of two classes over the other.

        The item's own label is left out of the counts, so a text never speaks for itself. Empty until `ready`, and where one
        of them is none.
        """
        if not self.ready or first == second or not 0 <= min(first, second) <= max(first, second) < self._k:
            return []
        own = int(self._labels[self._place[item]]) if item in self._place else -1
        weighed = [(word, start, end, self._log_odds(word, first, second, own)) for word, start, end in spans(self._text(item))]
        strong = sorted((one for one in weighed if abs(one[3]) >= _STRONG), key=lambda one: (-abs(one[3]), one[1]))
        words: dict[bool, set[str]] = {True: set(), False: set()}
        chosen = []
        for word, start, end, weight in strong:
            kept = words[weight > 0]
            if word in kept or len(kept) < _MOST:
                kept.add(word)
                chosen.append(WordMark(start, end, weight > 0, abs(weight)))
        return _joined(sorted(chosen, key=lambda mark: mark.start))

    def _log_odds(self, word: str, first: int, second: int, own: int) -> float:
        seen = [self._seen(word, label) - (label == own) for label in (first, second)]
        size = [int(self._sizes[label]) - (label == own) for label in (first, second)]
        a, b = ((n + _PRIOR) / (total + 2 * _PRIOR) for n, total in zip(seen, size, strict=True))
        weight = float(np.log(a / b))
        error = float(np.sqrt(sum(1 / (n + _PRIOR) for n in seen)))
        return weight if abs(weight) / error >= _SURE else 0.0


def _joined(marks: list[WordMark]) -> list[WordMark]:
    """Touching stretches of one side as one; where sides overlap the stronger wins."""
    joined: list[WordMark] = []
    for mark in marks:
        last = joined[-1] if joined else None
        if last is None or mark.start > last.end or (mark.start == last.end and mark.first != last.first):
            joined.append(mark)
        elif mark.first == last.first:
            joined[-1] = WordMark(last.start, max(last.end, mark.end), last.first, max(last.weight, mark.weight))
        elif mark.weight > last.weight:
            joined[-1] = mark
    return joined
