"""Cross-validation folds: stratified by class, groups kept whole, the same for the same data in any order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups, Labels

_ROWS = 65_536


def row_keys(features: Features, seed: int) -> NDArray[np.uint64]:
    """A pseudo-random number (n,) for each row made from its content, so that it moves with the row and copies share it.

    Multiplicative hashing of the bits: exact whatever the order of rows or the machine.

    Args:
        features: (n, d) float32.
        seed: Another seed gives other numbers.
    """
    odd = np.random.default_rng(seed).integers(0, 2**63, features.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    keys = np.empty(len(features), np.uint64)
    for start in range(0, len(features), _ROWS):
        rows = np.ascontiguousarray(features[start : start + _ROWS] + np.float32(0))  # + 0 turns -0.0 into 0.0
        mixed = rows.view(np.uint32).astype(np.uint64)
        mixed ^= mixed << np.uint64(29)
        keys[start : start + _ROWS] = (mixed * odd).sum(1, dtype=np.uint64)
    keys ^= keys >> np.uint64(32)
    keys *= np.uint64(0xD6E8FEB86659FD93)
    keys ^= keys >> np.uint64(32)
    return keys


def stratified_folds(labels: Labels, groups: Groups, keys: NDArray[np.uint64], folds: int) -> NDArray[np.int64]:
    """The fold of each item: (n,) counted from 0, at most `folds`. Stratified by class; a group is never divided.

    A group goes by the label of its first item. Within a class the groups stand in the order of their keys and are
    cut into equal stretches: the keys nearly decide the fold, and another label on one item moves only the few items
    that stand at a cut.

    Args:
        labels: (n,) class ids.
        groups: (n,) items of one group share a fold.
        keys: (n,) from `row_keys`.
        folds: How many folds at most.
    """
    # The groups sorted by class, then by key.
    first, sizes = np.unique(groups, return_index=True, return_counts=True)[1:]
    classes, place = np.unique(labels[first], return_inverse=True)
    order = np.lexsort((first, keys[first], place))
    items_of_class = np.bincount(place, weights=sizes, minlength=len(classes))
    # A class starts at a place of its own between two cuts: else all classes of one item would share fold 0.
    offset = np.random.default_rng(len(classes)).random(len(classes))
    # Where each group begins among the items of its class, and the fold that this place is cut into.
    before = np.cumsum(sizes[order]) - sizes[order]
    start_of_class = np.concatenate([[0], np.cumsum(items_of_class)[:-1]])
    within = before - start_of_class[place[order]] + offset[place[order]]
    fold_of_group = np.empty(len(first), np.int64)
    fold_of_group[order] = np.floor(within * folds / items_of_class[place[order]]).astype(np.int64)
    used = np.unique(np.minimum(fold_of_group, folds - 1), return_inverse=True)[1].reshape(-1)  # none is empty
    return used[groups].astype(np.int64)
