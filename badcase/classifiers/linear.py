"""Softmax regression: the linear head that a network would end in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Features, Probs

# One unit of ridge on features of mean squared length 1, as scikit-learn's C = 1.
_RIDGE = 1.0


def softmax(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Rows of logits as probabilities."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def linear_probs(
    features: Features, targets: Probs, folds: NDArray[np.int64], steps: int, start: list[NDArray[np.float32]] | None = None
) -> tuple[Probs, list[NDArray[np.float32]]]:
    """Out-of-fold probabilities (n, k) of a softmax regression on soft targets, and the weights of each fold.

    features (n, d), of about unit length, with a constant column; targets (n, k), rows sum to 1; `start`: weights of an
    earlier call to go on from.
    """
    probs = np.empty_like(targets)
    weights = []
    for fold in range(int(folds.max()) + 1):
        held = folds == fold
        begin = start[fold] if start else np.zeros((features.shape[1], targets.shape[1]), np.float32)
        weights.append(_fit(features[~held], targets[~held], begin, steps))
        probs[held] = softmax(features[held] @ weights[-1])
    return probs, weights


def _fit(features: Features, targets: Probs, weights: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """Accelerated steps, each scaled by the inverse of Böhning's bound on the Hessian, 1/2 X'X + ridge.

    Source: Böhning 1992, https://doi.org/10.1007/BF00048682; Nesterov 1983 for the acceleration.
    """
    bound = 0.5 * (features.T @ features).astype(np.float64)
    bound[np.diag_indices_from(bound)] += _RIDGE
    inverse = np.linalg.inv(bound).astype(np.float32)
    ahead, pace = weights, 1.0
    for _step in range(steps):
        gradient = features.T @ (softmax(features @ ahead) - targets) + np.float32(_RIDGE) * ahead
        moved = ahead - inverse @ gradient
        next_pace = 0.5 + np.sqrt(0.25 + pace * pace)
        ahead = moved + np.float32((pace - 1) / next_pace) * (moved - weights)
        weights, pace = moved, next_pace
    return weights
