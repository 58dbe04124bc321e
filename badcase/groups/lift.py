"""Is a group worse than chance: an interval, a tail that holds for small groups, and control over many looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_Z = 1.6449  # both ends of a 90 % interval


def wilson(errors: Floats | float, count: Floats | float) -> tuple[Floats, Floats]:
    """The 90 % interval of a rate, both ends; errors may be a sum of chances, which varies less than a count does.

    Source: Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953
    """
    n = np.maximum(np.asarray(count, np.float64), 1e-9)
    rate = np.asarray(errors, np.float64) / n
    middle = rate + _Z**2 / (2 * n)
    reach = _Z * np.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    share = 1 + _Z**2 / n
    return np.clip((middle - reach) / share, 0, 1), np.clip((middle + reach) / share, 0, 1)


def tail(total: Floats, count: Floats, mean: Floats | float, variance: Floats | float) -> Floats:
    """The most that the chance can be of `count` values summing to `total` or more, drawn without putting back from
    values in [0, 1] of this mean and variance.

    A bound, not an approximation: it holds for small groups, rare errors and fractional values, where a normal tail
    promises too much. Source: Hoeffding 1963, theorems 3 and 4, https://doi.org/10.1080/01621459.1963.10500830
    """
    room = 1 - np.asarray(mean, np.float64)  # how far a value can lie above the mean
    spread = np.maximum(variance, 1e-12)
    excess = np.clip(total / np.maximum(count, 1e-9) - mean, 0, room)
    scale = np.maximum(room**2 + spread, 1e-12)
    under, seen = spread / scale, np.clip((room * excess + spread) / scale, 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.where(seen > 0, seen * np.log(seen / under), 0)
        low = np.where(seen < 1, (1 - seen) * np.log((1 - seen) / (1 - under)), 0)
    return np.where(excess > 0, np.exp(-count * np.maximum(high + low, 0)), 1.0)


def discoveries(chances: Floats, false_share: float) -> NDArray[np.bool_]:
    """Which of many looks to believe, so that at most this share of the believed is chance, on average.

    chances (m,): for each look, the chance of seeing as much in nothing. Source: Benjamini and Hochberg 1995,
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    """
    m = len(chances)
    if m == 0:
        return np.zeros(0, np.bool_)
    ordered = np.sort(chances)
    passed = np.flatnonzero(ordered <= false_share * np.arange(1, m + 1) / m)
    return chances <= (ordered[passed[-1]] if len(passed) else -1.0)
