"""Whether probabilities mean what they say: of what they call 80 % likely, how much is so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.groups.lift import wilson

STEPS = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of each step of probability, from 0 to 1 in `STEPS` of equal width; NaN where nothing is of it.

    count (steps,) items; said the mean probability; right the share that is so, between low and high.
    """

    count: NDArray[np.int64]
    said: NDArray[np.float64]
    right: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: how far said and right are apart on average over the items; NaN of no items.

        Source: Naeini et al. 2015, https://ojs.aaai.org/index.php/AAAI/article/view/9602
        """
        return self._mean(np.abs(self.said - self.right))

    @property
    def excess(self) -> float:
        """How much more is said than is right, on average: above zero where the probabilities are too sure of themselves."""
        return self._mean(self.said - self.right)

    def _mean(self, apart: NDArray[np.float64]) -> float:
        total = int(self.count.sum())
        return float(np.nansum(apart * self.count) / total) if total else float("nan")


def steps_of(probs: NDArray[np.floating]) -> NDArray[np.int32]:
    """(n,) the step of each probability, -1 where it is NaN."""
    edges = (np.arange(1, STEPS) / STEPS).astype(np.float32)  # as a filter of numbers has them
    steps: NDArray[np.int32] = np.searchsorted(edges, probs.astype(np.float32), side="right").astype(np.int32)
    steps[~np.isfinite(probs)] = -1
    return steps


def reliability(probs: NDArray[np.floating], right: NDArray[np.bool_]) -> Reliability:
    """Compare probabilities (n,) in [0, 1], NaN where there is none, with whether what they speak of is so (n,)."""
    steps = steps_of(probs)
    known = steps >= 0
    steps = steps[known]
    count: NDArray[np.int64] = np.bincount(steps, minlength=STEPS).astype(np.int64)
    of = np.where(count > 0, count, np.nan)
    said: NDArray[np.float64] = np.bincount(steps, weights=probs[known], minlength=STEPS) / of
    so: NDArray[np.float64] = np.bincount(steps, weights=right[known], minlength=STEPS).astype(np.float64)
    low, high = wilson(so, count.astype(np.float64))
    return Reliability(count, said, so / of, np.where(count > 0, low, np.nan), np.where(count > 0, high, np.nan))
