"""Names of groups: what their items share, in words that a person can check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels
from badcase.distinctive_words import telling, text_counts
from badcase.groups.columns import ItemColumn
from badcase.groups.lift import tail
from badcase.i18n import _

_HALF = 0.5  # of a group must share what names it
_CHANCE = 0.001  # of a value being as frequent in nothing, over all the values looked at
_WORDS = 3
_SAMPLE = 10_000  # texts that the others' words are counted in
Items = NDArray[np.int64]


def shared_classes(items: Items, given: Labels, suggested: Labels, names: Sequence[str]) -> str:
    """The confusion of at least half of the items, else the class that half are given or suggested, else ""."""
    a, b = given[items].tolist(), suggested[items].tolist()
    (pair, hits) = _commonest(list(zip(a, b, strict=True)))
    if hits >= _HALF * len(items):
        return f"{names[pair[0]]} → {names[pair[1]]}"
    (one, given_hits), (other, hits) = _commonest(a), _commonest(b)
    if max(given_hits, hits) < _HALF * len(items):
        return ""
    if given_hits >= hits:
        return _("{given} → any class").format(given=names[one])
    return _("any class → {suggested}").format(suggested=names[other])


def _commonest(values: list) -> tuple:  # type: ignore[type-arg]
    counts = Counter(values)
    best = min(counts, key=lambda value: (-counts[value], value))
    return best, counts[best]


def shared_value(items: Items, among: Items, columns: Sequence[ItemColumn]) -> tuple[str, str] | None:
    """The column and value that at least half of the items have and that is most out of proportion among all.

    Args:
        items: The items of the group.
        among: The items to compare with, the group's own in them.
        columns: What is known of the items.

    Returns:
        The column and the value; None where nothing is beyond chance.
    """
    best: tuple[float, float, str, str] | None = None
    looks = sum(len(column.values) for column in columns)
    for column in columns:
        inside = np.bincount(column.codes[items] + 1, minlength=len(column.values) + 1)[1:]
        share = np.bincount(column.codes[among] + 1, minlength=len(column.values) + 1)[1:] / len(among)
        count = np.full(len(inside), float(len(items)))
        chance = tail(inside.astype(np.float64), count, share, share * (1 - share)) * looks
        for code in np.flatnonzero((inside >= _HALF * len(items)) & (chance <= _CHANCE)):
            found = float(chance[code]), -inside[code] / len(items), column.name, column.values[code]
            best = found if best is None else min(best, found)
    return None if best is None else best[2:]


class Vocabulary:
    """The words of all texts, counted once for the groups that are told from them."""

    def __init__(self, texts: Sequence[str], among: Items) -> None:
        """Counts at most 10,000 texts, evenly taken."""
        self._texts = texts
        self._sampled = among[:: max(1, -(-len(among) // _SAMPLE))]
        self._counts = text_counts(texts[int(i)] for i in self._sampled)

    def words(self, items: Items) -> list[str]:
        """The words that tell these items from the others, the surest first."""
        inside = text_counts(self._texts[int(i)] for i in items)
        own = np.intersect1d(items, self._sampled)
        outside = self._counts - text_counts(self._texts[int(i)] for i in own)
        return telling(inside, len(items), outside, len(self._sampled) - len(own), _WORDS)
