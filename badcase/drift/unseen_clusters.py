"""Clusters of new data where there is next to nothing old."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features
from badcase.drift.energy_test import ALPHA
from badcase.drift.share_test import holm, upper_chance
from badcase.groups.clusters import components, k_means

MIN_SIZE = 5
_CELL = 15  # items of both samples together
_MOST_CELLS = 1_000
_DIMENSIONS = 64
_UNSEEN = 0.1  # of the share of the new: old data that are rarer than that were not there to learn from


@dataclass(frozen=True, slots=True)
class Unseen:
    """New items that lie together where hardly anything old lies.

    Attributes:
        rows: Their rows among the new, the most typical first.
        old: How many rows of the old lie there.
        chance: Of as many new ones there by chance, held for all cells that were looked at.
    """

    rows: NDArray[np.int64]
    old: int
    chance: float


def unseen_clusters(new: Features, old: Features, rng: np.random.Generator) -> list[Unseen]:
    """Clusters of new data that the old do not have, the largest first.

    Both samples together are cut into small cells by k-means, which does not know which is which: in a cell the number of new
    ones is then hypergeometric where there is no difference. Cells beyond chance with hardly anything old, which are neighbours
    of each other, are one cluster of at least five. The idea of histograms of the data's own: Boracchi et al. 2018, QuantTree,
    https://proceedings.mlr.press/v80/boracchi18a.html

    Args:
        new: (m, d).
        old: (n, d).
        rng: Where the randomness comes from.
    """
    m, n = len(new), len(old)
    count = min(_MOST_CELLS, (m + n) // _CELL)
    if m < MIN_SIZE or n < MIN_SIZE or count < 2:
        return []
    points = components(np.concatenate([new, old]).astype(np.float32), _DIMENSIONS)
    cells, distances = k_means(points, count, rng)
    inside = np.stack([np.bincount(part, minlength=count) for part in (cells[:m], cells[m:])])
    filled = np.flatnonzero(inside.sum(0))
    plain = [upper_chance(int(inside[0, c]), m, int(inside[1, c]), n) for c in filled]
    held = dict(zip(filled.tolist(), holm(plain), strict=True))
    rare = (inside[0] > 0) & (inside[1] * m <= _UNSEEN * inside[0] * n)
    # A cluster needs a cell that is beyond chance among all cells; around that, one that is so by itself is a part of it.
    alone = dict(zip(filled.tolist(), plain, strict=True))
    edge = [c for c, chance in alone.items() if chance <= ALPHA and rare[c]]
    centres = np.stack([points[cells == c].mean(0) for c in filled])
    found = []
    for part in _joined(edge, filled, centres):
        chance = min(held[c] for c in part)
        if chance > ALPHA:
            continue
        rows = np.flatnonzero(np.isin(cells[:m], part))
        if len(rows) < MIN_SIZE:
            continue
        near = distances[rows, cells[rows]]
        found.append(Unseen(rows[np.argsort(near, kind="stable")], int(inside[1, part].sum()), chance))
    return sorted(found, key=lambda one: (-len(one.rows), int(one.rows.min())))


def _joined(edge: list[int], filled: NDArray[np.int64], centres: Features) -> list[list[int]]:
    """The cells in parts, those together of which one is the nearest cell of the other."""
    root = {c: c for c in edge}

    def find(c: int) -> int:
        while root[c] != c:
            c = root[c]
        return c

    place = {int(c): at for at, c in enumerate(filled)}
    for c in edge:
        apart = ((centres - centres[place[c]]) ** 2).sum(1)
        apart[place[c]] = np.inf
        nearest = int(filled[int(apart.argmin())])
        if nearest in root:
            root[find(c)] = find(nearest)
    parts: dict[int, list[int]] = {}
    for c in edge:
        parts.setdefault(find(c), []).append(c)
    return list(parts.values())
