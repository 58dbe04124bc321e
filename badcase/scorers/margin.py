"""How far another class is ahead of the given one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Labels, Suspicion

_ROWS = 65_536


def margin(labels: Labels, probs: NDArray[np.floating]) -> Suspicion:
    """Suspicion that each given label is wrong: (the best other class - the given one + 1) / 2.

    labels (n,) int64 in [0, k); probs (n, k), rows sum to 1, out-of-sample. Returns (n,) in [0, 1]; above 1/2 the
    model prefers another class. Strong where one class is written for a certain other; weak on items of no class.
    Source: Northcutt et al. 2021, https://arxiv.org/abs/1911.00068 (normalized margin)
    """
    given = probs[np.arange(len(labels)), labels]
    other = np.empty_like(given)
    for start in range(0, len(labels), _ROWS):
        rows = probs[start : start + _ROWS].copy()
        rows[np.arange(len(rows)), labels[start : start + _ROWS]] = -1
        other[start : start + _ROWS] = rows.max(1)
    return np.clip((other - given + 1) / 2, 0, 1)
