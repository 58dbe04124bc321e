"""How far a label reaches: what is near a labelled item is known by it, in part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features

# Random items that stand for all: with 2,000 of them a share of the items is known to within a point or two.
_MARKS = 2_000
# A label reaches as far as the nearest hundredth of the items are, in the median. From a third to three times that
# distance the learning curves of four sets are within their noise.
_NEAR = 0.01
_ROWS = 512  # items that are compared at once: the block stays in the cache of the processor


class Reach:
    """A Gaussian kernel by cosine between items and a few random ones, the marks, which stand for all.

    Attributes:
        marks: (m,) ids of the marks.
        covered: (m,) in [0, 1], how near the nearest label is to each mark: 1 = the same, 0 = nothing like it has a label.
    """

    def __init__(self, features: Features, rng: np.random.Generator) -> None:
        """Draw the marks from all items and measure how far a label reaches.

        Args:
            features: (n, d), of any scale.
            rng: Where the randomness comes from.
        """
        centred = features - features.mean(0, dtype=np.float64).astype(np.float32)
        length = np.sqrt(np.einsum("ij,ij->i", centred, centred))
        self.unit: Features = centred / np.maximum(length, np.finfo(np.float32).tiny)[:, None]
        self.marks = np.sort(rng.permutation(len(features))[:_MARKS])
        self._of_marks = self.unit[self.marks].T
        near = max(1, round(_NEAR * len(self.marks)))
        apart = np.concatenate([self._apart(rows) for rows in _parts(self.marks)])
        nearest = np.partition(apart, min(near, apart.shape[1] - 1), axis=1)[:, : near + 1].max(1)
        self._far = np.float32(max(float(np.median(nearest)), 1e-6))  # 0 where most items are copies of each other
        self.covered = np.zeros(len(self.marks), np.float32)

    def rows(self, items: NDArray[np.int64]) -> NDArray[np.float32]:
        """(q, m) in (0, 1], how well a label of each item would be known at each mark."""
        made = self._apart(items)
        made /= -self._far
        return np.exp(made, out=made)

    def cover(self, items: NDArray[np.int64]) -> None:
        """These items have a label now."""
        for some in _parts(items):
            self.covered = np.maximum(self.covered, self.rows(some).max(0))

    def far_from(self, items: NDArray[np.int64], labelled: NDArray[np.int64]) -> NDArray[np.float32]:
        """(q,) one less the cosine of each item and the nearest labelled one; infinite where there is none."""
        nearest = np.full(len(items), -np.inf, np.float32)
        for some in _parts(labelled):
            nearest = np.maximum(nearest, (self.unit[items] @ self.unit[some].T).max(1))
        return 1 - nearest

    def between(self, item: int, others: NDArray[np.int64]) -> NDArray[np.float32]:
        """(q,) in (0, 1], how well a label of one item would be known at each of some others."""
        near: NDArray[np.float32] = np.exp(np.minimum(self.unit[others] @ self.unit[item] - 1, 0) / self._far)
        return near

    def _apart(self, items: NDArray[np.int64]) -> NDArray[np.float32]:
        """One less the cosine of items and marks."""
        apart: NDArray[np.float32] = self.unit[items] @ self._of_marks
        np.subtract(1, apart, out=apart)
        return np.maximum(apart, 0, out=apart)


def gains(rows: NDArray[np.float32], covered: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(q,) what a label of each item would add to what is covered, summed over the marks by their weights (m,)."""
    added = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _ROWS):
        block = rows[start : start + _ROWS] - covered
        added[start : start + _ROWS] = np.maximum(block, 0, out=block) @ weights
    return added


def _parts(items: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [items[start : start + _ROWS] for start in range(0, len(items), _ROWS)]
