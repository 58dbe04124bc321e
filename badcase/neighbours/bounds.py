"""Bounds on similarity rule out most pairs, so that the nearest items are found exactly without most of the work.

In the first principal directions a and b have the similarity a'b'; with the lengths |a"| and |b"| of what remains, the
whole is at most a'b' + |a"||b"|, which is one short matrix product. Where it stays below the similarity of the m nearest
that are known already, the pair needs no further look. Source: the inequality of Cauchy and Schwarz, as in partial
distance search, Cheng et al. 1984.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups

_SHARES = (8, 4)  # the first eighth or quarter of the directions
_BLOCK = 256  # alike items that are looked at together
_CENTRES, _ROUNDS = 256, 3  # of k-means, which puts alike items side by side
_SAMPLE = 1_000
_OPEN = 0.03  # an item that bounds leave more than this share of the others is compared with all
_MOST_OPEN = 0.2  # with more of these, bounds do not pay
_SLACK = 2e-5  # bounds and similarities are float32


class Bounds(NamedTuple):
    """Upper bounds on similarity: where left[i] @ right[j] < 0, j is certainly not among the m nearest items of i."""

    left: NDArray[np.float32]  # (n, p + 2)
    right: NDArray[np.float32]
    order: NDArray[np.int64]  # (n,) items, alike ones side by side
    open: NDArray[np.bool_]  # (n,) bounds rule out too little for the item


def bounds(unit: Features, m: int, groups: Groups | None = None) -> Bounds | None:
    """Bounds for the m nearest items of every item, outside its own group.

    Args:
        unit: (n, d) rows of unit length.
        m: How many nearest.
        groups: (n,) the group of each item; None where each is its own.

    Returns:
        The bounds; None where they would not pay.
    """
    # Rotate the rows so that the directions with most of their length come first: eigenvectors of X'X, largest eigenvalue first.
    n, d = unit.shape
    turned = unit @ np.linalg.eigh((unit.T @ unit).astype(np.float64))[1][:, ::-1].astype(np.float32)
    # s_i, a lower bound on the similarity of item i's m-th nearest: that among the items beside it, less rounding.
    order = _side_by_side(turned[:, : max(1, d // _SHARES[0])])
    known = _known(unit, order, m, np.arange(n) if groups is None else groups) - np.float32(_SLACK)
    sample = np.random.default_rng(0).choice(n, min(n, _SAMPLE), replace=False)
    for share in _SHARES:
        # left_i . right_j = a_i' . b_j' + |a_i"| |b_j"| - s_i, split after p directions: the upper bound less what is known.
        p = d // share
        rest = np.linalg.norm(turned[:, p:], axis=1)
        left = np.column_stack([turned[:, :p], rest, -known])
        right = np.column_stack([turned[:, :p], rest, np.ones(n, np.float32)])
        # By a sample of the others: the share that the bound leaves possible for each item.
        few = right[sample].T
        possible = [(left[rows : rows + _SAMPLE] @ few >= 0).mean(1) for rows in range(0, n, _SAMPLE)]
        left_open = np.concatenate(possible) > _OPEN
        if left_open.mean() < _MOST_OPEN:
            return Bounds(left, right, order, left_open)
    return None


def blocks(made: Bounds) -> list[NDArray[np.int64]]:
    """The items that bounds rule out enough for, in blocks of alike ones."""
    served = made.order[~made.open[made.order]]
    return [served[start : start + _BLOCK] for start in range(0, len(served), _BLOCK)]


def possible(made: Bounds, block: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids of all items that may be among the nearest of any item of a block, ascending."""
    # An item stays possible where its largest product with a row of the block is not negative.
    left, right = made.left[block], made.right
    rows = 8 * _BLOCK  # so that the cells stay in the cache of the processor
    largest = [(left @ right[start : start + rows].T).max(0) for start in range(0, len(right), rows)]
    return np.flatnonzero(np.concatenate(largest) >= 0)


def _side_by_side(x: Features) -> NDArray[np.int64]:
    """(n,) the items ordered by their cluster: a few rounds of k-means."""
    rng = np.random.default_rng(0)
    centres = x[np.sort(rng.choice(len(x), min(len(x), _CENTRES), replace=False))]
    for _round in range(_ROUNDS):
        # The nearest centre c maximizes x'c - |c|^2 / 2.
        of = np.argmax(x @ centres.T - (centres**2).sum(1) / 2, axis=1)
        order = np.argsort(of, kind="stable")
        # New centres: the mean of each cluster that has items.
        there, starts = np.unique(of[order], return_index=True)
        centres = np.add.reduceat(x[order], starts) / np.bincount(of)[there][:, None].astype(np.float32)
    return order


def _known(unit: Features, order: NDArray[np.int64], m: int, groups: Groups) -> NDArray[np.float32]:
    """(n,) the similarity of the m-th nearest among those that stand beside each item in the order; -inf: unknown."""
    known = np.empty(len(unit), np.float32)
    for start in range(0, len(order), _BLOCK):
        # Compare a block of the order with the block before, itself and the block after.
        first = max(0, min(start - _BLOCK, len(order) - 3 * _BLOCK))
        beside = order[first : first + 3 * _BLOCK]
        rows = order[start : start + _BLOCK]
        cells = unit[rows] @ unit[beside].T
        cells[groups[rows][:, None] == groups[beside][None, :]] = -np.inf
        known[rows] = np.partition(cells, len(beside) - m, axis=1)[:, len(beside) - m]
    return known
