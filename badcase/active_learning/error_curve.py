"""The error curve: the probability that a label is wrong as a function of its log odds, and the count of errors left.

Bayesian, on a grid: each point is a curve p = floor + (1 - floor) * sigmoid(shift + steepness * log odds). Its posterior
weight is the prior (how many errors are expected, before any verdict or by the random sample) times the likelihood of the
verdicts. What is asked is a mean or a quantile over all curves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.evidence_model import sigmoid
from badcase.probabilities.error_count import CountBelief, Estimate, weighted_quantiles

Floats = NDArray[np.float64]

_BINS = 80  # of the log odds: items of one bin share one p
# The bins go so far below and above the tenth highest log odds, at most: the few above it may be all that is wrong.
_TENTH, _BELOW, _ABOVE = 10, 40.0, 16.0
# The shapes of the curves, every pair of a steepness and a floor, with the logarithm of their prior. Steepness: a factor of
# the log odds, log-normal around 1. Floor: errors that no score sees, a share of all items.
_FACTORS, _FACTOR_SPREAD = np.exp(np.linspace(-1.0, 1.0, 5)), 0.45
_UNSEEN, _UNSEEN_BELIEF = np.array([0.0, 0.002, 0.008, 0.03]), np.array([0.4, 0.3, 0.2, 0.1])
_STEEPER, _FLOOR = (grid.reshape(-1, 1) for grid in np.meshgrid(_FACTORS, _UNSEEN))
_SHAPE_BELIEF = np.add.outer(np.log(_UNSEEN_BELIEF), -0.5 * (np.log(_FACTORS) / _FACTOR_SPREAD) ** 2).reshape(-1, 1)
_COARSE, _FINE = 40, 20  # shifts of each shape, in the first pass and in the second
_BEYOND = 9.0  # shifts reach from log odds of -9, at which next to nothing is wrong, to 9, at which nearly all is
_EDGE = 1e-7  # p stays this far from 0 and 1
_SURPRISE = 0.15  # prior probability that the first count is of no use
# Verdicts weigh this much of their likelihood: the curve is only nearly right, so thousands must not make it certain.
_TRUST = 0.2
_DEVIATIONS = np.array([-1.593, -0.967, -0.589, -0.282, 0.0, 0.282, 0.589, 0.967, 1.593])  # normal, equal weights


class ErrorCurve:
    """A grid of curves p(wrong | log odds), each weighed by its posterior: belief and verdicts."""

    def __init__(
        self, belief: CountBelief, odds: Floats, weights: Floats, judged: Floats, wrong: Floats, gone: float = 0.0
    ) -> None:
        """Weigh every curve of the grid.

        Args:
            belief: The prior of the number of errors.
            odds: (rows,) log odds of the items, the judged ones among them.
            weights: (rows,) how many items each row stands for.
            judged: (t,) log odds of the judged items.
            wrong: (t,) 0 or 1: whether each judged label was wrong.
            gone: Errors that were found on items which are no rows any more; the belief counts them.
        """
        self._belief, self._gone = belief, gone
        # The range that the bins divide; log odds outside fall into the first or the last bin.
        at = -min(_TENTH, len(odds))
        tenth = float(np.partition(odds, at)[at])
        self._range = max(float(odds.min()), tenth - _BELOW), min(float(odds.max()), tenth + _ABOVE)
        # Bins that hold no item are left out: `_place` tells the column b of each bin among those that hold some.
        everywhere = np.bincount(self._bin(odds), minlength=_BINS)
        self._place = np.cumsum(everywhere > 0) - 1
        place, there = self._place[self._bin(odds)], self._place[self._bin(judged)]
        # Of each column b: mean log odds, items n_b, verdicts "wrong" w_b and "right" r_b, and the open n_b - w_b - r_b.
        rows = np.bincount(place)
        self._centres = np.bincount(place, weights=np.clip(odds, *self._range)) / rows
        self._items = np.bincount(place, weights=weights)
        self._wrong = np.bincount(there, weights=wrong, minlength=len(rows))
        self._right = np.bincount(there, minlength=len(rows)) - self._wrong
        self._left = np.maximum(self._items - self._wrong - self._right, 0)
        self._taught = np.flatnonzero(self._wrong + self._right)
        self.found = float(wrong.sum()) + gone
        # First coarse shifts, from "next to nothing is wrong" to "nearly all is", then finer ones where the weight lies.
        low, high = self._range
        self._weigh(np.linspace(-_STEEPER[:, 0] * high - _BEYOND, -_STEEPER[:, 0] * low + _BEYOND, _COARSE, axis=1))
        self._weigh(self._closer())

    def _weigh(self, shifts: Floats) -> None:
        """Lay the grid and compute the posterior weight of each curve; shifts (shapes, m)."""
        # p (shapes, m, columns): the chance that a label in column b is wrong, under each shape and shift.
        self._shifts = shifts
        p = _FLOOR[:, :, None] + (1 - _FLOOR[:, :, None]) * sigmoid(shifts[:, :, None] + _STEEPER[:, :, None] * self._centres)
        p = np.clip(p, _EDGE, 1 - _EDGE)
        # Log prior. The expected errors of a curve, sum of n_b p_b, rise with the shift: each shift gets the share of the
        # belief between the midpoints to its neighbours. The prior of the shape comes on top.
        total = p @ self._items  # (shapes, m)
        ends = np.concatenate([total[:, :1], (total[:, 1:] + total[:, :-1]) / 2, total[:, -1:]], axis=1)
        beliefs = np.log(np.diff(self._share_below(ends + self._gone), axis=1) + 1e-9) + _SHAPE_BELIEF
        # Log likelihood of the verdicts, sum of w_b log p_b + r_b log(1 - p_b), tempered by the trust.
        judged = p[:, :, self._taught]
        right = np.log1p(-judged) @ self._right[self._taught]
        beliefs += _TRUST * (np.log(judged) @ self._wrong[self._taught] + right)
        # Posterior weights, which sum to 1 over all curves.
        weights = np.exp(beliefs - beliefs.max())
        self._p = p.reshape(-1, len(self._items))
        self._weights = (weights / weights.sum()).reshape(-1)

    def _share_below(self, counts: Floats) -> Floats:
        """The prior distribution function: the probability of fewer errors than each of `counts`.

        A mixture of the belief and, by _SURPRISE, of one that is uniform in the logarithm of the count.
        """
        points = self._belief.points
        share = (np.arange(len(points)) + 0.5) / len(points)
        below = np.interp(counts, points, share, left=0.0, right=1.0)
        anything = np.log1p(counts) / np.log1p(self._items.sum() + self._gone)
        mixed: Floats = (1 - _SURPRISE) * below + _SURPRISE * anything
        return mixed

    def _closer(self) -> Floats:
        """A finer grid of shifts for each steepness around those that hold some belief."""
        # A shift holds belief where its weight is at least a ten thousandth of the heaviest of its shape.
        weights = self._weights.reshape(self._shifts.shape)
        held = weights >= np.maximum(1e-4 * weights.max(1, keepdims=True), 1e-300)
        held[~held.any(1)] = True  # a steepness that is out of the question keeps its whole range
        # From one coarse step below the first such shift to one above the last.
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
        """The bin of each log odds, counted from 0."""
        low, high = self._range
        return np.clip((odds - low) * (_BINS / max(high - low, _EDGE)), 0, _BINS - 1).astype(np.int64)

    def _count(self, items: Floats) -> Estimate:
        """The median and the 90 % interval of the errors among so many items in each column.

        Under one curve the count is about normal, with mean sum of n_b p_b and variance sum of n_b p_b (1 - p_b); the
        curves are mixed by their weights.
        """
        kept = self._weights > 1e-7
        p, weights = self._p[kept], self._weights[kept]
        means, deviations = p @ items, np.sqrt((p * (1 - p)) @ items)
        # Each curve gives nine counts of equal weight, the middles of the ninths of its normal distribution.
        counts = np.clip((means[:, None] + deviations[:, None] * _DEVIATIONS).reshape(-1), 0, items.sum())
        each = np.repeat(weights / weights.sum() / len(_DEVIATIONS), len(_DEVIATIONS))
        low, value, high = weighted_quantiles(counts, each, (0.05, 0.5, 0.95))
        return Estimate(value, low, high)
