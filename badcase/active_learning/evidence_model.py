"""The evidence model: a logistic regression that learns from verdicts which evidence tells errors in this data set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Standard deviations of what the verdicts may move, in log odds for one standard deviation of the evidence. Narrow ones
# cost little where the static order is right already; wide ones followed chance for the first few hundred verdicts.
_INTERCEPT, _SLOPE, _OTHERS = 1.5, 0.3, 0.5  # the slope's is relative
# Variances of the effects of a (given, other) pair, of the given class and of the other class.
_PAIR, _CLASS = 0.5, 0.1
_NEWTON, _CLOSE = 8, 1e-4


class Combiner:
    """p(wrong) = sigmoid(evidence @ weights + effects of pair and classes), with a strong prior on the static order.

    Penalized logistic regression by Newton's method, then a random effect for each group: the mean residual, shrunk.
    The same verdicts give the same model, whatever their order.
    """

    def __init__(self, intercept: float, slope: float, columns: int) -> None:
        """Set the weights to where they stand without a verdict.

        Args:
            intercept: The prior mean of the intercept.
            slope: That of the weight of the first column; of the other columns it is 0.
            columns: How many columns the evidence has.
        """
        # A normal prior: mean of each weight, intercept first, and precision (1 / variance).
        self._prior = np.zeros(columns + 1)
        self._prior[:2] = intercept, slope
        self._precision = np.full(columns + 1, 1 / _OTHERS**2)
        self._precision[:2] = 1 / _INTERCEPT**2, 1 / (_SLOPE * slope) ** 2
        self.weights = self._prior.copy()
        self._effects: list[Floats] = []

    def fit(self, evidence: Floats, wrong: Floats, groups: list[NDArray[np.int64]], sizes: list[int], each: int = 1) -> None:
        """Fit the weights and the effects to the verdicts.

        Args:
            evidence: (t, columns) of the judged items.
            wrong: (t,) 0 or 1.
            groups: Three arrays (t,): the id of each item's (given, other) pair, of its given and of its other class.
            sizes: How many ids each of the three has.
            each: As how many verdicts each counts.
        """
        # Newton's method for the posterior mode of the weights w, with prior mean w0 and precision L:
        # w += (X' diag(p (1 - p)) X + L)^-1 (X' (y - p) - L (w - w0)), no step over 2 in any weight.
        x = np.concatenate([np.ones((1, len(evidence))), evidence.T])  # a row for each weight: quicker to walk along
        for _step in range(_NEWTON):
            p = sigmoid(self.weights @ x)
            hessian = each * ((x * (p * (1 - p))) @ x.T) + np.diag(self._precision)
            slope = each * (x @ (wrong - p)) - self._precision * (self.weights - self._prior)
            step = np.linalg.solve(hessian, slope)
            self.weights += np.clip(step, -2, 2)
            if np.abs(step).max() < _CLOSE:
                break
        # One group after the other: the effect is a Newton step from 0 under a normal prior,
        # sum(y - p) / (sum(p (1 - p)) + 1 / variance) over the items of the group; the next groups see the odds with it.
        odds, self._effects = self.weights @ x, []
        for group, size, variance in zip(groups, sizes, (_PAIR, _CLASS, _CLASS), strict=True):
            p = sigmoid(odds)
            surprise = each * np.bincount(group, weights=wrong - p, minlength=size)
            certainty = each * np.bincount(group, weights=p * (1 - p), minlength=size) + 1 / variance
            self._effects.append(surprise / certainty)
            odds = odds + self._effects[-1][group]

    def odds(self, evidence: Floats, groups: list[NDArray[np.int64]]) -> Floats:
        """Log odds that each label is wrong (items,)."""
        odds = evidence @ self.weights[1:] + self.weights[0]
        for effect, group in zip(self._effects, groups, strict=False):
            odds += effect[group]
        return odds


def sigmoid(odds: Floats) -> Floats:
    """1 / (1 + exp(-odds)), without overflow."""
    return 1 / (1 + np.exp(-np.clip(odds, -35, 35)))
