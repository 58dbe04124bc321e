"""How many labels are wrong, with a 90 % interval: wide before any review, sharpened by each verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Labels


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count of errors: the middle and both ends of a 90 % interval."""

    value: float
    low: float
    high: float


# A curve: p(wrong | score) = floor + (ceiling - floor) * sigmoid(slope * (score - cut)). Before any verdict about 1.15 times
# the `contradiction` lies above its cut; the logarithm of that factor follows Student's t with 3 degrees of freedom
# and this scale, as over the sets of the ranking benchmark (a factor of 3 either way at 90 %).
_FACTOR, _SCALE, _FREEDOM = 1.15, 0.45, 3
_OFFSETS = np.linspace(-4.0, 2.5, 40)
# The slope is counted in standard deviations of the scores; log-normal.
_SLOPES = np.geomspace(0.8, 14.0, 8)
_SLOPE, _SLOPE_SPREAD = 3.5, 0.6
# Errors that no score sees.
_FLOORS = np.array([0.0002, 0.001, 0.004, 0.015])
_FLOOR_WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1])
# Right labels that every score suspects: junk, and classes that overlap.
_CEILINGS = np.array([0.995, 0.95, 0.85])
_CEILING_WEIGHTS = np.array([0.4, 0.4, 0.2])
_BINS = 120


def contradiction(labels: Labels, probs: NDArray[np.floating]) -> float:
    """The belief in other classes, summed over the items whose most likely class is not the given one.

    probs (n, k) out-of-sample. A weak model contradicts many labels, but with little belief: of the counts that need
    no verdict this was the steadiest (errors / this: median 1.1 to 1.3). It is far too high for clean sets.
    """
    best = probs.max(1)
    return float(best[probs[np.arange(len(labels)), labels] < best].sum(dtype=np.float64))


class ErrorCurve:
    """Beliefs about how often a label with a given score is wrong: a grid of curves and their weights.

    Bayes' rule weighs the curves by the verdicts; what is left of their disagreement is the interval. Verdicts may come
    from anywhere in the queue: at a given score, being reviewed says nothing about being wrong.
    """

    def __init__(self, scores: NDArray[np.floating], contradiction: float) -> None:
        """scores (n,): higher = more suspect, on any scale."""
        n = len(scores)
        ordered = np.sort(np.asarray(scores, dtype=np.float64))
        self._starts = _bin_starts(ordered)
        bins = np.searchsorted(self._starts, ordered, side="right")
        self._left = np.bincount(bins).astype(np.float64)  # items without a verdict
        centres = np.bincount(bins, weights=ordered) / self._left
        counts = np.clip(_FACTOR * contradiction, 0.5, n) * np.exp(_OFFSETS)
        cuts = np.interp(n - counts, np.arange(n) + 0.5, ordered)  # beyond either end: the end
        slopes = _SLOPES / max(float(np.std(ordered)), 1e-9)
        rise = slopes[None, :, None] * (centres[None, None, :] - cuts[:, None, None])
        rise = 1 / (1 + np.exp(-np.clip(rise, -40, 40)))
        floors, ceilings = _FLOORS[:, None, None], _CEILINGS[:, None]
        wrong = floors + (ceilings - floors) * rise[:, :, None, None, :]  # (offsets, slopes, floors, ceilings, bins)
        self._wrong = np.clip(wrong.reshape(-1, wrong.shape[-1]), 1e-9, 1 - 1e-9)
        self._log_wrong, self._log_right = np.log(self._wrong), np.log1p(-self._wrong)
        self._beliefs = _prior()

    def record(self, score: float, wrong: bool, *, times: int = 1) -> None:
        """Learn from one verdict; the item leaves those that are counted. With `times` = -1 it is taken back."""
        place = int(np.searchsorted(self._starts, score, side="right"))
        self._beliefs += times * (self._log_wrong if wrong else self._log_right)[:, place]
        self._left[place] -= times

    def errors_left(self) -> Estimate:
        """The wrong labels among the items without a verdict."""
        weights = _normal(self._beliefs)
        means = self._wrong @ self._left
        deviations = np.sqrt((self._wrong * (1 - self._wrong)) @ self._left)
        low, value, high = _quantiles(weights, means, deviations, (0.05, 0.5, 0.95))
        most = float(self._left.sum())
        return Estimate(*(float(np.clip(x, 0, most)) for x in (value, low, high)))

    def chance_wrong(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """p(wrong) of items with these scores, averaged over the curves."""
        return (_normal(self._beliefs) @ self._wrong)[np.searchsorted(self._starts, scores, side="right")]


def _bin_starts(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores at which bins begin, but for the lowest: finer towards the top, where the errors are."""
    from_top = np.unique(np.round(np.geomspace(1, len(ordered), _BINS)).astype(np.int64))
    starts = np.unique(ordered[-from_top])
    return starts[starts > ordered[0]]


def _prior() -> NDArray[np.float64]:
    offsets = -0.5 * (_FREEDOM + 1) * np.log1p((_OFFSETS / _SCALE) ** 2 / _FREEDOM)
    slopes = -0.5 * (np.log(_SLOPES / _SLOPE) / _SLOPE_SPREAD) ** 2
    ends = np.log(_FLOOR_WEIGHTS)[:, None] + np.log(_CEILING_WEIGHTS)
    return (offsets[:, None, None, None] + slopes[:, None, None] + ends).reshape(-1)


def _normal(beliefs: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(beliefs - beliefs.max())
    normal: NDArray[np.float64] = weights / weights.sum()
    return normal


def _quantiles(
    weights: NDArray[np.float64], means: NDArray[np.float64], deviations: NDArray[np.float64], at: tuple[float, ...]
) -> list[float]:
    """Quantiles of a mixture of normal distributions, each spread over nine points of equal weight."""
    points = np.array([-1.593, -0.967, -0.589, -0.282, 0.0, 0.282, 0.589, 0.967, 1.593])
    values = (means[:, None] + deviations[:, None] * points).reshape(-1)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(np.repeat(weights / len(points), len(points))[order])
    return [float(values[order[min(int(np.searchsorted(below, q)), len(order) - 1)]]) for q in at]
