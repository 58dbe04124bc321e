"""Kernel ridge regression on random landmarks (Nyström): a classifier for class borders that no plane follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups, Probs
from badcase.i18n import _
from badcase.probabilities.landmark_kernel import LandmarkKernel
from badcase.probabilities.linear_head import sigmoid, softmax
from badcase.progress import Job, Progress, finish

# As many landmarks as this many products (items, landmarks, landmarks) allow, within bounds. Mean AP of the ranking with 1,500
# of 10,000 items .8472, with 2,500 .8500, with 3,000 .8505; these 2,800 take a core two seconds.
_PRODUCTS, _LANDMARKS = 8e10, (1_500, 3_000)
# The ridge is chosen on fewer landmarks, where one factorisation serves all: the same one wins there and here. Wrong labels
# make a stiffer one win than is best for what is true: two fifths of it gain .001 of mean AP, on other sets .002.
_FEWER = 400
_RIDGES = (0.03, 0.065, 0.14, 0.3, 0.65, 1.4, 3.0)
_SOFTER = 0.4
_ROUNDING = 1e-6  # of a Gram matrix in single precision, times the square root of its size
_TEMPERATURES = np.geomspace(0.02, 1.0, 30).astype(np.float32)
# Items on which the temperature of the others is chosen.
_JUDGES = 2_000
_MOST_LEVERAGE = 0.999  # 1 - leverage is a divisor
_BLOCK = 256
_PLATT_STEPS = 8

# Scores of items, scores and targets of others -> probabilities of the items.
Calibration: TypeAlias = Callable[[NDArray[np.float32], NDArray[np.float32], Probs], Probs]


class KernelRidge:
    """Kernel ridge regression that leaves each item's group out, in closed form from one factorisation.

    Leaving single groups out trains on all other items, where folds would train on four fifths: mean AP +.01, for less
    work. Source: the leave-one-out residual of ridge regression, (y - prediction) / (1 - leverage); of a group of
    items, (I - their block of the hat matrix)^-1 (y - prediction).
    """

    @classmethod
    def making(cls, features: Features, targets: Probs, groups: Groups, order: NDArray[np.int64]) -> Job[KernelRidge]:
        """Fit the kernel and the ridge, as a job.

        Args:
            features: (n, d).
            targets: (n, k) that the ridge is chosen for.
            groups: (n,) counted from 0; a group is left out whole.
            order: (n,) a random order of the items; the first ones are the landmarks.
        """
        centred = targets - targets.mean(0)
        kernel = yield from LandmarkKernel.making(features, features[order[: _landmarks(len(features))]], groups, centred)
        ridge = _SOFTER * (yield from _best_ridge(kernel, centred))
        made = cls(kernel, ridge, groups, order, targets)
        yield from made._leave_out(groups)
        return made

    def __init__(self, kernel: LandmarkKernel, ridge: float, groups: Groups, order: NDArray[np.int64], targets: Probs) -> None:
        # Z = K R^-T with R R' = K'K + ridge * K(marks), so that Z Z' = K (R R')^-1 K' is the hat matrix without the mean. K'K has
        # enough on its diagonal that rounding leaves it positive definite.
        # Source: Williams and Seeger 2001, Using the Nyström method to speed up kernel machines; the Cholesky factor as in
        # Rudi et al. 2015, Less is more: Nyström computational regularization.
        gram = kernel.gram
        gram[np.diag_indices(len(gram))] += _ROUNDING * np.sqrt(len(gram)) * gram.diagonal().max()
        self._kernel, self._targets = kernel, targets
        self._back = _inverse_of_lower(np.linalg.cholesky(gram + ridge * kernel.among).astype(np.float32)).T  # R^-T
        # Groups in two random halves: each half's scores are calibrated on the other.
        halves = np.random.default_rng(0).permutation(int(groups.max()) + 1) % 2
        self._half, self._order = halves[groups], order
        self._leverage = np.empty(len(groups), np.float32)
        self._shared: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []

    def _leave_out(self, groups: Groups) -> Job[None]:
        """Find the leverage of each item, and the block of the hat matrix of each group of several."""
        # The leverage of an item is its diagonal entry of the hat matrix; the mean adds 1 / n.
        for items, block in self._kernel.blocks():
            yield Progress(_("Comparing the items"))
            mapped = np.empty_like(block)
            for start in range(0, len(self._back), _BLOCK):  # below its diagonal `back` is zero
                columns, needed = slice(start, start + _BLOCK), slice(start + _BLOCK)
                mapped[:, columns] = block[:, needed] @ self._back[needed, columns]
            self._leverage[items] = np.einsum("ij,ij->i", mapped, mapped) + np.float32(1 / len(groups))
            self._shared += [(items[rows], mapped[rows] @ mapped[rows].T) for rows in _shared(groups[items])]

    def probs(self, targets: Probs, calibrated: Calibration | None = None) -> Probs:
        """`probs_in_steps` at once."""
        return finish(self.probs_in_steps(targets, calibrated))

    def probs_in_steps(self, targets: Probs, calibrated: Calibration | None = None) -> Job[Probs]:
        """Probabilities (n, k) from targets (n, k) of the items outside each item's group.

        The scores are made probabilities by a calibration that is fitted to the other half of the groups, so that a group
        has no part in its own.

        Args:
            targets: (n, k) soft or hard.
            calibrated: How scores become probabilities; None for `by_softmax`.
        """
        calibrated = calibrated or by_softmax
        said, made = (yield from self._left_out(targets)), np.empty_like(targets)
        for half in (0, 1):
            mine = self._half == half
            judges = self._order[self._half[self._order] != half][:_JUDGES]
            made[mine] = calibrated(said[mine], said[judges], targets[judges])
        return made

    def _left_out(self, targets: Probs) -> Job[NDArray[np.float32]]:
        """What ridge regression would say of each item (n, k) had its group been left out."""
        # The fit to all items, K (R R')^-1 K' (y - mean) + mean. In double precision: an item's own part in it is taken out by
        # its leverage, and must be that.
        n, mean = len(targets), targets.mean(0)
        answers = self._kernel.answers
        if targets is not self._targets:  # of those it is known
            answers = np.zeros(answers.shape)
            for items, block in self._kernel.blocks():
                yield Progress(_("Comparing the items"))
                answers += block.T.astype(np.float64) @ (targets[items] - mean)
        back = self._back.astype(np.float64)
        weights = back @ (back.T @ answers)
        said = np.empty(targets.shape, np.float32)
        for items, block in self._kernel.blocks():
            yield Progress(_("Comparing the items"))
            said[items] = block.astype(np.float64) @ weights + mean
        # The residual of each item alone left out: (y - fit) / (1 - h_i).
        missed = (targets - said) / np.maximum(1 - self._leverage, 1 - _MOST_LEVERAGE)[:, None]
        # The residuals of a group of several left out: (I - H_gg)^-1 (y_g - fit_g), with a little on the diagonal.
        for items, hat in self._shared:
            outside = np.eye(len(items)) * (2 - _MOST_LEVERAGE) - hat.astype(np.float64) - 1 / n
            missed[items] = np.linalg.solve(outside, (targets[items] - said[items]).astype(np.float64))
        return (targets - missed).astype(np.float32, copy=False)


def by_softmax(scores: NDArray[np.float32], judged: NDArray[np.float32], targets: Probs) -> Probs:
    """Probabilities by a softmax at the likeliest temperature.

    Args:
        scores: (m, k) of the items asked for.
        judged: (j, k) scores of other items, to which the temperature is fitted.
        targets: (j, k) of these.
    """
    # The cross-entropy at temperature t is the sum of log sum exp(s / t) less target . s / t; s is relative to the maximum.
    top = judged.max(1, keepdims=True)
    below = judged - top
    said = float((targets * below).sum(dtype=np.float64))

    @cache
    def loss(at: int) -> float:
        t = _TEMPERATURES[at]
        return float(np.log(np.exp(below / t).sum(1)).sum(dtype=np.float64)) - said / float(t)

    # Bisection on the sign of the difference of neighbours.
    low, high = 0, len(_TEMPERATURES) - 1
    while low < high:  # the loss is convex in 1 / t
        middle = (low + high) // 2
        low, high = (low, middle) if loss(middle) <= loss(middle + 1) else (middle + 1, high)
    return softmax(scores / _TEMPERATURES[low])


def by_sigmoid(scores: NDArray[np.float32], judged: NDArray[np.float32], targets: Probs) -> Probs:
    """A logistic curve over the scores, the same for all labels: labels of a few items could not carry their own.

    Source: Platt 1999, Probabilistic outputs for support vector machines.

    Args:
        scores: (m, k) of the items asked for.
        judged: (j, k) scores of other items, to which the curve is fitted.
        targets: (j, k) of these.
    """
    # Logistic regression of the targets on the scores: slope and intercept by Newton's method.
    x = np.stack([judged.reshape(-1), np.ones(judged.size, np.float32)], axis=1).astype(np.float64)
    y = targets.reshape(-1)
    slope = np.array([4.0, -2.0])
    for _step in range(_PLATT_STEPS):
        p = sigmoid(x @ slope)
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.eye(2) * 1e-3
        slope -= np.linalg.solve(bend, x.T @ (p - y))
    return sigmoid(scores * np.float32(slope[0]) + np.float32(slope[1]))


def _shared(groups: Groups) -> Iterator[slice]:
    """Where the items of each group of several stand, of groups whose items stand side by side."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(groups)) + 1])
    ends = np.append(starts[1:], len(groups))
    for at in np.flatnonzero(ends - starts > 1).tolist():
        yield slice(int(starts[at]), int(ends[at]))


