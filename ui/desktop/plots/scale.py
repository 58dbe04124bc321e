"""Round numbers for an axis, and the way from a value to a pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from badcase.i18n import MINUS, THIN

_ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_FINEST = 1e-9  # a span below it is no span: an axis writes no more decimals


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight map from values [low, high] to pixels [start, end]; `ticks` are the values worth a hairline."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def round_ticks(low: float, high: float, intervals: int = 4) -> tuple[float, ...]:
    """Multiples of a round step that enclose [low, high] in at most `intervals` steps.

    The first is at or below low and the last at or above high, so the two are the ends of the axis as well.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return (0.0, 1.0)
    if high - low < _FINEST:
        high = low + (abs(low) if abs(low) > _FINEST else 1.0)
    power = math.floor(math.log10((high - low) / intervals))
    for exponent in (power, power + 1):
        for factor in _ROUND_STEPS:
            step = factor * 10.0**exponent
            first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
            if last - first <= intervals:
                return tuple(round(tick * step, 12) for tick in range(first, last + 1))
    raise AssertionError("ten times the smallest step always fits")


def whole_ticks(low: int, high: int, at_most: int) -> tuple[int, ...]:
    """Whole numbers from low upwards in equal steps, about `at_most` of them: 1, 3, 5, or 1, 10, 20 where it is far."""
    steps = (factor * 10**power for power in range(9) for factor in (1, 2, 5))
    step = next(step for step in steps if (high - low) // step + 1 <= at_most)
    if step < 5:
        return tuple(range(low, high + 1, step))
    return (low, *range(low + step - low % step, high + 1, step))


def number(value: float, decimals: int) -> str:
    """A number for an axis: a real minus, no lonely minus zero, and "3e-5" where decimals would be a row of zeros."""
    if value and abs(value) < 10.0**-3 and decimals > 3:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}".replace("-", MINUS, 1 if value < 0 else 0)
    if value == 0:
        return "0"
    text = f"{value:,.{decimals}f}".replace(",", THIN)
    return MINUS + text[1:] if text.startswith("-") and round(value, decimals) else text.removeprefix("-")


def tick_texts(ticks: Sequence[float]) -> list[str]:
    """The numbers of one axis, all with as few decimals as tell its ticks apart."""
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    decimals = next((d for d in range(9) if abs(round(step, d) - step) < step * 1e-6), 9)
    return [number(tick, decimals) for tick in ticks]
