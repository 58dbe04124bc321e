"""Kernel ridge regression on random landmarks (Nyström): a classifier for class borders that no plane follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups, Probs
from badcase.i18n import _
from badcase.probabilities.linear_head import sigmoid, softmax
from badcase.progress import Job, Progress

# As many landmarks as this many products (items, landmarks, landmarks) allow, within bounds. Mean AP of the ranking with 1,500
# of 10,000 items .8472, with 2,500 .8500, with 3,000 .8505; these 2,800 take a core two seconds.
_PRODUCTS, _LANDMARKS = 8e10, (1_500, 3_000)
# The ridge is chosen on fewer landmarks, where one factorisation serves all: the same one wins there and here. Wrong labels
# make a stiffer one win than is best for what is true: two fifths of it gain .001 of mean AP, on other sets .002.
_FEWER = 400
_RIDGES = (0.03, 0.065, 0.14, 0.3, 0.65, 1.4, 3.0)
_SOFTER = 0.4
# Added to the diagonal of the landmarks' kernel, so that single precision is enough for what follows.
_JITTER = 1e-4
_ROUNDING = 1e-6  # of a Gram matrix in single precision, times the square root of its size
_TEMPERATURES = np.geomspace(0.02, 1.0, 30).astype(np.float32)
# Items on which the temperature of the others is chosen.
_JUDGES = 2_000
_MOST_LEVERAGE = 0.999  # 1 - leverage is a divisor
_ROWS, _CLOSE_ROWS = 16_384, 1_024  # items handled at once
_FEW_APART = 1_000  # landmarks whose distances set the width of the kernel
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
        kernel, among = yield from _kernel(features, features[order[: _landmarks(len(features))]])
        ridge = _SOFTER * (yield from _best_ridge(kernel[:, :_FEWER], among[:_FEWER, :_FEWER], targets))
        return cls((yield from _ridge_features(kernel, among, ridge)), groups, order)

    def __init__(self, mapped: Features, groups: Groups, order: NDArray[np.int64]) -> None:
        """Take what `making` computed.

        Args:
            mapped: (n, m) features Z whose inner products, Z Z', are the hat matrix without the mean.
            groups: (n,) counted from 0.
            order: (n,) a random order of the items.
        """
        # The leverage of an item is its diagonal entry of the hat matrix; the mean adds 1 / n.
        self._mapped = mapped
        self._leverage = np.einsum("ij,ij->i", self._mapped, self._mapped) + np.float32(1 / len(mapped))
        # Groups in two random halves: each half's scores are calibrated on the other.
        halves = np.random.default_rng(0).permutation(int(groups.max()) + 1) % 2
        self._half, self._order = halves[groups], order
        self._blocks = _shared(groups)

    def probs(self, targets: Probs, calibrated: Calibration | None = None) -> Probs:
        """Probabilities (n, k) from targets (n, k) of the items outside each item's group.

        The scores are made probabilities by a calibration that is fitted to the other half of the groups, so that a group
        has no part in its own.

        Args:
            targets: (n, k) soft or hard.
            calibrated: How scores become probabilities; None for `by_softmax`.
        """
        calibrated = calibrated or by_softmax
        said, made = self._left_out(targets), np.empty_like(targets)
        for half in (0, 1):
            mine = self._half == half
            judges = self._order[self._half[self._order] != half][:_JUDGES]
            made[mine] = calibrated(said[mine], said[judges], targets[judges])
        return made

    def _left_out(self, targets: Probs) -> NDArray[np.float32]:
        """What ridge regression would say of each item (n, k) had its group been left out."""
        # The fit to all items, Z Z' (y - mean) + mean, and the residual of each item alone left out: (y - fit) / (1 - h_i).
        n, mean = len(targets), targets.mean(0)
        said: NDArray[np.float32] = self._mapped @ (self._mapped.T @ (targets - mean)) + mean
        missed = (targets - said) / np.maximum(1 - self._leverage, 1 - _MOST_LEVERAGE)[:, None]
        # The residuals of a group of several left out: (I - H_gg)^-1 (y_g - fit_g), with a little on the diagonal.
        for items in self._blocks:
            rows = self._mapped[items]
            outside = np.eye(len(items)) * (2 - _MOST_LEVERAGE) - (rows @ rows.T).astype(np.float64) - 1 / n
            missed[items] = np.linalg.solve(outside, (targets[items] - said[items]).astype(np.float64))
        return targets - missed


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


def _shared(groups: Groups) -> list[NDArray[np.int64]]:
    """The items of each group that has more than one."""
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups)
    parts = np.split(order, np.cumsum(sizes)[:-1])
    return [parts[group] for group in np.flatnonzero(sizes > 1)]


def _landmarks(n: int) -> int:
    return round(min(max(np.sqrt(_PRODUCTS / n), _LANDMARKS[0]), _LANDMARKS[1]))


def _best_ridge(kernel: Features, among: NDArray[np.float64], targets: Probs) -> Job[float]:
    """The ridge with the least squared error of single items left out.

    Args:
        kernel: (n, m) of items and landmarks, centred.
        among: (m, m) of the landmarks.
        targets: (n, k).
    """
    # Nyström features K L^-T, where L L' is the kernel of the landmarks; rotated so that their Gram matrix is diagonal.
    # Then each ridge only shrinks directions: H = U diag(1 / (values + ridge)) U'.
    yield Progress(_("Comparing the items"))
    kernel = kernel @ np.linalg.inv(np.linalg.cholesky(among)).T.astype(np.float32)
    values, vectors = np.linalg.eigh((kernel.T @ kernel).astype(np.float64))
    turned = kernel @ vectors.astype(np.float32)
    yield Progress(_("Comparing the items"))
    squares, centred = turned * turned, targets - targets.mean(0)
    answers = turned.T @ centred

    def error(ridge: float) -> float:
        """The sum over items of ((y - fit) / (1 - h_i))^2."""
        shrink = (1 / (np.maximum(values, 0) + ridge)).astype(np.float32)
        missed = centred - turned @ (shrink[:, None] * answers)
        return float(((missed / np.maximum(1 - squares @ shrink, 1 - _MOST_LEVERAGE)[:, None]) ** 2).sum())

    errors = []
    for ridge in _RIDGES:
        yield Progress(_("Comparing the items"))
        errors.append(error(ridge))
    return _RIDGES[int(np.argmin(errors))]


def _ridge_features(kernel: Features, among: NDArray[np.float64], ridge: float) -> Job[Features]:
    """Centred features (n, m) whose inner products are the hat matrix of kernel ridge regression on landmarks.

    They are written over the kernel.
    Source: Williams and Seeger 2001, Using the Nyström method to speed up kernel machines; the Cholesky factor of
    K'K + ridge * K(marks) as in Rudi et al. 2015, Less is more: Nyström computational regularization.
    """
    # K'K, a block of rows at a time, with enough on its diagonal that rounding leaves it positive definite.
    gram = np.zeros((kernel.shape[1], kernel.shape[1]))
    for start in range(0, len(kernel), _ROWS):
        yield Progress(_("Comparing the items"))
        rows = kernel[start : start + _ROWS]
        gram += rows.T @ rows
    gram[np.diag_indices(len(gram))] += _ROUNDING * np.sqrt(len(gram)) * gram.diagonal().max()
    # Z = K R^-T with R R' = K'K + ridge * K(marks), so that Z Z' = K (R R')^-1 K' is the hat matrix.
    back = _inverse_of_lower(np.linalg.cholesky(gram + ridge * among).astype(np.float32)).T
    for start in reversed(range(0, len(back), _BLOCK)):  # below its diagonal `back` is zero: the last columns need all others
        yield Progress(_("Comparing the items"))
        columns, needed = slice(start, start + _BLOCK), slice(start + _BLOCK)
        kernel[:, columns] = kernel[:, needed] @ back[needed, columns]
    return kernel


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


def _kernel(features: Features, marks: Features) -> Job[tuple[Features, NDArray[np.float64]]]:
    """A Gaussian kernel as wide as the median distance of the landmarks.

    Args:
        features: (n, d) of the items.
        marks: (m, d) of the landmarks.

    Returns:
        The kernel of items and landmarks (n, m), centred, and that of the landmarks (m, m).
    """
    # exp(-|x - y|^2 / (2 s^2)), with s^2 the median squared distance of some pairs of landmarks.
    exact = marks.astype(np.float64)
    squares = _squared_distances(exact, exact)
    apart = squares[:_FEW_APART, :_FEW_APART][np.triu_indices(min(len(marks), _FEW_APART), 1)]
    square = float(np.median(apart) or apart.mean()) or 1.0  # more than half alike: of the others; all alike
    among = np.exp(squares / (-2 * square))
    among[np.diag_indices(len(among))] += _JITTER
    kernel = np.empty((len(features), len(marks)), np.float32)
    for start in range(0, len(features), _CLOSE_ROWS):
        yield Progress(_("Comparing the items"))
        rows = slice(start, start + _CLOSE_ROWS)
        near = _squared_distances(features[rows], marks)
        near /= np.float32(-2 * square)
        np.exp(near, out=kernel[rows])
    kernel -= kernel.mean(0)
    return kernel, among


def _squared_distances(rows: NDArray[Any], marks: NDArray[Any]) -> NDArray[Any]:
    """|x - y|^2 = |x|^2 - 2 x'y + |y|^2 for each row and mark; rounding below 0 is cut."""
    squares: NDArray[Any] = rows @ (-2 * marks).T
    squares += np.einsum("ij,ij->i", rows, rows)[:, None]
    squares += np.einsum("ij,ij->i", marks, marks)
    return np.maximum(squares, 0, out=squares)
