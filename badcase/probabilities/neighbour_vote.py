"""The vote of the nearest items, each weighted by how similar it is."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Probs
from badcase.neighbours.search import Nearest

# Cells of (items, neighbours, classes) gathered at once: they stay in the cache of the processor.
_CELLS = 200_000


def vote_probs(nearest: Nearest, targets: Probs) -> Probs:
    """Probabilities (n, k) from the targets (n, k) of the neighbours of each item, which never include itself.

    A neighbour weighs exp(-d / t): d is how much less similar it is than the nearest one, t the mean d of the last.
    With few effective votes (1 / sum of squared weights) the class shares of all other items count too, as one vote.
    Source: SimiFeat, Zhu et al. 2022, https://arxiv.org/abs/2110.06283, for the idea; the weights are our own.

    Args:
        nearest: (n, m) indices and similarity of the nearest items, nearest first.
        targets: (n, k) soft or hard.
    """
    # Weights that sum to 1 for each item, 0 where there is no neighbour.
    n = len(targets)
    near, similarity = nearest
    known = np.isfinite(similarity)
    close = np.where(known, similarity, 0)
    below = np.where(known, close - close[:, :1], 0)
    spread = max(float(np.mean(-below[:, -1])), 1e-6)
    weights = np.where(known, np.exp(below / np.float32(spread)), 0)
    total = weights.sum(1, keepdims=True)
    weights /= np.where(total > 0, total, 1)
    # Effective votes, 1 / sum of squared weights; the class shares of all others count as one more.
    votes = 1 / np.maximum((weights**2).sum(1, keepdims=True), 1e-12) * (total > 0)
    everyone = targets.sum(0, dtype=np.float64)
    probs = np.empty_like(targets)
    many = max(1, _CELLS // max(1, near.shape[1] * targets.shape[1]))
    for begin in range(0, n, many):
        rows = slice(begin, begin + many)
        shares = (everyone - targets[rows]) / max(n - 1, 1)
        mean = np.matmul(weights[rows, None, :], targets[near[rows]])[:, 0]
        probs[rows] = (votes[rows] * mean + shares) / (votes[rows] + 1)
    return probs
