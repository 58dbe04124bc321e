"""Confusions: which class is written where another is meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Suspicion

Classes = NDArray[np.integer]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Items given one class and suggested another: how many, and how many errors are expected among them."""

    given: int
    suggested: int
    count: int
    expected: float


def confusion_matrix(given: Classes, suggested: Classes, k: int, *, weight: NDArray[np.floating] | None = None) -> Matrix:
    """How many items are given the row's class and suggested the column's (k, k), or the sum of their weights.

    Args:
        given: (n,) given classes.
        suggested: (n,) suggested classes; items with none (-1) are left out.
        k: How many classes there are.
        weight: (n,) what each item counts; NaN counts nothing.
    """
    cells = given.astype(np.int64) * k + suggested
    known = (given >= 0) & (suggested >= 0)
    if not known.all():
        cells, weight = cells[known], None if weight is None else weight[known]
    weights = None if weight is None else np.nan_to_num(weight)
    return np.bincount(cells, weights=weights, minlength=k * k).reshape(k, k).astype(np.float64)


def confusion_pairs(counts: Matrix, expected: Matrix, most: int | None = None) -> list[Pair]:
    """The pairs of different classes that occur: most expected errors first, ties by count, class.

    Args:
        counts: (k, k) confusion matrix of the items.
        expected: (k, k) confusion matrix weighted by the chances that their labels are wrong.
        most: How many pairs to return; None for all.
    """
    off = counts.copy()
    np.fill_diagonal(off, 0)
    rows, columns = np.nonzero(off)
    order = np.lexsort((columns, rows, -counts[rows, columns], -expected[rows, columns]))[:most]
    pairs = zip(rows[order].tolist(), columns[order].tolist(), strict=True)
    return [Pair(a, b, int(counts[a, b]), float(expected[a, b])) for a, b in pairs]


def sweep(
    given: Classes, suggested: Classes, suspicion: Suspicion, given_class: int, suggested_class: int | None = None
) -> NDArray[np.int64]:
    """All items of one given class, or of one pair, to go through at one go: the obvious errors first, the obviously
    right last, at the end those with no suspicion (NaN); ties by item id."""
    chosen = given == given_class
    if suggested_class is not None:
        chosen = chosen & (suggested == suggested_class)
    items = np.flatnonzero(chosen)
    return items[np.argsort(-suspicion[items], kind="stable")]  # NaN sorts last


def alike_order(counts: Matrix) -> list[int]:
    """The classes (k,) in an order that puts those together that are taken for each other.

    Chains of classes are joined end to end, the pair with the largest share of confusions first; ties by class.

    Args:
        counts: (k, k) confusion matrix of the items.
    """
    k = len(counts)
    sizes = np.sqrt(np.maximum(counts.sum(1), 1.0))
    shares = np.triu((counts + counts.T) / np.outer(sizes, sizes), 1)
    rows, columns = np.nonzero(shares)
    chains = {one: [one] for one in range(k)}  # by each of their ends
    for place in np.lexsort((columns, rows, -shares[rows, columns])).tolist():
        a, b = int(rows[place]), int(columns[place])
        first, second = chains.get(a), chains.get(b)
        if first is None or second is None or first is second:
            continue  # one lies within a chain, or both are the ends of one
        joined = (first if first[-1] == a else first[::-1]) + (second if second[0] == b else second[::-1])
        for end in {first[0], first[-1], second[0], second[-1]}:
            del chains[end]
        chains[joined[0]] = chains[joined[-1]] = joined
    seen: dict[int, None] = {}
    for end in sorted(chains):
        seen.update(dict.fromkeys(chains[end] if chains[end][0] == end else chains[end][::-1]))
    return list(seen)
