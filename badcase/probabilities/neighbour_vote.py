"""The vote of the nearest items, each weighted by how similar it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Probs
from badcase.neighbours.search import Nearest

# Cells of (items, neighbours, classes) gathered at once: they stay in the cache of the processor.
_CELLS = 200_000
_ALL = slice(None)


def vote_probs(nearest: Nearest, targets: Probs) -> Probs:
    """Probabilities (n, k) from the targets (n, k) of the neighbours of each item, which never include itself.

    A neighbour weighs exp(-d / t): d is how much less similar it is than the nearest one, t the mean d of the last.
    With few effective votes (1 / sum of squared weights) the class shares of all other items count too, as one vote.
    Source: SimiFeat, Zhu et al. 2022, https://arxiv.org/abs/2110.06283, for the idea; the weights are our own.

    Args:
        nearest: (n, m) indices and similarity of the nearest items, nearest first.
        targets: (n, k) soft or hard.
    """
    n = len(targets)
    near, similarity = nearest
    spread = max(float(np.mean(_below(similarity, [0, -1])[:, -1])), 1e-6)
    everyone = targets.sum(0, dtype=np.float64)
    probs = np.empty_like(targets)
    many = max(1, _CELLS // max(1, near.shape[1] * targets.shape[1]))
    for begin in range(0, n, many):
        rows = slice(begin, begin + many)
        # Weights that sum to 1 for each item, 0 where there is no neighbour.
        weights = np.where(np.isfinite(similarity[rows]), np.exp(_below(similarity[rows]) / np.float32(-spread)), 0)
        total = weights.sum(1, keepdims=True)
        weights /= np.where(total > 0, total, 1)
        # Effective votes, 1 / sum of squared weights; the class shares of all others count as one more.
        votes = 1 / np.maximum((weights**2).sum(1, keepdims=True), 1e-12) * (total > 0)
        shares = (everyone - targets[rows]) / max(n - 1, 1)
        mean = np.matmul(weights[:, None, :], targets[near[rows]])[:, 0]
        probs[rows] = (votes * mean + shares) / (votes + 1)
    return probs


def _below(similarity: NDArray[np.float32], columns: list[int] | slice = _ALL) -> NDArray[np.float32]:
    """(rows, columns) how much less similar neighbours are than the nearest one; 0 where there is none."""
    first, asked = similarity[:, :1], similarity[:, columns]
    less: NDArray[np.float32] = np.where(np.isfinite(asked), np.where(np.isfinite(first), first, 0) - asked, 0)
    return less
