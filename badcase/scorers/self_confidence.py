"""How little the model believes in the given label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.arrays import Labels, Suspicion


def self_confidence(labels: Labels, probs: NDArray[np.floating]) -> Suspicion:
    """Suspicion that each given label is wrong: one minus its own probability.

    labels (n,) int64 in [0, k); probs (n, k), rows sum to 1, out-of-sample. Returns (n,) in [0, 1].
    Strong against evenly spread errors; blind where classes overlap, see `margin`.
    Source: Northcutt et al. 2021, https://arxiv.org/abs/1911.00068
    """
    given = probs[np.arange(len(labels)), labels]
    return np.clip(1 - given, 0, 1)
