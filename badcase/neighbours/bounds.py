"""The nearest items of all items, exact, without most of the work: bounds on similarity rule out what is far.

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
    """left[i] @ right[j] < 0: j is certainly not among the m nearest items of i."""

    left: NDArray[np.float32]  # (n, p + 2)
    right: NDArray[np.float32]
    order: NDArray[np.int64]  # (n,) items, alike ones side by side
    open: NDArray[np.bool_]  # (n,) bounds rule out too little for it


def bounds(unit: Features, m: int, groups: Groups | None = None) -> Bounds | None:
    """Bounds for the m nearest outside their own group among rows of unit length (n, d); None where they would not pay."""
    n, d = unit.shape
    turned = unit @ np.linalg.eigh((unit.T @ unit).astype(np.float64))[1][:, ::-1].astype(np.float32)
    order = _side_by_side(turned[:, : max(1, d // _SHARES[0])])
    known = _known(unit, order, m, np.arange(n) if groups is None else groups) - np.float32(_SLACK)
    sample = np.random.default_rng(0).choice(n, min(n, _SAMPLE), replace=False)
    for share in _SHARES:
        p = d // share
        rest = np.linalg.norm(turned[:, p:], axis=1)
        left = np.column_stack([turned[:, :p], rest, -known])
        right = np.column_stack([turned[:, :p], rest, np.ones(n, np.float32)])
        few = right[sample].T
        possible = [(left[rows : rows + _SAMPLE] @ few >= 0).mean(1) for rows in range(0, n, _SAMPLE)]
        left_open = np.concatenate(possible) > _OPEN
        if left_open.mean() < _MOST_OPEN:
            return Bounds(left, right, order, left_open)
    return None


def blocks(made: Bounds) -> list[NDArray[np.int64]]:
    """The items that bounds serve, alike ones together."""
    served = made.order[~made.open[made.order]]
    return [served[start : start + _BLOCK] for start in range(0, len(served), _BLOCK)]


def possible(made: Bounds, block: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids of all items that may be among the nearest of any item of a block, ascending."""
    left, right = made.left[block], made.right
    rows = 8 * _BLOCK  # so that the cells stay in the cache of the processor
    largest = [(left @ right[start : start + rows].T).max(0) for start in range(0, len(right), rows)]
    return np.flatnonzero(np.concatenate(largest) >= 0)


def _side_by_side(x: Features) -> NDArray[np.int64]:
    """The items ordered by their cluster."""
    rng = np.random.default_rng(0)
    centres = x[np.sort(rng.choice(len(x), min(len(x), _CENTRES), replace=False))]
    for _round in range(_ROUNDS):
        of = np.argmax(x @ centres.T - (centres**2).sum(1) / 2, axis=1)
        order = np.argsort(of, kind="stable")
        there, starts = np.unique(of[order], return_index=True)
        centres = np.add.reduceat(x[order], starts) / np.bincount(of)[there][:, None].astype(np.float32)
    return order


def _known(unit: Features, order: NDArray[np.int64], m: int, groups: Groups) -> NDArray[np.float32]:
    """(n,) the similarity of the m-th nearest among those that stand beside each item in the order; -inf: unknown."""
    known = np.empty(len(unit), np.float32)
    for start in range(0, len(order), _BLOCK):
        first = max(0, min(start - _BLOCK, len(order) - 3 * _BLOCK))
        beside = order[first : first + 3 * _BLOCK]
        rows = order[start : start + _BLOCK]
        cells = unit[rows] @ unit[beside].T
        cells[groups[rows][:, None] == groups[beside][None, :]] = -np.inf
        known[rows] = np.partition(cells, len(beside) - m, axis=1)[:, len(beside) - m]
    return known
