"""How often a label with given log odds is wrong, and with it how many errors are left: a grid of curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.combiner import sigmoid
from badcase.estimate import CountBelief, Estimate, weighted_quantiles

Floats = NDArray[np.float64]

_BINS = 160
_RANGE = (-16.0, 8.0)  # of log odds
_STEEPER = np.exp(np.linspace(-1.1, 1.1, 9))  # factors of the log odds, log-normal around 1
_STEEPER_SPREAD = 0.45
_SHIFTS = 40
_FLOOR = 1e-7
# Verdicts weigh this much of their likelihood: the curve is only nearly right, so thousands must not make it certain.
_TRUST = 0.5
_DEVIATIONS = np.array([-1.593, -0.967, -0.589, -0.282, 0.0, 0.282, 0.589, 0.967, 1.593])  # normal, equal weights


class ErrorCurve:
    """p(wrong) = sigmoid(shift + steeper * (log odds - their middle)), weighed by belief, verdicts and blind draws."""

    def __init__(self, belief: CountBelief, odds: Floats, weights: Floats, judged: Floats, wrong: Floats) -> None:
        """odds (rows,): log odds of the items, each standing for `weights` items; judged (t,): of those judged, and
        whether each was wrong. The judged are among the rows' items."""
        self._belief = belief
        place, there = _bin(odds), _bin(judged)
        self._items = np.bincount(place, weights=weights, minlength=_BINS)
        middle = np.bincount(place, weights=weights * np.clip(odds, *_RANGE), minlength=_BINS)
        edges = np.linspace(*_RANGE, _BINS + 1)
        self._centres = np.where(self._items > 0, middle / np.maximum(self._items, 1e-9), (edges[1:] + edges[:-1]) / 2)
        self._wrong = np.bincount(there, weights=wrong, minlength=_BINS)
        self._right = np.bincount(there, minlength=_BINS) - self._wrong
        self._left = np.maximum(self._items - self._wrong - self._right, 0)
        self.found = float(wrong.sum())
        shifts = np.linspace(-12, 12, _SHIFTS)
        self._weigh(np.broadcast_to(shifts, (len(_STEEPER), _SHIFTS)))
        self._weigh(self._closer())

    def _weigh(self, shifts: Floats) -> None:
        """Lay the grid: shifts (steeper, 40), and weigh each curve by the belief and the verdicts."""
        self._shifts = shifts
        p = sigmoid(shifts[:, :, None] + _STEEPER[:, None, None] * self._centres)
        p = np.clip(p, _FLOOR, 1 - _FLOOR)
        total = p @ self._items  # (steeper, shifts), rising with the shift
        ends = np.concatenate([total[:, :1], (total[:, 1:] + total[:, :-1]) / 2, total[:, -1:]], axis=1)
        mass = np.diff(self._share_below(ends), axis=1)
        width = np.gradient(shifts, axis=1)
        beliefs = np.log(mass + 1e-6 * width) - 0.5 * (np.log(_STEEPER) / _STEEPER_SPREAD)[:, None] ** 2
        beliefs += _TRUST * (np.log(p) @ self._wrong + np.log1p(-p) @ self._right)
        weights = np.exp(beliefs - beliefs.max())
        self.p = p.reshape(-1, _BINS)
        self.weights = (weights / weights.sum()).reshape(-1)

    def _share_below(self, counts: Floats) -> Floats:
        points = self._belief.points
        share = (np.arange(len(points)) + 0.5) / len(points)
        below: Floats = np.interp(counts, points, share, left=0.0, right=1.0)
        return below

    def _closer(self) -> Floats:
        """A finer grid of shifts for each steepness around those that hold some belief."""
        weights = self.weights.reshape(self._shifts.shape)
        held = weights >= np.maximum(1e-4 * weights.max(1, keepdims=True), 1e-300)
        held[~held.any(1)] = True  # a steepness that is out of the question
        step = self._shifts[:, 1] - self._shifts[:, 0]
        low = np.where(held, self._shifts, np.inf).min(1) - step
        high = np.where(held, self._shifts, -np.inf).max(1) + step
        return np.linspace(low, high, _SHIFTS, axis=1)

    def learn_total(self, total: float, deviation: float, freedom: float) -> None:
        """Weigh the curves by an independent estimate of all errors, judged ones among them, by Student's t."""
        off = (self.found + self.p @ self._left - total) / deviation
        weights = self.weights * (1 + off**2 / freedom) ** (-(freedom + 1) / 2)
        self.weights = weights / weights.sum()

    def chance_wrong(self, odds: Floats) -> Floats:
        """p(wrong) of items with these log odds, averaged over the curves."""
        mean: Floats = np.interp(odds, self._centres, self.weights @ self.p)
        return mean

    def errors_left(self) -> Estimate:
        """The wrong labels among the items without a verdict."""
        return self._count(self._left)

    def errors_among(self, odds: Floats) -> Estimate:
        """The wrong labels among items with these log odds."""
        return self._count(np.bincount(_bin(odds), minlength=_BINS).astype(np.float64))

    def _count(self, items: Floats) -> Estimate:
        kept = self.weights > 1e-7
        p, weights = self.p[kept], self.weights[kept]
        means, deviations = p @ items, np.sqrt((p * (1 - p)) @ items)
        counts = np.clip((means[:, None] + deviations[:, None] * _DEVIATIONS).reshape(-1), 0, items.sum())
        each = np.repeat(weights / weights.sum() / len(_DEVIATIONS), len(_DEVIATIONS))
        low, value, high = weighted_quantiles(counts, each, (0.05, 0.5, 0.95))
        return Estimate(value, low, high)


def _bin(odds: Floats) -> NDArray[np.int64]:
    low, high = _RANGE
    return np.clip((odds - low) * (_BINS / (high - low)), 0, _BINS - 1).astype(np.int64)
