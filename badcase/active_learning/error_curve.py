"""How often a label with given log odds is wrong, and with it how many errors are left: a grid of curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.evidence_model import sigmoid
from badcase.probabilities.error_count import CountBelief, Estimate, weighted_quantiles

Floats = NDArray[np.float64]

_BINS = 80
# The bins go so far below and above the tenth highest log odds, at most: the few above it may be all that is wrong.
_TENTH, _BELOW, _ABOVE = 10, 40.0, 16.0
# Factors of the log odds, log-normal around 1, and errors that no score sees: a share of all items.
_FACTORS, _FACTOR_SPREAD = np.exp(np.linspace(-1.0, 1.0, 5)), 0.45
_UNSEEN, _UNSEEN_BELIEF = np.array([0.0, 0.002, 0.008, 0.03]), np.array([0.4, 0.3, 0.2, 0.1])
_STEEPER, _FLOOR = (grid.reshape(-1, 1) for grid in np.meshgrid(_FACTORS, _UNSEEN))
_SHAPE_BELIEF = np.add.outer(np.log(_UNSEEN_BELIEF), -0.5 * (np.log(_FACTORS) / _FACTOR_SPREAD) ** 2).reshape(-1, 1)
_COARSE, _FINE = 40, 20
_BEYOND = 9.0  # log odds at which next to nothing is wrong: the grid of shifts reaches from there to all being so
_EDGE = 1e-7
_SURPRISE = 0.15  # belief that the first count is of no use
# Verdicts weigh this much of their likelihood: the curve is only nearly right, so thousands must not make it certain.
_TRUST = 0.2
_NARROWEST, _WIDEST = 0.5, 10.0
_DEVIATIONS = np.array([-1.593, -0.967, -0.589, -0.282, 0.0, 0.282, 0.589, 0.967, 1.593])  # normal, equal weights


class ErrorCurve:
    """p(wrong) = sigmoid(shift + steeper * (log odds - their middle)), weighed by belief, verdicts and random draws."""

    def __init__(
        self,
        belief: CountBelief,
        odds: Floats,
        weights: Floats,
        judged: Floats,
        wrong: Floats,
        total: tuple[float, float, float] | None = None,
        gone: float = 0.0,
    ) -> None:
        """odds (rows,): log odds of the items, each standing for `weights` items; judged (t,): of those judged, and
        whether each was wrong. The judged are among the rows' items. total: an estimate of all errors, judged ones
        among them, that owes nothing to the curves; its deviation and degrees of freedom. gone: errors that were found
        on items which are no rows any more; the belief and the total count them."""
        self._belief, self._total, self._gone = belief, total, gone
        at = -min(_TENTH, len(odds))
        tenth = float(np.partition(odds, at)[at])
        self._range = max(float(odds.min()), tenth - _BELOW), min(float(odds.max()), tenth + _ABOVE)
        everywhere = np.bincount(self._bin(odds), minlength=_BINS)
        self._place = np.cumsum(everywhere > 0) - 1  # of each bin among those that hold items
        place, there = self._place[self._bin(odds)], self._place[self._bin(judged)]
        rows = np.bincount(place)
        self._centres = np.bincount(place, weights=np.clip(odds, *self._range)) / rows
        self._items = np.bincount(place, weights=weights)
        self._wrong = np.bincount(there, weights=wrong, minlength=len(rows))
        self._right = np.bincount(there, minlength=len(rows)) - self._wrong
        self._left = np.maximum(self._items - self._wrong - self._right, 0)
        self._taught = np.flatnonzero(self._wrong + self._right)
        self.found = float(wrong.sum()) + gone
        low, high = self._range
        self._weigh(np.linspace(-_STEEPER[:, 0] * high - _BEYOND, -_STEEPER[:, 0] * low + _BEYOND, _COARSE, axis=1))
        self._weigh(self._closer())

    def _weigh(self, shifts: Floats) -> None:
        """Lay the grid: shifts (shapes, m), and weigh each curve by the belief, the verdicts and the random draws."""
        self._shifts = shifts
        p = _FLOOR[:, :, None] + (1 - _FLOOR[:, :, None]) * sigmoid(shifts[:, :, None] + _STEEPER[:, :, None] * self._centres)
        p = np.clip(p, _EDGE, 1 - _EDGE)
        total = p @ self._items  # (shapes, m), rising with the shift
        ends = np.concatenate([total[:, :1], (total[:, 1:] + total[:, :-1]) / 2, total[:, -1:]], axis=1)
        beliefs = np.log(np.diff(self._share_below(ends + self._gone), axis=1) + 1e-9) + _SHAPE_BELIEF
        judged = p[:, :, self._taught]
        right = np.log1p(-judged) @ self._right[self._taught]
        beliefs += _TRUST * (np.log(judged) @ self._wrong[self._taught] + right)
        if self._total is not None:
            beliefs += self._fit_of_total(p @ self._left, *self._total)
        weights = np.exp(beliefs - beliefs.max())
        self._p = p.reshape(-1, len(self._items))
        self._weights = (weights / weights.sum()).reshape(-1)

    def _fit_of_total(self, left: Floats, total: float, deviation: float, freedom: float) -> Floats:
        """Log likelihood of the estimate of all errors under curves with so many errors left, by Student's t.

        Where a curve has more errors than seemed, the draws spread wider than they showed: the few that were met say
        little of the rest.
        """
        wider = np.sqrt(np.clip((left + 1) / (max(total - self.found, 0) + 1), _NARROWEST, _WIDEST))
        off = (self.found + left - total) / (deviation * wider)
        fit: Floats = -(freedom + 1) / 2 * np.log1p(off**2 / freedom) - np.log(wider)
        return fit

    def _share_below(self, counts: Floats) -> Floats:
        points = self._belief.points
        share = (np.arange(len(points)) + 0.5) / len(points)
        below = np.interp(counts, points, share, left=0.0, right=1.0)
        anything = np.log1p(counts) / np.log1p(self._items.sum() + self._gone)
        mixed: Floats = (1 - _SURPRISE) * below + _SURPRISE * anything
        return mixed

    def _closer(self) -> Floats:
        """A finer grid of shifts for each steepness around those that hold some belief."""
        weights = self._weights.reshape(self._shifts.shape)
        held = weights >= np.maximum(1e-4 * weights.max(1, keepdims=True), 1e-300)
        held[~held.any(1)] = True  # a steepness that is out of the question
        step = self._shifts[:, 1] - self._shifts[:, 0]
        low = np.where(held, self._shifts, np.inf).min(1) - step
        high = np.where(held, self._shifts, -np.inf).max(1) + step
        return np.linspace(low, high, _FINE, axis=1)

    def chance_wrong(self, odds: Floats) -> Floats:
        """p(wrong) of items with these log odds, averaged over the curves."""
        mean: Floats = np.interp(odds, self._centres, self._weights @ self._p)
        return mean

    def errors_left(self) -> Estimate:
        """The wrong labels among the items without a verdict."""
        return self._count(self._left)

    def errors_among(self, odds: Floats) -> Estimate:
        """The wrong labels among items with these log odds."""
        return self._count(np.bincount(self._place[self._bin(odds)], minlength=len(self._items)).astype(np.float64))

    def _bin(self, odds: Floats) -> NDArray[np.int64]:
        low, high = self._range
        return np.clip((odds - low) * (_BINS / max(high - low, _EDGE)), 0, _BINS - 1).astype(np.int64)

    def _count(self, items: Floats) -> Estimate:
        kept = self._weights > 1e-7
        p, weights = self._p[kept], self._weights[kept]
        means, deviations = p @ items, np.sqrt((p * (1 - p)) @ items)
        counts = np.clip((means[:, None] + deviations[:, None] * _DEVIATIONS).reshape(-1), 0, items.sum())
        each = np.repeat(weights / weights.sum() / len(_DEVIATIONS), len(_DEVIATIONS))
        low, value, high = weighted_quantiles(counts, each, (0.05, 0.5, 0.95))
        return Estimate(value, low, high)
