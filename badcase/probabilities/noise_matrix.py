"""The noise matrix, p(given class | true class): which class is written for which, from out-of-sample probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Probs

# All constants were chosen once on the twelve sets of the ranking benchmark and kept on others.
_STAY = 0.8  # the matrix before any evidence: .8 on the diagonal, the rest even
PSEUDO_COUNTS = 20.0  # what that first matrix weighs against the counts of a class
_STEPS = 5  # more steps of EM follow the noise into itself: mean AP .81 to .75
# By the relative entropy of the confusions. Concentrated ones are the labellers' own; those that spread as the model's
# uncertainty does tell little that its probabilities do not, and even ones nothing but how many labels are wrong.
_ENTROPY = (0.3, 0.45, 0.85, 0.95)
_SYSTEMATIC = (1.0, 0.0, 0.0, 0.0)  # how surely the noise is taken for systematic
_CLEANING = (1.0, 0.5, 0.5, 1.0)  # exponent of the matrix in the beliefs that a second pass learns
_DROPPED = (0.5, 0.5, 0.5, 0.0)  # share of the contradicted labels that have no say there
_TWO_CLASSES = 0.75  # two classes have one confusion each: their entropy says nothing

# How much of what a whole class is more suspect than the others is taken back, of many classes, and the items by which it
# is known half-way. A fifth to two fifths gained alike.
_TAKEN_BACK, _HALF_KNOWN = 0.3, 50.0

# Rows handled at once, in cells of (rows, classes): they stay in the cache of the processor.
_CELLS = 100_000
# The matrix is estimated from this many items at most, drawn at random: of a million more would not change it.
_SAMPLE = 100_000


def noise_matrix(
    probs: Probs, labels: Labels, *, verified: Labels | None = None, steps: int = _STEPS, pseudo_counts: float = PSEUDO_COUNTS
) -> NDArray[np.float64]:
    """p(given class | true class) as a (k, k) matrix, rows sum to 1, by a few steps of EM.

    Few steps and pseudo-counts keep the estimate close to "labels are mostly right". Source: Dawid and Skene 1979 for one
    annotator, with the class probabilities of each item in place of a class prior.

    Args:
        probs: (n, k) out-of-sample, rows sum to 1.
        labels: (n,) the given classes.
        verified: (n,) the true class of an item where it is known, else -1.
        steps: Steps of EM.
        pseudo_counts: What the first matrix weighs against the counts of a class.
    """
    if len(labels) > _SAMPLE:
        rows = sampled(len(labels))
        probs, labels = probs[rows], labels[rows]
        verified = None if verified is None else verified[rows]
    # Expectation: the posterior of the true class, p(true j | given g, item) ~ M[j, g] p_j. Maximization: M[j, g] is the
    # share of the posterior mass of class j on items given g. `counts` is transposed (given, true); items come sorted by
    # their label, so a block touches few rows of it.
    k = probs.shape[1]
    matrix = first = before_evidence(k)
    for _step in range(steps):
        columns, counts = by_given(matrix), pseudo_counts * first.T + 1e-12
        for rows, given in blocks(labels, k):
            classes = np.arange(given[0], given[-1] + 1)
            counts[classes] += (classes[:, None] == given).astype(np.float32) @ true_classes(
                probs, columns, rows, given, verified
            )
        matrix = (counts / counts.sum(0)).T
    return matrix


def before_evidence(k: int) -> NDArray[np.float64]:
    """The noise matrix (k, k) before any evidence."""
    return _STAY * np.eye(k) + (1 - _STAY) / k


def sampled(n: int) -> NDArray[np.int64]:
    """The items (m,), rising, of n that a noise matrix is estimated from: all where they are few."""
    if n <= _SAMPLE:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, _SAMPLE, replace=False))


def cleaned(probs: Probs, labels: Labels, verified: Labels | None = None) -> Probs:
    """Soft targets (n, k) for a second pass: the posterior of the true class, by three steps of EM from the labels.

    The label has no say at all where its posterior is lowest, in up to half as many items as the probabilities
    contradict: mean AP +.003, on systematic noise +.02. All of them would be too many on clean sets.

    Args:
        probs: (n, k) out-of-sample, rows sum to 1.
        labels: (n,) the given classes.
        verified: (n,) the true class of an item where it is known, else -1.
    """
    # The posterior under the noise matrix, which counts by an exponent that depends on how concentrated it is.
    entropy = _entropy(probs, labels, verified)
    strength = np.interp(entropy, _ENTROPY, _CLEANING)
    columns = by_given(noise_matrix(probs, labels, steps=3, verified=verified) ** strength)
    clean, own = np.empty(probs.shape, np.float32), np.arange(len(labels))
    for rows, given in blocks(labels, probs.shape[1]):
        clean[rows] = true_classes(probs, columns, rows, given, verified)
    # The probability mass of the contradicted labels; so many items as a share of it, those whose label has the lowest
    # posterior, are given the bare probabilities.
    right = clean[own, labels] if verified is None else np.where(verified < 0, clean[own, labels], 1)
    best = probs.max(1)
    contradicted = float(best[probs[own, labels] < best].sum(dtype=np.float64))
    least = np.argsort(right, kind="stable")[: round(np.interp(entropy, _ENTROPY, _DROPPED) * contradicted)]
    clean[least] = probs[least]
    return clean


def systematic(probs: Probs, labels: Labels, verified: Labels | None = None) -> float:
    """How systematic the noise is, 0 to 1: how surely it follows confusions of the labellers' own."""
    return float(np.interp(_entropy(probs, labels, verified), _ENTROPY, _SYSTEMATIC))


