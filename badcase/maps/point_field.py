"""Points on a plane in an order in which those that lie together stand together, so that what is in view is found by blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

BLOCK = 4096  # points whose bounds are known
_BITS = 16  # of each coordinate in the order

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the plane is seen: the point (left, top) at the upper left corner, `scale` pixels a unit."""

    left: float
    top: float
    scale: float
    width: int
    height: int

    def moved(self, dx: float, dy: float) -> View:
        """The view after its content went so many pixels to the right and down."""
        return replace(self, left=self.left - dx / self.scale, top=self.top - dy / self.scale)

    def zoomed(self, factor: float, x: float, y: float) -> View:
        """The view magnified so that what lies at pixel (x, y) stays there."""
        at_x, at_y = self.left + x / self.scale, self.top + y / self.scale
        scale = self.scale * factor
        return replace(self, scale=scale, left=at_x - x / scale, top=at_y - y / scale)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a point of the plane."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The point of the plane under a pixel."""
        return self.left + x / self.scale, self.top + y / self.scale


def morton_order(places: Floats) -> Numbers:
    """(n,) the order along a Z-shaped curve through the plane, in which neighbours are mostly near; ties by row."""
    if not len(places):
        return np.empty(0, np.int64)
    low, high = places.min(0), places.max(0)
    cells = ((places - low) / np.maximum(high - low, 1e-30) * ((1 << _BITS) - 1)).astype(np.uint32)
    keys = _spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint32(1))
    order: Numbers = np.argsort(keys, kind="stable")
    return order


def _spread(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The 16 bits of each number, each followed by an empty one."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint32(shift))) & np.uint32(mask)
    return values


class PointField:
    """Points in Morton order: `x` and `y` apart (m,), and which `items` (m,) they are.

    A field of some of its points keeps the order: `only`.
    """

    def __init__(self, places: Floats) -> None:
        """places (n, 2): one point an item."""
        order = morton_order(places)
        self._take(np.ascontiguousarray(places[order, 0]), np.ascontiguousarray(places[order, 1]), order)

    def _take(self, x: Floats, y: Floats, items: Numbers) -> None:
        self.x, self.y, self.items = x, y, items
        starts = np.arange(0, len(x), BLOCK)
        self._bounds = [bound.reduceat(of, starts) if len(of) else of for of in (x, y) for bound in (np.minimum, np.maximum)]

    def __len__(self) -> int:
        return len(self.x)

    def only(self, kept: npt.NDArray[np.bool_]) -> PointField:
        """The points of the items where `kept` (n,) is true."""
        return self.at(np.flatnonzero(kept[self.items]))

    def at(self, rows: Numbers) -> PointField:
        """The points in some rows, ascending."""
        made = PointField.__new__(PointField)
        made._take(self.x[rows], self.y[rows], self.items[rows])
        return made

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all points."""
        if not len(self):
            return 0.0, 0.0, 1.0, 1.0
        x0, x1, y0, y1 = self._bounds
        return float(x0.min()), float(y0.min()), float(x1.max()), float(y1.max())

    def within(self, left: float, top: float, right: float, bottom: float) -> list[slice]:
        """Runs of rows, ascending, outside which no point lies in a box; most points in them do."""
        if not len(self):
            return []
        x0, x1, y0, y1 = self._bounds
        met = np.flatnonzero((x1 >= left) & (x0 <= right) & (y1 >= top) & (y0 <= bottom))
        if not len(met):
            return []
        breaks = np.flatnonzero(np.diff(met) > 1) + 1
        runs = np.split(met, breaks)
        return [slice(int(run[0]) * BLOCK, min((int(run[-1]) + 1) * BLOCK, len(self))) for run in runs]

    def in_box(self, left: float, top: float, right: float, bottom: float) -> Numbers:
        """The rows of the points in a box, ascending."""
        found = [np.empty(0, np.int64)]
        for run in self.within(left, top, right, bottom):
            x, y = self.x[run], self.y[run]
            found.append(run.start + np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom)))
        return np.concatenate(found)

    def nearest(self, x: float, y: float, reach: float) -> int | None:
        """The row of the point that lies nearest to a place, at most `reach` away; of several the last, which is drawn on top."""
        rows = self.in_box(x - reach, y - reach, x + reach, y + reach)
        if not len(rows):
            return None
        away = (self.x[rows] - x) ** 2 + (self.y[rows] - y) ** 2
        best = len(away) - 1 - int(away[::-1].argmin())
        return int(rows[best]) if away[best] <= reach * reach else None
