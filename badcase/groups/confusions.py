"""Which class is written where another is meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Labels


@dataclass(frozen=True, slots=True)
class Pair:
    """Items given one class and suggested another: how many, and how many errors are expected among them."""

    given: int
    suggested: int
    count: int
    expected: float


def confusion_matrix(
    given: Labels, suggested: Labels, k: int, *, weight: NDArray[np.floating] | None = None
) -> NDArray[np.float64]:
    """How many items are given the row's class and suggested the column's, or the sum of their weights: (k, k).

    Items with no suggestion (-1) are left out.
    """
    known = np.flatnonzero((given >= 0) & (suggested >= 0))
    cells = given[known].astype(np.int64) * k + suggested[known]
    weights = None if weight is None else np.nan_to_num(weight[known])
    return np.bincount(cells, weights=weights, minlength=k * k).reshape(k, k).astype(np.float64)


def confusion_pairs(given: Labels, suggested: Labels, weight: NDArray[np.floating]) -> list[Pair]:
    """All pairs of different classes that occur, most expected errors first, ties by class.

    weight (n,): what one item counts as an error: 0 or 1 of `flagged`, or a chance.
    """
    k = int(max(given.max(initial=0), suggested.max(initial=0))) + 1
    counts = confusion_matrix(given, suggested, k)
    expected = confusion_matrix(given, suggested, k, weight=weight)
    rows, columns = np.nonzero(counts * (1 - np.eye(k)))
    pairs = [Pair(int(a), int(b), int(counts[a, b]), float(expected[a, b])) for a, b in zip(rows, columns, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair.expected, -pair.count, pair.given, pair.suggested))