def _landmarks(n: int) -> int:
    return round(min(max(np.sqrt(_PRODUCTS / n), _LANDMARKS[0]), _LANDMARKS[1]))


def _best_ridge(kernel: LandmarkKernel, centred: Probs) -> Job[float]:
    """The ridge with the least squared error of single items left out, on the first few landmarks; centred: (n, k) targets."""
    # Nyström features K L^-T, where L L' is the kernel of the landmarks; rotated so that their Gram matrix is diagonal.
    # Then each ridge only shrinks directions: H = U diag(1 / (values + ridge)) U'.
    yield Progress(_("Comparing the items"))
    root = np.linalg.inv(np.linalg.cholesky(kernel.among[:_FEWER, :_FEWER])).T
    values, vectors = np.linalg.eigh(root.T @ kernel.gram[:_FEWER, :_FEWER] @ root)
    turn = root @ vectors
    answers = turn.T @ kernel.answers[:_FEWER]
    turn = turn.astype(np.float32)
    shrinks = [(1 / (np.maximum(values, 0) + ridge)).astype(np.float32) for ridge in _RIDGES]
    said = [(shrink[:, None] * answers).astype(np.float32) for shrink in shrinks]
    # Of each ridge the sum over items of ((y - fit) / (1 - h_i))^2.
    errors = np.zeros(len(_RIDGES))
    for items, block in kernel.blocks(_FEWER):
        yield Progress(_("Comparing the items"))
        turned = block @ turn
        squares, wanted = turned * turned, centred[items]
        for at, shrink in enumerate(shrinks):
            left = np.maximum(1 - squares @ shrink, 1 - _MOST_LEVERAGE)
            errors[at] += float((((wanted - turned @ said[at]) / left[:, None]) ** 2).sum())
    return _RIDGES[int(np.argmin(errors))]


def _inverse_of_lower(lower: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of a lower triangular matrix, by halves: a sixth of the work of an inverse that does not know."""
    if len(lower) <= _BLOCK:
        return np.linalg.inv(lower)
    half = len(lower) // 2
    inverse = np.zeros_like(lower)
    inverse[:half, :half] = first = _inverse_of_lower(lower[:half, :half])
    inverse[half:, half:] = last = _inverse_of_lower(lower[half:, half:])
    inverse[half:, :half] = -last @ (lower[half:, :half] @ first)
    return inverse
