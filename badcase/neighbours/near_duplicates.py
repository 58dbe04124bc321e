"""Near-duplicates (twins) by features: items that lie far nearer to each other than neighbours usually do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Groups
from badcase.neighbours.search import Nearest

_SIMILAR = 0.995  # cosine
_BY_CHANCE = 0.5  # pairs that may be so near by chance: in few dimensions everything is similar
_LOOKED_AT = 10  # neighbours of each item


def twin_sets(near: Nearest, groups: Groups) -> NDArray[np.int64]:
    """The sets of near-duplicates: an item's group, and what is nearly as near as a copy.

    Args:
        near: The nearest items of each item, outside its group.
        groups: (n,) items of one group are the same thing already.

    Returns:
        (n,) the lowest id in the set of each item.
    """
    # Edges: pairs of an item and one of its nearest within the bound, by cosine distance.
    indices, distance = near.indices[:, :_LOOKED_AT], 1 - near.similarity[:, :_LOOKED_AT].astype(np.float64)
    bound = _bound(distance)
    rows, places = np.nonzero((distance <= bound) & (indices >= 0))
    # Connected components by spreading the lowest id: first each group has that of its own.
    _ids, lowest, group = np.unique(groups, return_index=True, return_inverse=True)
    sets = lowest[group.reshape(-1)].astype(np.int64)
    pairs = np.stack([rows, indices[rows, places]])
    while len(rows):  # each round, the two sets that an edge joins take the lower of their ids
        low = sets[pairs].min(0)
        before = sets.copy()
        for side in pairs:
            np.minimum.at(sets, before[side], low)
        sets = sets[sets]  # the id of the id: paths shorten by half
        if (sets == before).all():
            break
    return sets


def _bound(distance: NDArray[np.float64]) -> float:
    """The distance under which two items are near-duplicates; distance (n, m), nearest first.

    The distance of the j-th nearest grows as j^(1/D), which tells the intrinsic dimension D. With first, the median
    distance of the nearest, n (r / first)^D pairs lie within r by chance; the bound is the r where these are one half, and
    never more than that of a cosine of .995.
    Source: Pettis et al. 1979, An intrinsic dimensionality estimator from near-neighbor information.
    """
    whole = distance[np.isfinite(distance).all(1)]
    if len(whole) < 2 or distance.shape[1] < 2:
        return 0.0
    first, last = np.maximum(np.median(whole[:, [0, -1]], axis=0), 1e-9)
    # The exponent is 1 / D.
    exponent = np.log(max(last / first, 1.01)) / np.log(distance.shape[1])
    return float(min(1 - _SIMILAR, first * (_BY_CHANCE / len(distance)) ** exponent))
