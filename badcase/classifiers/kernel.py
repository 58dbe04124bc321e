"""Kernel ridge regression on random landmarks (Nyström): bends where a linear head cannot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Features, Probs
from badcase.classifiers.linear import softmax

LANDMARKS = 1_000
_RIDGE = 1.0
_TEMPERATURES = np.geomspace(0.02, 1.0, 18)
# Training items on which the temperature is chosen.
_JUDGES = 2_000


def landmark_features(features: Features, order: NDArray[np.int64]) -> Features:
    """Features (n, m) whose inner products approximate a Gaussian kernel, half the median distance wide.

    The landmarks are the first items of `order`. Source: Williams and Seeger 2001, Nyström method.
    """
    marks = features[order[:LANDMARKS]]
    squares = _squared_distances(marks, marks)
    width = 0.5 * np.sqrt(np.median(squares[np.triu_indices(len(marks), 1)])) if len(marks) > 1 else 1.0
    scale = 1 / (2 * max(float(width), 1e-6) ** 2)
    values, vectors = np.linalg.eigh(np.exp(-scale * squares).astype(np.float64))
    kept = values > 1e-6 * values[-1]
    root = (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)
    out = np.empty((len(features), root.shape[1]), np.float32)
    for start in range(0, len(features), 16_384):
        rows = slice(start, start + 16_384)
        out[rows] = np.exp(-np.float32(scale) * _squared_distances(features[rows], marks)) @ root
    return out


def kernel_probs(landmarked: Features, targets: Probs, folds: NDArray[np.int64]) -> Probs:
    """Out-of-fold probabilities (n, k): ridge regression on the targets, then a softmax.

    Each fold's temperature is the likeliest one on its own training items by closed-form leave-one-out.
    """
    grams = [landmarked[folds == fold].T @ landmarked[folds == fold] for fold in range(int(folds.max()) + 1)]
    whole = np.zeros(grams[0].shape, np.float64)
    for gram in grams:
        whole += gram
    whole[np.diag_indices_from(whole)] += _RIDGE
    centre = targets.mean(0)
    probs = np.empty_like(targets)
    for fold, gram in enumerate(grams):
        held = folds == fold
        train = np.flatnonzero(~held)
        inverse = np.linalg.inv(whole - gram).astype(np.float32)
        centre = targets[train].mean(0)
        weights = inverse @ (landmarked[train].T @ (targets[train] - centre))
        judges = train[:: max(1, len(train) // _JUDGES)]
        temperature = _temperature(landmarked[judges], targets[judges], centre, weights, inverse)
        probs[held] = softmax((landmarked[held] @ weights + centre) / temperature)
    return probs


def _temperature(
    judges: Features, targets: Probs, centre: NDArray[np.float32], weights: NDArray[np.float32], inverse: NDArray[np.float32]
) -> np.float32:
    leverage = np.minimum(np.einsum("ij,ij->i", judges @ inverse, judges), 0.999)[:, None]
    left_out = centre + (judges @ weights - leverage * (targets - centre)) / (1 - leverage)
    losses = [-(targets * np.log(softmax(left_out / t) + 1e-12)).sum() for t in _TEMPERATURES.astype(np.float32)]
    return np.float32(_TEMPERATURES[int(np.argmin(losses))])


def _squared_distances(rows: Features, marks: Features) -> NDArray[np.float32]:
    lengths = np.einsum("ij,ij->i", rows, rows)[:, None] + np.einsum("ij,ij->i", marks, marks)[None, :]
    squares: NDArray[np.float32] = np.maximum(lengths - 2 * rows @ marks.T, 0)
    return squares
