"""Kernel ridge regression on random landmarks (Nyström): bends where a linear head cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Features, Probs
from badcase.classifiers.linear import sigmoid, softmax

LANDMARKS = 1_000
_RIDGE = 1.0
_TEMPERATURES = np.geomspace(0.02, 1.0, 18).astype(np.float32)
# Training items on which the temperature is chosen.
_JUDGES = 2_000
_ROWS = 16_384
_PLATT_STEPS = 8


# Scores of held-out items, scores and targets of other items that were left out -> probabilities of the held-out ones.
Calibration: TypeAlias = Callable[[NDArray[np.float32], NDArray[np.float32], Probs], Probs]


class KernelFolds:
    """One kernel ridge regression a fold, trained on the other folds; its scores are made probabilities."""

    def __init__(self, features: Features, folds: NDArray[np.int64], order: NDArray[np.int64]) -> None:
        """features (n, d); folds (n,) counted from 0; the landmarks are the first items of `order`."""
        self._mapped = _landmark_features(features, features[order[:LANDMARKS]])
        self._held = [folds == fold for fold in range(int(folds.max()) + 1)]
        grams = [self._mapped[held].T @ self._mapped[held] for held in self._held]
        whole = np.zeros(grams[0].shape)
        for gram in grams:
            whole += gram
        whole[np.diag_indices(len(whole))] += _RIDGE
        self._inverses = [np.linalg.inv(whole - gram).astype(np.float32) for gram in grams]

    def probs(self, targets: Probs, calibrated: Calibration | None = None) -> Probs:
        """Out-of-fold probabilities (n, k) from targets (n, k).

        Each fold is calibrated, by a softmax or as asked, on its own training items by closed-form leave-one-out.
        """
        calibrated = calibrated or by_softmax
        probs = np.empty_like(targets)
        for held, inverse in zip(self._held, self._inverses, strict=True):
            train = np.flatnonzero(~held)
            centre = targets[train].mean(0)
            weights = inverse @ (self._mapped[train].T @ (targets[train] - centre))
            judges = train[:: max(1, len(train) // _JUDGES)]
            left_out = _left_out(self._mapped[judges], targets[judges] - centre, weights, inverse) + centre
            scores = self._mapped[held] @ weights + centre
            probs[held] = calibrated(scores, left_out, targets[judges])
        return probs


def by_softmax(scores: NDArray[np.float32], left_out: NDArray[np.float32], targets: Probs) -> Probs:
    """Softmax at the likeliest temperature."""
    return softmax(scores / _temperature(left_out, targets))


def by_sigmoid(scores: NDArray[np.float32], left_out: NDArray[np.float32], targets: Probs) -> Probs:
    """A logistic curve over the scores, the same for all labels: labels of a few items could not carry their own.

    Source: Platt 1999, Probabilistic outputs for support vector machines.
    """
    x = np.stack([left_out.reshape(-1), np.ones(left_out.size, np.float32)], axis=1).astype(np.float64)
    y = targets.reshape(-1)
    slope = np.array([4.0, -2.0])
    for _step in range(_PLATT_STEPS):
        p = sigmoid(x @ slope)
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.eye(2) * 1e-3
        slope -= np.linalg.solve(bend, x.T @ (p - y))
    return sigmoid(scores * np.float32(slope[0]) + np.float32(slope[1]))


def _landmark_features(features: Features, marks: Features) -> Features:
    """Features (n, m) whose inner products approximate a Gaussian kernel, half the median distance of marks wide.

    Source: Williams and Seeger 2001, Using the Nyström method to speed up kernel machines.
    """
    squares = _squared_distances(marks, marks)
    apart = squares[np.triu_indices(len(marks), 1)]
    width = max(0.5 * float(np.sqrt(np.median(apart))), 1e-6)
    scale = np.float32(1 / (2 * width**2))
    values, vectors = np.linalg.eigh(np.exp(-scale * squares).astype(np.float64))
    kept = values > 1e-6 * values[-1]
    root = (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)
    mapped = np.empty((len(features), root.shape[1]), np.float32)
    for start in range(0, len(features), _ROWS):
        rows = slice(start, start + _ROWS)
        mapped[rows] = np.exp(-scale * _squared_distances(features[rows], marks)) @ root
    return mapped


def _left_out(
    mapped: Features, targets: NDArray[np.float32], weights: NDArray[np.float32], inverse: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What ridge regression would say of each training item had it been left out."""
    leverage = np.minimum(np.einsum("ij,ij->i", mapped @ inverse, mapped), 0.999)[:, None]
    said: NDArray[np.float32] = (mapped @ weights - leverage * targets) / (1 - leverage)
    return said


def _temperature(scores: NDArray[np.float32], targets: Probs) -> np.float32:
    losses = [-(targets * np.log(softmax(scores / t) + 1e-12)).sum() for t in _TEMPERATURES]
    return _TEMPERATURES[int(np.argmin(losses))]


def _squared_distances(rows: Features, marks: Features) -> NDArray[np.float32]:
    lengths = np.einsum("ij,ij->i", rows, rows)[:, None] + np.einsum("ij,ij->i", marks, marks)[None, :]
    squares: NDArray[np.float32] = np.maximum(lengths - 2 * (rows @ marks.T), 0)
    return squares
