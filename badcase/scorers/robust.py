"""Robust statistics: how far a value lies outside what is usual in this data set, whatever a few odd values are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Of a normal distribution: half its interquartile range in standard deviations.
_QUARTILE = 0.6745


def deviations(values: NDArray[np.floating], least: float) -> NDArray[np.float64]:
    """How many standard deviations (n,) each value lies above the median, judged by the middle half of the values.

    Args:
        values: (n,) NaN stays NaN and does not count.
        least: The least deviation, in the unit of the values; a smaller one is raised to it. Where most are equal, small
            differences are none.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.full(len(values), np.nan)
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    return (values - middle) / max(float(high - low) / (2 * _QUARTILE), least)


def beyond(values: NDArray[np.floating], limit: float | NDArray[np.floating]) -> NDArray[np.float64]:
    """(n,) in [0, 1]: 0 up to 0, one half at `limit`, towards 1 far above it."""
    above = np.clip(values, 0, 1e12)
    return above / (above + limit)
