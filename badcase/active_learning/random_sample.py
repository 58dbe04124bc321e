"""The random sample: items drawn by chance, so that the count of errors holds even where the scores are wrong."""

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
_SIZES = (40, 60, 90)  # of a whole sample, as it is asked for
_NINETY = 1.645  # standard deviations on each side of an interval of 90 %


@dataclass(frozen=True, slots=True)
class Draw:
    """One item drawn by chance.

    Attributes:
        item: Its id.
        scale: How many open items it stood for: 1 over the chance that it was drawn by.
    """

    item: int
    scale: float


def sampled_until(verdicts: int, n: int) -> int:
    """How many of so many verdicts are on random items."""
    # The full share of the first 300; then the share falls as 1 / verdicts, whose integral is the logarithm.
    expected = _SHARE * (min(verdicts, _FULL) + _FALLING * np.log(max(verdicts, _FULL) / _FULL))
    return int(min(expected, _MOST * n))


def draw(rng: np.random.Generator, items: NDArray[np.int64], weights: Floats, rates: Floats) -> Draw:
    """Draw one open item.

    Args:
        rng: Where the randomness comes from.
        items: (rows,) ids of open items.
        weights: (rows,) how many items each row stands for.
        rates: (rows,) how likely an item of each row is drawn, beside one of another.
    """
    # A row with probability weight * rate / sum(weights * rates), by inverting the cumulative sum.
    reach = np.cumsum(weights * rates)
    row = min(int(np.searchsorted(reach, rng.random() * reach[-1], side="right")), len(items) - 1)
    return Draw(int(items[row]), float(reach[-1] / rates[row]))


def plan(deviation: float, judged: int, width: float, left: int) -> tuple[int, float]:
    """How many items to draw more: up to the smallest of a few sizes that should halve the interval.

    Args:
        deviation: Of what a single draw says of all errors.
        judged: How many draws have a verdict.
        width: The present 90 % interval, from end to end.
        left: How many items have no verdict.

    Returns:
        The number of items still to be drawn, and about half of the interval when they are judged.
    """
    for size in [one for one in _SIZES if one > judged] or [judged + _SIZES[0]]:
        half = _NINETY * deviation / float(np.sqrt(size))
        if half <= width / 4 or size >= left * _MOST:
            break
    return min(size - judged, left), min(half, width / 2)
