"""One test makes the decision, its p and its interval: McNemar's in its mid-p form. numpy only.

Of items on which two models differ, some are fixed and some broken; where neither model is better, each is a fair coin.
Exact tests of so few coins keep far fewer false alarms than they promise, and find less; the mid-p form keeps close to what
it promises. Sources: McNemar 1947, https://doi.org/10.1007/BF02295996; Fagerland, Lydersen & Laake 2013,
https://doi.org/10.1186/1471-2288-13-91
"""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

BELIEF = 0.95
SURE, NEAR = 0.05, 0.10  # a p below SURE decides; one between them is told as "perhaps"
_Z = 1.959963984540054  # two-sided, at BELIEF
_STEPS = 50  # of bisection: the ends are as exact as floats are


class ComparisonOutcome(StrEnum):
    """What a comparison comes to; sentences, colors and buttons all follow it."""

    BETTER = "better"
    PERHAPS_BETTER = "perhaps better"
    NO_DIFFERENCE = "no difference"
    PERHAPS_WORSE = "perhaps worse"
    WORSE = "worse"
    WITHIN_SEEDS = "within seeds"


def decide(difference: float, p: float, *, seeds_explain: bool = False) -> ComparisonOutcome:
    """The one rule by which runs and heads are called better or worse.

    Args:
        difference: Of the measure that decides, after less before.
        p: Two-sided, of the test whose interval is shown beside it: below SURE just where that leaves out zero.
        seeds_explain: Other seeds of both recipes differ as much.
    """
    if p < SURE and difference:
        if seeds_explain:
            return ComparisonOutcome.WITHIN_SEEDS
        return ComparisonOutcome.BETTER if difference > 0 else ComparisonOutcome.WORSE
    if p < NEAR and difference:
        return ComparisonOutcome.PERHAPS_BETTER if difference > 0 else ComparisonOutcome.PERHAPS_WORSE
    return ComparisonOutcome.NO_DIFFERENCE


def mid_p(fixed: int, broke: int) -> float:
    """Two-sided p that items flip one way as readily as the other; 1 where none does."""
    return min(1.0, 2 * _upper_tail(max(fixed, broke), fixed + broke, 0.5))


def interval(fixed: int, broke: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a difference of accuracy over n items; it leaves out zero just where `mid_p` is below 5 %.

    The test turned round gives the share of fixed among those that flip; Wilson's interval tells how many flip. Where the
    share decides, the two are joined on a logarithmic scale, which has zero at its far end, else by the sum of their squares.
    Sources: Clopper & Pearson 1934; Wilson 1927; Zou & Donner 2008, https://doi.org/10.1002/sim.3095
    """
    high = _upper_end(fixed, broke, n)
    return -_upper_end(broke, fixed, n), high


def unseen(n: int) -> float:
    """The largest share that may hide where none of n items showed it: the upper end of Wilson's 95 % interval."""
    return _wilson(0, n)[1]


def share_interval(x: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of which x of n were seen."""
    return _wilson(x, n)


def _upper_end(fixed: int, broke: int, n: int) -> float:
    flips = fixed + broke
    if not flips:
        return unseen(n)
    rate, surplus = flips / n, (fixed - broke) / flips
    low_rate, high_rate = _wilson(flips, n)
    end = 1 - 2 * _lowest_share(broke, flips)  # of the surplus, from -1 to 1
    if surplus >= 0:
        return min(1.0, rate * surplus + math.hypot(rate * (end - surplus), surplus * (high_rate - rate)))
    if end >= 0:
        return rate * end
    return rate * surplus * math.exp(-math.hypot(math.log(surplus / end), math.log(rate / low_rate)))


@lru_cache(maxsize=4096)
def _lowest_share(x: int, n: int) -> float:
    """The lower end of the mid-p interval of a share of which x of n were seen."""
    low, high = 0.0, x / n
    for _step in range(_STEPS if x else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if _upper_tail(x, n, middle) < (1 - BELIEF) / 2 else (low, middle)
    return low


def _upper_tail(x: int, n: int, share: float) -> float:
    """P(X > x) + P(X = x) / 2 of a binomial X."""
    if not n:
        return 0.5
    values = np.arange(x, n + 1)
    chances = np.exp(_log_choose(n)[values] + values * math.log(share) + (n - values) * math.log1p(-share))
    return float(chances.sum() - chances[0] / 2)


@lru_cache(maxsize=64)
def _log_choose(n: int) -> npt.NDArray[np.float64]:
    """Logarithms of the binomial coefficients of n, (n + 1,)."""
    return np.array([math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(n + 1)])


def _wilson(x: int, n: int) -> tuple[float, float]:
    square = _Z * _Z
    middle = (x + square / 2) / (n + square)
    half = _Z * math.sqrt(x * (n - x) / n + square / 4) / (n + square)
    return max(0.0, middle - half), min(1.0, middle + half)
