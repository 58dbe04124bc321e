"""Points as pixels: every point leaves a small mark in a picture of one byte a pixel, by numpy alone.

A byte is an ink and how much of it covers the pixel: `16 * ink + cover`. 0 is bare ground. The last mark wins, so layers are
laid one over the other from the lowest to the highest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from badcase.maps.point_field import PointField, View

COVERS = 15  # steps of cover; there is room for 16 inks
_PAD = 24  # pixels around the picture, for marks that stand half in it
_REACH = 12  # of them in which a point may lie
WRITES, WRITES_MOVING = 3_000_000, 250_000  # pixels a layer may write in a picture that stands, and in one that moves
_AT_HAND = 1 << 15  # points
_FINE = 8  # samples across a pixel, of which the cover is the mean

Inks = npt.NDArray[np.uint8]


class Mark(StrEnum):
    """What a mark looks like."""

    DISC = "disc"
    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    CROSS = "cross"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The pixels of a mark around its point, (p,) rows and columns, and how much of each is covered, 1 to COVERS, rising."""

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    covers: npt.NDArray[np.uint8]


@cache
def stamp(shape: Mark, size: float, opacity: float = 1.0, pen: float = 1.1) -> Stamp:
    """A mark `size` pixels across; pen: the width of a ring's line."""
    half = int(np.ceil((size + pen if shape is Mark.RING else size) / 2))
    side = 2 * half + 1
    fine = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    x, y = np.meshgrid(fine, fine)
    inside = _inside(shape, x, y, size / 2, pen)
    cover = inside.reshape(side, _FINE, side, _FINE).mean((1, 3)) * opacity
    if size <= 1.0:
        cover = np.where((x == x)[:side, :side] & (np.arange(side * side).reshape(side, side) == side * side // 2), opacity, 0.0)
    steps = np.rint(cover * COVERS).astype(np.uint8)
    rows, columns = np.nonzero(steps)
    covers = steps[rows, columns]
    order = np.argsort(covers, kind="stable")
    return Stamp(rows[order] - half, columns[order] - half, covers[order])


def _inside(shape: Mark, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], r: float, pen: float) -> npt.NDArray[np.bool_]:
    """Whether a place is inked; the shapes are about as large to the eye."""
    away = np.hypot(x, y)
    inked: npt.NDArray[np.bool_]
    match shape:
        case Mark.DISC:
            inked = away <= r
        case Mark.SQUARE:
            inked = np.maximum(np.abs(x), np.abs(y)) <= 0.9 * r
        case Mark.TRIANGLE:
            inked = (y <= 0.8 * r) & (y >= 1.9 * np.abs(x) - 1.15 * r)
        case Mark.DIAMOND:
            inked = np.abs(x) + np.abs(y) <= 1.2 * r
        case Mark.CROSS:
            arm = max(0.3 * r, 0.55)
            inked = (np.minimum(np.abs(x - y), np.abs(x + y)) <= 1.4 * arm) & (np.maximum(np.abs(x), np.abs(y)) <= r)
        case Mark.RING:
            inked = np.abs(away - r) <= pen / 2
    return inked


@dataclass(frozen=True, slots=True)
class Layer:
    """Points that look alike but for their ink: `inks` (m,) of the field's rows, or one number for all; size in pixels."""

    field: PointField
    inks: Inks | int
    shape: Mark
    size: float
    opacity: float = 1.0
    pen: float = 1.1


class Raster:
    """A picture of width x height pixels; `codes` is what was drawn, with room around it so that marks may stand half outside."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.stride = width + 2 * _PAD
        self._flat = np.zeros(self.stride * (height + 2 * _PAD) + 1, np.uint8)  # the last one takes what is not seen

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """(height, width) what was drawn, without the room around it."""
        return self._flat[:-1].reshape(-1, self.stride)[_PAD:-_PAD, _PAD:-_PAD]

    def coloured(self, table: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """(height, width) what was drawn in colours, of which the table (256,) has one for each code."""
        return np.take(table, self.codes)

    def clear(self) -> None:
        self._flat[:] = 0

    def draw(self, layer: Layer, view: View, scale: float = 1.0, writes: int = WRITES) -> None:
        """Lay a layer over what is drawn.

        view: in pixels of this picture; scale: device pixels to one of the layer's sizes. writes: where so many pixels are too
        few the marks are smaller, and where even points are too many, only some of them are drawn, evenly.
        """
        parts = list(_parts(layer.field, view))
        count = sum(part.stop - part.start for part in parts)
        mark = _affordable(layer, scale, count, writes)
        if len(mark.covers) == 1 and count > writes:
            parts = [slice(part.start, part.stop, -(-count // writes)) for part in parts]
        cut = self._cuts(layer.field, view)
        pixels = [self._pixels(layer.field, part, view, cut=cut) for part in parts]
        if len(mark.covers) == 1:
            for part, at in zip(parts, pixels, strict=True):
                inks = layer.inks if isinstance(layer.inks, int) else layer.inks[part]
                self._flat[at] = np.uint8(16) * np.asarray(inks, np.uint8) + mark.covers[0]
        elif parts:
            inks = layer.inks if isinstance(layer.inks, int) else np.concatenate([layer.inks[part] for part in parts])
            self._write(np.concatenate(pixels), inks, mark)

    def _cuts(self, field: PointField, view: View) -> bool:
        """Whether some points of a field lie outside the picture and the room around it."""
        left, top, right, bottom = field.bounds
        (x0, y0), (x1, y1) = view.place(left, top), view.place(right, bottom)
        return x0 <= -_REACH or y0 <= -_REACH or x1 >= self.width + _REACH or y1 >= self.height + _REACH

    def _pixels(self, field: PointField, part: slice, view: View, *, cut: bool) -> npt.NDArray[np.int32]:
        """The place of each point of a part in the picture; those that are not seen share one place."""
        column = ((field.x[part] - np.float32(view.left)) * np.float32(view.scale)).astype(np.int32)
        row = ((field.y[part] - np.float32(view.top)) * np.float32(view.scale)).astype(np.int32)
        if cut:
            wide, high, reach = np.uint32(self.width + 2 * _REACH), np.uint32(self.height + 2 * _REACH), np.int32(_REACH)
            hidden = ((column + reach).view(np.uint32) >= wide) | ((row + reach).view(np.uint32) >= high)
        row *= np.int32(self.stride)
        row += column
        row += np.int32(_PAD * self.stride + _PAD)
        if cut:
            row[hidden] = len(self._flat) - 1
        return row

    def _write(self, pixels: npt.NDArray[np.int32], inks: Inks | int, mark: Stamp) -> None:
        """Marks of several pixels: the faint ones of all first, so that no edge lies over the middle of another mark."""
        seen = np.flatnonzero(pixels < len(self._flat) - 1)
        at = pixels[seen].astype(np.int64)
        base = np.uint8(16) * (np.asarray(inks, np.uint8) if isinstance(inks, int) else inks[seen])
        cover, codes = -1, base
        for row, column, covered in zip(mark.rows.tolist(), mark.columns.tolist(), mark.covers.tolist(), strict=True):
            if covered != cover:
                cover, codes = covered, base + np.uint8(covered)
            self._flat[at + (row * self.stride + column)] = codes


def _parts(field: PointField, view: View) -> Iterator[slice]:
    """The rows that may be in view, in parts that the processor keeps at hand."""
    left, top = view.point(-_PAD, -_PAD)
    right, bottom = view.point(view.width + _PAD, view.height + _PAD)
    for run in field.within(left, top, right, bottom):
        for start in range(run.start, run.stop, _AT_HAND):
            yield slice(start, min(start + _AT_HAND, run.stop))


def _affordable(layer: Layer, scale: float, count: int, writes: int) -> Stamp:
    """The mark of a layer, smaller where so many of it take longer than a frame may."""
    for size in (layer.size, 0.7 * layer.size, 0.5 * layer.size):
        shape = layer.shape if size == layer.size or layer.shape is not Mark.RING else Mark.DISC
        made = stamp(shape, round(size * scale, 2), layer.opacity, layer.pen * scale)
        if len(made.covers) * count <= writes:
            return made
    return stamp(Mark.DISC, 1.0, layer.opacity)
