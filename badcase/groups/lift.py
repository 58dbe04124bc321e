"""Statistics of a group's error rate: an interval, a tail that holds for small groups, and control over many looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_Z = 1.6449  # both ends of a 90 % interval


def wilson(errors: Floats | float, count: Floats | float) -> tuple[Floats, Floats]:
    """The 90 % interval of a rate, both ends.

    Source: Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953

    Args:
        errors: How many are wrong; may be a sum of chances, which varies less than a count does.
        count: Of how many.
    """
    n = np.maximum(np.asarray(count, np.float64), 1e-9)
    rate = np.asarray(errors, np.float64) / n
    middle = rate + _Z**2 / (2 * n)
    reach = _Z * np.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    share = 1 + _Z**2 / n
    return np.clip((middle - reach) / share, 0, 1), np.clip((middle + reach) / share, 0, 1)


def tail(total: Floats, count: Floats, mean: Floats | float, variance: Floats | float) -> Floats:
    """An upper bound on the chance that values drawn without putting back sum to `total` or more.

    A bound, not an approximation: it holds for small groups, rare errors and fractional values, where a normal tail
    promises too much. Source: Hoeffding 1963, theorems 3 and 4, https://doi.org/10.1080/01621459.1963.10500830

    Args:
        total: What they sum to.
        count: How many values are drawn.
        mean: Of the values, which lie in [0, 1].
        variance: Of the values.
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
    """Which of many looks to take for real, so that at most a given share of these is chance, on average.

    Source: Benjamini and Hochberg 1995, https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Args:
        chances: (m,) for each look, the chance of seeing as much in nothing.
        false_share: The share.
    """
    m = len(chances)
    if m == 0:
        return np.zeros(0, np.bool_)
    ordered = np.sort(chances)
    passed = np.flatnonzero(ordered <= false_share * np.arange(1, m + 1) / m)
    return chances <= (ordered[passed[-1]] if len(passed) else -1.0)
