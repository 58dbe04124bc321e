"""Whether a share moved between two samples: an exact test, held for many at once."""

from __future__ import annotations

from math import lgamma

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def exact_chance(new: int, of_new: int, old: int, of_old: int) -> float:
    """The chance of a division at least as unlikely as this one where both shares are the same.

    Source: Fisher 1935, "The logic of inductive inference", https://doi.org/10.2307/2342435

    Args:
        new: How many of the first sample are counted.
        of_new: Its size.
        old: How many of the second.
        of_old: Its size.
    """
    both = new + old
    counted = np.arange(max(0, both - of_old), min(both, of_new) + 1)
    logs = _log_ways(of_new, counted) + _log_ways(of_old, both - counted)
    chances = np.exp(logs - logs.max())
    here = chances[new - counted[0]]
    return min(1.0, float(chances[chances <= here * (1 + 1e-7)].sum() / chances.sum()))


def upper_chance(new: int, of_new: int, old: int, of_old: int) -> float:
    """The chance of so many of the first sample or more among all that are counted, where both shares are the same."""
    both = new + old
    counted = np.arange(max(0, both - of_old), min(both, of_new) + 1)
    logs = _log_ways(of_new, counted) + _log_ways(of_old, both - counted)
    chances = np.exp(logs - logs.max())
    return min(1.0, float(chances[counted >= new].sum() / chances.sum()))


def _log_ways(n: int, taken: NDArray[np.int64]) -> Floats:
    """The logarithm of in how many ways so many can be taken of n."""
    first, last = int(taken[0]), int(taken[-1])
    low, high = min(first, last), max(first, last)
    steps = np.log(n - np.arange(low, high, dtype=np.float64)) - np.log(np.arange(low, high, dtype=np.float64) + 1)
    start = lgamma(n + 1) - lgamma(low + 1) - lgamma(n - low + 1)
    ways: Floats = (start + np.concatenate([[0.0], np.cumsum(steps)]))[taken - low]
    return ways


def holm(chances: list[float]) -> list[float]:
    """Chances held for their number, in their order: with nothing to find, one lies below a limit as rarely as the limit says.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure", https://www.jstor.org/stable/4615733
    """
    order = np.argsort(chances, kind="stable")
    held = np.empty(len(chances))
    held[order] = np.minimum(1, np.maximum.accumulate(np.asarray(chances)[order] * np.arange(len(chances), 0, -1)))
    return [float(one) for one in held]
