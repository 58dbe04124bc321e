"""What lies together on a map: the hills of its density, how many items each has, and what they are mostly called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.distinctive_words import telling, text_counts
from badcase.maps.density import GRID, Density, levels_of
from badcase.maps.point_field import Numbers, PointField

_MOST = 40  # hills that are told of
_FEWEST, _LEAST_SHARE = 5, 0.004  # items of a hill, and its share of all
_SADDLE = 0.8  # of its height: a hill that is cut off from a higher one by less is a part of it
_SHARE = 0.2  # of its items must have a class for the hill to be named by it as well
_WORDS, _READ = 2, 200  # words that tell a hill, and texts of each that are read for them


@dataclass(frozen=True, slots=True)
class Hill:
    """A hill: its middle and the top edge above it in the plane, its `items`, one of them in its middle, and the classes that
    name it, the most frequent first; words: what sets it apart from others, where its items are texts."""

    x: float
    y: float
    top: float
    items: Numbers
    exemplar: int
    classes: tuple[int, ...]
    words: tuple[str, ...] = ()


def clusters_of(field: PointField, density: Density, labels: npt.NDArray[np.integer]) -> list[Hill]:
    """The hills of a map, those with most items first.

    field: all points. labels (n,): the class of each item, -1 where it has none. Every item lies on one hill, but those that
    lie where there is next to nothing.
    """
    hill = _hills(density)[density.cells_of(field.x, field.y)]
    rows = np.argsort(hill, kind="stable")
    rows = rows[np.searchsorted(hill[rows], 0) :]
    if not len(rows):
        return []
    peaks, starts = np.unique(hill[rows], return_index=True)
    made = [
        _cluster(field, density, labels, int(peak), members)
        for peak, members in zip(peaks, np.split(rows, starts[1:]), strict=True)
        if len(members) >= max(_FEWEST, _LEAST_SHARE * len(field))
    ]
    return sorted(made, key=lambda one: (-len(one.items), one.exemplar))[:_MOST]


def _hills(density: Density) -> npt.NDArray[np.int64]:
    """(cells,) the cell of the peak that one comes to from each by going up, -1 where the density is low."""
    flat = density.cells.ravel()
    if not len(levels := levels_of(density)):
        return np.full(len(flat), -1)
    peak = _ascended(density.cells)
    for _time in range(3):  # a hill may lean on one that leans on a third
        peak = _joined(density.cells, peak)
    return np.where(flat >= levels[0], peak, -1)


def _ascended(cells: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """(cells,) the end of the steepest way up from each cell."""
    numbers = np.arange(cells.size).reshape(cells.shape)
    best, up = cells.copy(), numbers.copy()
    padded, of = np.pad(cells, 1, constant_values=-1), np.pad(numbers, 1)
    for dy in range(3):
        for dx in range(3):
            beside = padded[dy : dy + GRID, dx : dx + GRID]
            higher = beside > best
            best[higher], up[higher] = beside[higher], of[dy : dy + GRID, dx : dx + GRID][higher]
    way = up.ravel()
    while not np.array_equal(further := way[way], way):
        way = further
    return way


def _joined(cells: npt.NDArray[np.float32], peak: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same where hills that a shallow saddle parts from a higher one belong to that."""
    flat, ground = cells.ravel(), peak.reshape(cells.shape)
    pairs = []
    for one, other, low in (
        (ground[:, :-1], ground[:, 1:], np.minimum(cells[:, :-1], cells[:, 1:])),
        (ground[:-1], ground[1:], np.minimum(cells[:-1], cells[1:])),
    ):
        met = one != other
        pairs.append(np.stack([one[met], other[met]], 1))
        pairs.append(low[met][:, None])
    sides, saddles = np.concatenate(pairs[::2]), np.concatenate(pairs[1::2])[:, 0]
    swap = flat[sides[:, 0]] > flat[sides[:, 1]]
    lower, higher = np.where(swap, sides[:, 1], sides[:, 0]), np.where(swap, sides[:, 0], sides[:, 1])
    shallow = np.flatnonzero(saddles > _SADDLE * flat[lower])
    shallow = shallow[np.argsort(saddles[shallow], kind="stable")]  # the highest saddle is written last
    into = np.arange(len(flat))
    into[lower[shallow]] = higher[shallow]
    while not np.array_equal(further := into[into], into):
        into = further
    return into[peak]


def _cluster(
    field: PointField, density: Density, labels: npt.NDArray[np.integer], peak: int, rows: npt.NDArray[np.int64]
) -> Hill:
    x, y = density.left + peak % GRID * density.side, density.top + peak // GRID * density.side
    items = field.items[rows]
    here = labels[items]
    counts = np.bincount(here[here >= 0], minlength=1)
    named = [int(one) for one in np.argsort(-counts, kind="stable")[:2] if counts[one] >= max(1, _SHARE * len(rows))]
    away = (field.x[rows] - x) ** 2 + (field.y[rows] - y) ** 2
    middle = float(np.median(field.x[rows]))
    return Hill(
        middle,
        float(np.median(field.y[rows])),
        float(np.quantile(field.y[rows], 0.01)),
        np.sort(items),
        int(items[away.argmin()]),
        tuple(named) or ((int(counts.argmax()),) if counts.any() else ()),
    )


def with_words(clusters: list[Hill], text: Callable[[int], str]) -> list[Hill]:
    """The same hills with the words that tell each from all others; text: of an item."""
    if len(clusters) < 2:
        return clusters
    read = [one.items[:: max(1, len(one.items) // _READ)][:_READ].tolist() for one in clusters]
    counts = [text_counts(text(item) for item in items) for items in read]
    total = sum(counts[1:], counts[0].copy())
    n = sum(map(len, read))
    return [
        Hill(
            one.x, one.y, one.top, one.items, one.exemplar, one.classes,
            tuple(telling(inside, len(items), total - inside, n - len(items), _WORDS)),
        )
        for one, inside, items in zip(clusters, counts, read, strict=True)
    ]  # fmt: skip
