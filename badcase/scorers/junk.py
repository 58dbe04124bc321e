"""Limits on measures: how far one lies beyond a limit that holds anywhere, and beyond what is usual in this data set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Suspicion
from badcase.scorers.robust import beyond, deviations

USUAL = 4.0  # standard deviations of the middle half of the items; of normal ones 6 in 100,000 lie beyond it either way


def below(values: NDArray[np.floating], limit: float, least: float) -> Suspicion:
    """How far a value is below a limit and unusually low. A data set that is all dark has no dark images.

    Args:
        values: (n,) at least 0.
        limit: Where the suspicion is one half.
        least: The least standard deviation; a smaller one is raised to it.

    Returns:
        (n,) in [0, 1], above 1/2 where a value is under `limit` and unusually low; NaN stays NaN.
    """
    wide = values.astype(np.float64)
    absolute = limit / (limit + np.maximum(wide, 0))
    return np.minimum(absolute, beyond(-deviations(wide, least), USUAL))


def above(values: NDArray[np.floating], limit: float, least: float) -> Suspicion:
    """(n,) in [0, 1], above 1/2 where a value is over `limit` and unusually high."""
    wide = values.astype(np.float64)
    return np.minimum(beyond(wide, limit), beyond(deviations(wide, least), USUAL))


def off(values: NDArray[np.floating], limit: float, least: float) -> Suspicion:
    """(n,) in [0, 1], above 1/2 where a value is over `limit` away from the median, and unusually far."""
    known = values[~np.isnan(values)]
    middle = float(np.median(known)) if len(known) else 0.0
    return np.minimum(beyond(np.abs(values - middle), limit), beyond(np.abs(deviations(values, least)), USUAL))
