"""The random sample: items drawn by chance, so that the count of errors is unbiased even where the scores are wrong.

Importance sampling: an item is drawn with a known probability q, and what it shows counts 1 / q times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHARE = 0.3  # of the first verdicts are on random items
# Verdicts with the full share: by then half the interval is mostly under a quarter of the count. Later the share falls
# with the number of verdicts, as if it had begun to at so many.
_FULL, _FALLING = 300, 100
_MOST = 0.1  # of all items
_LEAST_CHANCE = 0.005  # the least chance of an error, and of none, that an item is drawn by
_LEAST_COST = 0.15  # of a draw that surely meets an error; 1 is that of one that surely does not
# The deviation of a draw is first taken, as if by so many draws, for what the chances promise: draws that have met no
# rare error yet show too little.
_PROMISED = 20.0
_SIZES = (40, 60, 90)  # of a whole sample, as it is asked for
_NINETY = 1.645  # standard deviations on each side of an interval of 90 %
_LATER = 4.0  # the square root of this and the place of a draw is its weight
_CAUTION = 1.25  # on the deviation: rare errors among the sure ones are hardly ever drawn


@dataclass(slots=True)
class Draw:
    """One item drawn by chance: `total` + `scale` * (wrong - `chance`) estimates all errors without bias."""

    item: int
    total: float  # errors found until then, and those that the chances promise among the rest
    chance: float
    scale: float  # items that the drawn one stands for
    deviation: float


def sampled_until(verdicts: int, n: int) -> int:
    """How many of so many verdicts are on random items."""
    # The full share of the first 300; then the share falls as 1 / verdicts, whose integral is the logarithm.
    expected = _SHARE * (min(verdicts, _FULL) + _FALLING * np.log(max(verdicts, _FULL) / _FULL))
    return int(min(expected, _MOST * n))


def draw(rng: np.random.Generator, items: NDArray[np.int64], chances: Floats, weights: Floats, found: float) -> Draw:
    """Draw one open item; the uncertain ones are likelier to be drawn.

    In proportion to sqrt(p (1 - p) / cost), which keeps the deviation least for what the draws cost, if the chances are
    right; if they are wrong the estimate has no bias and its deviation shows. A draw that meets an error costs next to
    nothing, for it would have come up anyway. Source: Neyman 1934; on adaptive draws Farquhar, Gal and Rainforth 2021,
    https://arxiv.org/abs/2101.11665

    Args:
        rng: Where the randomness comes from.
        items: (rows,) ids of open items.
        chances: (rows,) the probability p that the label of each is wrong, as estimated now.
        weights: (rows,) how many items each row stands for.
        found: The errors found so far.

    Returns:
        The draw, with what its verdict will have to be multiplied by.
    """
    spread, rate = _rates(chances)
    # Draw a row with probability q = weight * rate / sum(weights * rates), by inverting the cumulative sum.
    reach = np.cumsum(weights * rate)
    row = min(int(np.searchsorted(reach, rng.random() * reach[-1], side="right")), len(items) - 1)
    # The standard deviation of the estimate if the chances are right, sqrt(sum(rates) * sum(variance / rate)), weighted;
    # the estimate without the verdict, found + sum of p; and the factor weight / q of what the verdict adds to it.
    deviation = float(np.sqrt(reach[-1] * (weights @ (spread / rate))))
    total, scale = found + float(weights @ chances), float(reach[-1] / rate[row])
    return Draw(int(items[row]), total, float(chances[row]), scale, deviation)


def _rates(chances: Floats) -> tuple[Floats, Floats]:
    """The variance p (1 - p) of each verdict, and the rate sqrt(p (1 - p) / cost) at which its row is drawn."""
    doubt = np.clip(chances, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
    spread = doubt * (1 - doubt)
    return spread, np.sqrt(spread / (1 - doubt + _LEAST_COST))


def expected_deviation(chances: Floats, weights: Floats) -> float:
    """The standard deviation of what a single draw says of all errors, if the chances are right."""
    spread, rate = _rates(chances)
    return float(np.sqrt((weights @ rate) * (weights @ (spread / rate))))


def plan(deviation: float, judged: int, width: float, left: int) -> tuple[int, float]:
    """How many items to draw more: up to the smallest of a few sizes that should halve the interval.

    Args:
        deviation: Of a single draw.
        judged: How many draws have a verdict.
        width: The present 90 % interval, from end to end.
        left: How many items have no verdict.

    Returns:
        The number of items still to be drawn, and about half of the interval when they are judged.
    """
    for size in [one for one in _SIZES if one > judged] or [judged + _SIZES[0]]:
        half = _NINETY * _CAUTION * deviation / float(np.sqrt(size))
        if half <= width / 4 or size >= left * _MOST:
            break
    return min(size - judged, left), min(half, width / 2)


def total_errors(draws: list[Draw], wrong: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Estimate the number of all errors from the draws.

    Later draws, of which the chances knew more, weigh more by a fixed rule: weights that followed the outcomes (as those
    by promised deviation would, through the chances) made the estimate too low.

    Args:
        draws: The draws that have a verdict, in their order.
        wrong: (draws,) whether the label of each was wrong.

    Returns:
        The estimate, its standard deviation, and the degrees of freedom of that.
    """
    # T_i, an unbiased estimate of all errors from each draw alone, and their mean with weights a_i that sum to 1.
    totals = np.array([one.total + one.scale * (hit - one.chance) for one, hit in zip(draws, wrong, strict=True)])
    shares = np.sqrt(np.arange(len(draws)) + _LATER)
    shares /= shares.sum()
    mean = float(shares @ totals)
    # The variance of the mean as the chances promise it, sum of a_i^2 d_i^2, and as it shows, sum of a_i^2 (T_i - mean)^2.
    promised = float(shares**2 @ np.array([one.deviation for one in draws]) ** 2)
    shown = float(shares**2 @ (totals - mean) ** 2)
    # The ratio of the two, drawn to 1 as by _PROMISED draws more, inflates the promised variance.
    freedom = len(draws) + _PROMISED - 1
    inflation = (len(draws) * shown / max(promised, 1e-9) + _PROMISED) / freedom
    return mean, _CAUTION * float(np.sqrt(inflation * promised)), freedom
