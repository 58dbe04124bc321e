"""The structure of the label noise: which class is written for which, estimated from honest probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Labels, Probs

# All constants were chosen once on the twelve sets of the ranking benchmark and kept on others.
_STAY = 0.8  # the matrix before any evidence: .8 on the diagonal, the rest even
_PSEUDO_COUNTS = 20.0  # what that first matrix weighs against the counts of a class
_STEPS = 5  # more steps of EM follow the noise into itself: mean AP .81 to .75
_TRUST = (0.35, 0.8)  # exponent of the matrix where the noise is even, and where it is concentrated
_ENTROPY = (0.3, 0.45)  # relative entropy of the confusions: concentrated below, even above
_TWO_CLASSES = 0.75  # two classes have one confusion each: their entropy says nothing

# Rows handled at once, in cells of (rows, classes).
_CELLS = 8_000_000


def noise_matrix(
    probs: Probs, labels: Labels, *, verified: Labels | None = None, steps: int = _STEPS,
    pseudo_counts: float = _PSEUDO_COUNTS,
) -> NDArray[np.float64]:  # fmt: skip
    """p(given class | true class) as a (k, k) matrix, rows sum to 1, by a few steps of EM.

    Few steps and pseudo-counts keep the estimate close to "labels are mostly right"; where the true class of an item is
    `verified` (-1: it is not) it is known. Source: Dawid and Skene 1979 for
    one annotator, with the class probabilities of each item in place of a class prior.
    """
    k = probs.shape[1]
    first = _STAY * np.eye(k) + (1 - _STAY) / k
    matrix = first
    for _step in range(steps):
        counts = pseudo_counts * first + 1e-12
        for given, rows in _by_label(labels, k):
            counts[:, given] += _true(probs, matrix[:, given], rows, verified).sum(0)
        matrix = counts / counts.sum(1, keepdims=True)
    return matrix


def cleaned(probs: Probs, labels: Labels, verified: Labels | None = None) -> Probs:
    """The posterior (n, k) of the true class given the item and its label, after three steps of EM."""
    matrix = noise_matrix(probs, labels, steps=3, verified=verified)
    clean = np.empty(probs.shape, np.float32)
    for given, rows in _by_label(labels, probs.shape[1]):
        clean[rows] = _true(probs, matrix[:, given], rows, verified)
    return clean


def trust_in_noise(probs: Probs, labels: Labels, verified: Labels | None = None) -> float:
    """How far to believe the noise matrix, .35 to .8: more where each class is confused with few others.

    Measured without pseudo-counts: these are even, and would hide what is concentrated in a small class.
    """
    matrix = noise_matrix(probs, labels, pseudo_counts=0.0, verified=verified)
    k = len(matrix)
    if k == 2:
        entropy = _TWO_CLASSES
    else:
        off = matrix * (1 - np.eye(k))
        mass = off.sum(1)
        shares = off / np.maximum(mass, 1e-12)[:, None]
        rows = -(shares * np.log(shares + 1e-12)).sum(1) / np.log(k - 1)
        entropy = float((rows * mass).sum() / max(mass.sum(), 1e-12))
    low, high = _ENTROPY
    return float(np.interp(entropy, [low, high], [_TRUST[1], _TRUST[0]]))


def wrong_log_odds(probs: Probs, labels: Labels, verified: Labels | None = None) -> NDArray[np.float64]:
    """Log odds (n,) that each label is wrong, in the light of the noise matrix. They order well; they are no
    calibrated probabilities. Of a verified item too they tell what its probabilities say of its label."""
    matrix = noise_matrix(probs, labels, verified=verified)
    trust = trust_in_noise(probs, labels, verified)
    out = np.empty(len(labels))
    for given, rows in _by_label(labels, probs.shape[1]):
        posterior = _posterior(probs[rows], matrix[:, given] ** trust)
        right = posterior[:, given].copy()
        posterior[:, given] = 0  # summed without it: 1 - right would round to 0 for sure labels
        out[rows] = np.log(posterior.sum(1) + 1e-12) - np.log(right + 1e-12)
    return out


def _true(
    probs: Probs, column: NDArray[np.float64], rows: NDArray[np.int64], verified: Labels | None
) -> NDArray[np.float64]:
    """Beliefs in the true classes of rows with one given label; certain where they are verified."""
    posterior = _posterior(probs[rows], column)
    if verified is not None:
        known = np.flatnonzero(verified[rows] >= 0)
        posterior[known] = np.eye(probs.shape[1])[verified[rows[known]]]
    return posterior


def _posterior(probs: Probs, column: NDArray[np.float64]) -> NDArray[np.float64]:
    weighted = (probs.astype(np.float64) + 1e-12) * column
    return weighted / weighted.sum(1, keepdims=True)


def _by_label(labels: Labels, k: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=k))
    rows = max(1, _CELLS // k)
    for given in range(k):
        items = order[ends[given - 1] if given else 0 : ends[given]]
        for start in range(0, len(items), rows):
            yield given, items[start : start + rows]
