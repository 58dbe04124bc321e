"""Which items are nearly the same thing, by what lies far nearer than neighbours do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Groups
from badcase.neighbours.search import Nearest

_SIMILAR = 0.995  # cosine
_BY_CHANCE = 0.5  # pairs that may be so near by chance: in few dimensions everything is similar
_LOOKED_AT = 10  # neighbours of each item


def twin_sets(near: Nearest, groups: Groups) -> NDArray[np.int64]:
    """(n,) the lowest id in each item's set of twins: its group, and whatever is nearly as near as a copy."""
    indices, distance = near.indices[:, :_LOOKED_AT], 1 - near.similarity[:, :_LOOKED_AT].astype(np.float64)
    bound = _bound(distance)
    rows, places = np.nonzero((distance <= bound) & (indices >= 0))
    _ids, lowest, group = np.unique(groups, return_index=True, return_inverse=True)
    sets = lowest[group.reshape(-1)].astype(np.int64)
    pairs = np.stack([rows, indices[rows, places]])
    while len(rows):  # each round hands the lowest id on to the neighbours
        low = sets[pairs].min(0)
        before = sets.copy()
        for side in pairs:
            np.minimum.at(sets, before[side], low)
        sets = sets[sets]
        if (sets == before).all():
            break
    return sets


def _bound(distance: NDArray[np.float64]) -> float:
    """The distance under which two items are twins; distance (n, m), nearest first.

    How fast neighbours recede tells the dimension, and that how many pairs lie by chance under a share of the usual
    distance. Source: Pettis et al. 1979, An intrinsic dimensionality estimator from near-neighbor information.
    """
    whole = distance[np.isfinite(distance).all(1)]
    if len(whole) < 2 or distance.shape[1] < 2:
        return 0.0
    first, last = np.maximum(np.median(whole[:, [0, -1]], axis=0), 1e-9)
    exponent = np.log(max(last / first, 1.01)) / np.log(distance.shape[1])
    return float(min(1 - _SIMILAR, first * (_BY_CHANCE / len(distance)) ** exponent))
