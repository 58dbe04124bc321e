"""Items with up to three labels of which some were forgotten and some invented."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Planted(NamedTuple):
    features: np.ndarray  # (n, 10)
    given: np.ndarray  # (n, k) bool
    true: np.ndarray
    probs: np.ndarray  # (n, k) of a good model


def planted(n: int = 400, k: int = 5, missing: int = 30, extra: int = 10, seed: int = 0) -> Planted:
    """The first `missing` items lack one of their labels, the next `extra` have one too many."""
    rng = np.random.default_rng(seed)
    true = np.zeros((n, k), np.bool_)
    for row in true:
        row[rng.choice(k, rng.integers(1, min(4, k)), replace=False)] = True
    features = true @ (6 * np.eye(k, 10)) + rng.normal(size=(n, 10))
    given = true.copy()
    for item in range(missing):
        given[item, rng.choice(np.flatnonzero(true[item]))] = False
    for item in range(missing, missing + extra):
        given[item, rng.choice(np.flatnonzero(~true[item]))] = True
    return Planted(features, given, true, np.where(true, 0.96, 0.03) + rng.uniform(-0.03, 0.03, (n, k)))