def _entropy(probs: Probs, labels: Labels, verified: Labels | None) -> float:
    """The relative entropy of the confusions: 0 where each class is written as one other, 1 where as all others equally often.

    The mean over the classes, weighted by how often each is confused.

    Measured without pseudo-counts: these are even, and would hide what is concentrated in a small class.
    """
    matrix = noise_matrix(probs, labels, pseudo_counts=0.0, verified=verified)
    k = len(matrix)
    if k == 2:
        return _TWO_CLASSES
    # Of each true class: its confusions off the diagonal, their sum, and their entropy over that of k - 1 equal shares.
    off = matrix * (1 - np.eye(k))
    mass = off.sum(1)
    shares = off / np.maximum(mass, 1e-12)[:, None]
    rows = -(shares * np.log(shares + 1e-12)).sum(1) / np.log(k - 1)
    return float((rows * mass).sum() / max(mass.sum(), 1e-12))


def levelled(odds: NDArray[np.float64], probs: Probs, labels: Labels, verified: Labels | None = None) -> NDArray[np.float64]:
    """Log odds (n,) that labels are wrong, with less of what the typical item of a class is more suspect than others.

    A class that looks doubtful as a whole is hard or rare rather than wrong as a whole: mean AP +.002 on the sets of the
    ranking benchmark, +.004 on others, and a loss on none of 43. But labellers who write one class for another do make
    many errors in a class, so there it is left as it is. Of two classes none can be told to be the unusual one.

    Args:
        odds: (n,) log odds that each label is wrong.
        probs: (n, k) out-of-sample, rows sum to 1.
        labels: (n,) the given classes.
        verified: (n,) the true class of an item where it is known, else -1.
    """
    # The median of each class, its excess over the median of all, and the share of it that is taken back: less for few
    # classes, for systematic noise, and for a class of few items.
    order = np.argsort(labels, kind="stable")
    classes, starts, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    typical = np.array([np.median(part) for part in np.split(odds[order], starts[1:])])
    share = _TAKEN_BACK * (1 - 2 / probs.shape[1]) * (1 - systematic(probs, labels, verified))
    excess = np.zeros(probs.shape[1])
    excess[classes] = share * (typical - np.median(odds)) * sizes / (sizes + _HALF_KNOWN)
    return odds - excess[labels]


def true_classes(
    probs: Probs, columns: NDArray[np.float32], rows: NDArray[np.int64], given: Labels, verified: Labels | None
) -> NDArray[np.float32]:
    """The posterior (rows, k) of the true class; certain where it is verified.

    p(true j | given g, item) = M[j, g] p_j / sum over j.
    """
    true = columns[given]
    true *= probs[rows] + np.float32(1e-12)
    true /= true.sum(1, keepdims=True)
    if verified is not None:
        known = np.flatnonzero(verified[rows] >= 0)
        true[known] = np.eye(probs.shape[1])[verified[rows[known]]]
    return true


def by_given(matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """The matrix transposed, a row for each given class, in single precision."""
    return np.ascontiguousarray(matrix.T, np.float32)


def blocks(labels: Labels, k: int) -> Iterator[tuple[NDArray[np.int64], Labels]]:
    """Rows and their labels, ascending by label."""
    order, many = np.argsort(labels, kind="stable"), max(1, _CELLS // k)
    for start in range(0, len(order), many):
        rows = order[start : start + many]
        yield rows, labels[rows]
