"""Nearest-neighbour search by cosine: exact, block by block, in bounded memory; see `bounds` for what it leaves out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features, Groups
from badcase.i18n import _
from badcase.neighbours import bounds
from badcase.progress import Job, Progress, finish

# Similarities held at once: 16 million float32, 64 MB.
_CELLS = 16_000_000
_HEAP = 16
# From so many items on, and for so few neighbours, what is far is ruled out first. On clusters of 50,000 x 384 that is
# several times as fast; on features without clusters it does not pay, and trying costs a tenth at 10,000 items.
MANY, _FEW = 20_000, 100


class Nearest(NamedTuple):
    """The nearest items of each row, nearest first; -1 (and similarity -inf) where there were not enough."""

    indices: NDArray[np.int32]
    similarity: NDArray[np.float32]


def nearest(
    features: Features,
    m: int,
    *,
    queries: NDArray[np.integer] | None = None,
    among: NDArray[np.integer] | None = None,
    groups: Groups | None = None,
    block: int | None = None,
) -> Nearest:
    """The m nearest items of every item, itself left out.

    Args:
        features: (n, d). A row of zeros is similar to nothing (0).
        m: How many nearest.
        queries: (q,) ids of the items that are asked for; None for all.
        among: Ids of the items that may be answers; None for all.
        groups: (n,) an item's own group is left out too.
        block: How many rows to compare at once; None for as many as memory allows.

    Returns:
        Indices (q, m) int32 and cosine similarity (q, m) float32, nearest first; equal ones stand in the order of their ids.
    """
    return finish(nearest_in_steps(features, m, queries=queries, among=among, groups=groups, block=block))


def nearest_in_steps(
    features: Features,
    m: int,
    *,
    queries: NDArray[np.integer] | None = None,
    among: NDArray[np.integer] | None = None,
    groups: Groups | None = None,
    block: int | None = None,
) -> Job[Nearest]:
    """`nearest` as a job that can be stopped after each block."""
    unit = _unit(features)
    # Many items and few neighbours: rule out pairs by bounds, where these pay.
    if queries is None and among is None and block is None and len(unit) >= MANY and m <= _FEW:
        made = bounds.bounds(unit, m, groups)
        if made is not None:
            return (yield from _pruned(unit, m, groups, made))
    # Else compare every query with every allowed item, so many rows at once that the similarities fit into _CELLS.
    asked = np.arange(len(unit)) if queries is None else np.asarray(queries, dtype=np.int64)
    allowed = np.arange(len(unit)) if among is None else np.unique(np.asarray(among, dtype=np.int64))
    pool = unit if among is None else unit[allowed]
    rows = block or max(1, _CELLS // max(1, len(allowed)))
    indices = np.full((len(asked), m), -1, np.int32)
    similarity = np.full((len(asked), m), -np.inf, np.float32)
    width = min(m, len(allowed))
    for start in range(0, len(asked), rows):
        yield Progress(_("Finding the nearest items"), start, len(asked))
        ids = asked[start : start + rows]
        cells = unit[ids] @ pool.T  # (rows, allowed)
        _leave_out(cells, ids, allowed, groups)
        top, values = _largest(cells, width)
        here = slice(start, start + len(ids))
        indices[here, :width] = np.where(np.isfinite(values), allowed[top], -1)
        similarity[here, :width] = values
    return Nearest(indices, similarity)


def bounded_in_steps(features: Features, m: int, groups: Groups | None) -> Job[Nearest | None]:
    """`nearest` of all items by bounds, as a job; None where these would not make it much quicker than comparing all pairs."""
    yield Progress(_("Finding the nearest items"))
    unit = _unit(features)
    made = bounds.bounds(unit, m, groups)
    return None if made is None else (yield from _pruned(unit, m, groups, made))


def _pruned(unit: Features, m: int, groups: Groups | None, made: bounds.Bounds) -> Job[Nearest]:
    """`nearest` of all items by bounds: each block is compared with the items that they leave possible."""
    found = Nearest(np.empty((len(unit), m), np.int32), np.empty((len(unit), m), np.float32))
    for ids in bounds.blocks(made):
        yield Progress(_("Finding the nearest items"))
        allowed = bounds.possible(made, ids)
        cells = unit[ids] @ unit[allowed].T
        _leave_out(cells, ids, allowed, groups)
        top, values = _largest(cells, m)
        found.indices[ids], found.similarity[ids] = allowed[top], values
    # Items that the bounds rule out too little for are compared with all.
    rest = np.flatnonzero(made.open)
    if len(rest):
        plain = yield from nearest_in_steps(unit, m, queries=rest, groups=groups)
        found.indices[rest], found.similarity[rest] = plain
    return found


def _unit(features: Features) -> Features:
    """The rows brought to length 1, so that inner products are cosines; a row of zeros stays."""
    lengths = np.sqrt(np.einsum("ij,ij->i", features, features, dtype=np.float64))
    return (features / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32, copy=False)


def _leave_out(cells: NDArray[np.float32], ids: NDArray[np.int64], allowed: NDArray[np.int64], groups: Groups | None) -> None:
    """No item is its own neighbour, nor is one of its group."""
    if groups is not None:
        cells[groups[ids][:, None] == groups[allowed][None, :]] = -np.inf
        return
    place = np.minimum(np.searchsorted(allowed, ids), len(allowed) - 1)
    there = allowed[place] == ids
    cells[np.flatnonzero(there), place[there]] = -np.inf


def _largest(cells: NDArray[np.float32], width: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Columns of the `width` largest cells of each row, largest first, equal ones by column.

    The columns are first dealt into heaps of 16: the largest cells can only be in the `width` heaps with the largest
    maxima, so that only these are searched. Several times quicker than partitioning whole rows, and as exact.
    """
    # Heap h holds the columns h, h + heaps, h + 2 heaps, ...; the columns left over at the end are candidates anyway.
    columns = cells.shape[1]
    heaps = columns // _HEAP
    if heaps > 4 * width:
        maxima = cells[:, : heaps * _HEAP].reshape(len(cells), _HEAP, heaps).max(1)
        best = np.argpartition(maxima, heaps - width, axis=1)[:, heaps - width :]
        dealt = (best[:, None, :] + heaps * np.arange(_HEAP)[None, :, None]).reshape(len(cells), -1)
        rest = np.broadcast_to(np.arange(heaps * _HEAP, columns), (len(cells), columns - heaps * _HEAP))
        candidates = np.concatenate([dealt, rest], axis=1)
    else:
        candidates = np.broadcast_to(np.arange(columns), cells.shape)
    # Of the candidates keep the `width` largest, then sort these by value and column.
    values = np.take_along_axis(cells, candidates, 1)
    if width < candidates.shape[1]:
        kept = np.argpartition(values, candidates.shape[1] - width, axis=1)[:, -width:]
        candidates, values = np.take_along_axis(candidates, kept, 1), np.take_along_axis(values, kept, 1)
    order = np.lexsort((candidates, -values), axis=1)
    return np.take_along_axis(candidates, order, 1), np.take_along_axis(values, order, 1)
