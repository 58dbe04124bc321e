"""Slices where errors gather: values of the columns, alone or two together, whose items are wrong more often than the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from badcase.groups.columns import ItemColumn
from badcase.groups.lift import discoveries, tail, wilson

MIN_SUPPORT = 20
FALSE_SHARE = 0.1  # of the slices found, what may be chance; as in the 90 % intervals
_MOST = 50
_SAME = 0.9  # slices that share more of their items than this are one slice under two names


@dataclass(frozen=True, slots=True)
class Slice:
    """Items that share one or two values: how many, their errors, the rate with its 90 % interval.

    `lift` is the rate over that of all items, `sure_lift` the same from the lower end of the interval.
    """

    conditions: tuple[tuple[str, str], ...]
    items: NDArray[np.int64]
    count: int
    errors: float
    rate: float
    low: float
    high: float
    lift: float
    sure_lift: float


@dataclass(frozen=True, slots=True)
class _Looks:
    """Slices of one or two columns at once, as arrays of one entry a slice."""

    columns: tuple[int, ...]
    codes: NDArray[np.int64]  # (m, 1 or 2)
    count: NDArray[np.float64]
    total: NDArray[np.float64]
    chance: NDArray[np.float64]  # of as many errors if the slice meant nothing beyond its parts


def slices(
    columns: Sequence[ItemColumn],
    errors: NDArray[np.floating],
    *,
    min_support: int = MIN_SUPPORT,
    false_share: float = FALSE_SHARE,
    most: int = _MOST,
) -> list[Slice]:
    """The slices whose error rate stands out, the surest lift first.

    Every value of every column is looked at and every two values of two columns. A pair of values must be worse than all
    items and than each of its two values alone, so a child that only inherits its rate is none. The control over false
    finds holds however many columns there are.

    The lattice of slices and the control over many looks: SliceFinder, Chung et al. 2019,
    https://arxiv.org/abs/1807.06068; the tests are in `lift`.

    Args:
        columns: What is known of the items.
        errors: (n,) in [0, 1]: chances that a label is wrong, or 0 and 1 of wrong predictions; NaN takes no part.
        min_support: The fewest items of a slice.
        false_share: The share of what is returned that may be chance, on average.
        most: How many slices to return at most.
    """
    part = np.flatnonzero(np.isfinite(errors))
    values = np.clip(errors[part].astype(np.float64), 0, 1)
    if not len(part) or not values.sum():
        return []
    codes = [column.codes[part] + 1 for column in columns]  # 0 = not known
    looks = list(_looks(columns, codes, values, min_support))
    if not looks:
        return []
    believed = discoveries(np.concatenate([look.chance for look in looks]), false_share)
    overall, found, start = float(values.mean()), [], 0
    for look in looks:
        for at in np.flatnonzero(believed[start : start + len(look.count)]):
            found.append((look, int(at)))
        start += len(look.count)
    lows = [float(wilson(look.total[at], look.count[at])[0]) for look, at in found]
    ranked = sorted(range(len(found)), key=lambda i: (-lows[i], len(found[i][0].columns), i))
    return _distinct((found[i] for i in ranked), columns, codes, part, overall, most)


def _looks(
    columns: Sequence[ItemColumn], codes: list[NDArray[np.int64]], values: NDArray[np.float64], support: int
) -> Iterator[_Looks]:
    """Every single value, then every two together. The chances are against all items and, for two, each alone."""
    alone = []
    mean, variance = float(values.mean()), float(values.var())
    for at, column in enumerate(columns):
        width = len(column.values) + 1
        count = np.bincount(codes[at], minlength=width).astype(np.float64)
        total = np.bincount(codes[at], weights=values, minlength=width).astype(np.float64)
        squares = np.bincount(codes[at], weights=values**2, minlength=width)
        means = total / np.maximum(count, 1)
        alone.append((count, means, np.maximum(squares / np.maximum(count, 1) - means**2, 0)))
        kept = np.flatnonzero(count >= support)
        kept = kept[kept > 0]
        yield _Looks((at,), kept[:, None], count[kept], total[kept], tail(total[kept], count[kept], mean, variance))
    for first, second in combinations(range(len(columns)), 2):
        width = len(columns[second].values) + 1
        cells = codes[first] * width + codes[second]
        size = (len(columns[first].values) + 1) * width
        count = np.bincount(cells, minlength=size).astype(np.float64)
        left, right = np.divmod(np.arange(size), width)
        whole = (count >= alone[first][0][left]) | (count >= alone[second][0][right])  # no smaller than a part
        kept = np.flatnonzero((count >= support) & (left > 0) & (right > 0) & ~whole)
        count, total = count[kept], np.bincount(cells, weights=values, minlength=size).astype(np.float64)[kept]
        chance = tail(total, count, mean, variance)
        for parent, code in ((first, left[kept]), (second, right[kept])):
            chance = np.maximum(chance, tail(total, count, alone[parent][1][code], alone[parent][2][code]))
        yield _Looks((first, second), np.stack([left[kept], right[kept]], 1), count, total, chance)


def _distinct(
    ranked: Iterator[tuple[_Looks, int]],
    columns: Sequence[ItemColumn],
    codes: list[NDArray[np.int64]],
    part: NDArray[np.int64],
    overall: float,
    most: int,
) -> list[Slice]:
    """The first `most`, without those that hold the same items as a better one."""
    made: list[Slice] = []
    masks: list[NDArray[np.bool_]] = []
    for look, at in ranked:
        mask = np.ones(len(part), np.bool_)
        for column, code in zip(look.columns, look.codes[at], strict=True):
            mask &= codes[column] == code
        if any((mask & other).sum() > _SAME * (mask | other).sum() for other in masks):
            continue
        conditions = zip(look.columns, look.codes[at], strict=True)
        names = tuple((columns[column].name, columns[column].values[code - 1]) for column, code in conditions)
        made.append(_slice(names, part[mask], float(look.total[at]), overall))
        masks.append(mask)
        if len(made) == most:
            break
    return made


def _slice(names: tuple[tuple[str, str], ...], items: NDArray[np.int64], total: float, overall: float) -> Slice:
    low, high = (float(end) for end in wilson(total, len(items)))
    rate = total / len(items)
    return Slice(names, items, len(items), total, rate, low, high, rate / overall, low / overall)
