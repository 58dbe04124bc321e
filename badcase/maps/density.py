"""How densely points lie: a small grid, blurred, and the lines of equal density on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.maps.point_field import PointField

GRID = 160  # cells a side
_MARGIN = 18  # of them around the points, so that every line closes
_BLUR = 14  # cells to each side for one point, thrice; fewer for more points, as a bell's best width falls with their number
_LEVELS = (0.006, 0.03, 0.09, 0.2, 0.38)  # of the density that is high

Grid = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Density:
    """cells (GRID, GRID) float32, row by row; (left, top) of the middle of the first cell and the side of a cell."""

    cells: Grid
    left: float
    top: float
    side: float

    def cells_of(self, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """(m,) the flat number of the cell of each point."""
        column = np.rint((x - self.left) / self.side).astype(np.int64)
        row = np.rint((y - self.top) / self.side).astype(np.int64)
        flat: npt.NDArray[np.int64] = np.clip(row, 0, GRID - 1) * GRID + np.clip(column, 0, GRID - 1)
        return flat


def density_of(field: PointField) -> Density:
    """The density of points, smoothed nearly as a bell would by a box blur thrice.

    Source: Wells 1986, https://doi.org/10.1109/TPAMI.1986.4767776; the width after Scott 1992, Multivariate Density Estimation
    """
    left, top, right, bottom = field.bounds
    side = max(right - left, bottom - top, 1e-9) / (GRID - 1 - 2 * _MARGIN)
    middle = (left + right) / 2, (top + bottom) / 2
    empty = Density(np.zeros((0, 0), np.float32), middle[0] - side * (GRID - 1) / 2, middle[1] - side * (GRID - 1) / 2, side)
    counts = np.bincount(empty.cells_of(field.x, field.y), minlength=GRID * GRID)[: GRID * GRID]
    cells = counts.reshape(GRID, GRID).astype(np.float32)
    blur = int(np.clip(round(_BLUR * max(len(field), 1) ** (-1 / 6)), 1, _MARGIN // 3))
    for _time in range(3):
        cells = _boxed(_boxed(cells, blur).T, blur).T
    return Density(np.ascontiguousarray(cells), empty.left, empty.top, side)


def _boxed(cells: Grid, blur: int) -> Grid:
    """Each cell as the mean of those beside it in its row."""
    width = 2 * blur + 1
    padded = np.pad(cells, ((0, 0), (blur + 1, blur)))
    sums = padded.cumsum(1, dtype=np.float64)
    mean: Grid = ((sums[:, width:] - sums[:, :-width]) / width).astype(np.float32)
    return mean


def levels_of(density: Density) -> list[float]:
    """Densities worth a line, the lowest first; none where there are no points. One dense spot does not hide the rest."""
    cells = density.cells[density.cells > 0]
    if not len(cells):
        return []
    high = float(np.quantile(cells, 0.97))
    return [share * high for share in _LEVELS]


# Of a cell's four corners (1 upper left, 2 upper right, 4 lower right, 8 lower left) those that lie high: from which edge to
# which the line goes (0 top, 1 right, 2 bottom, 3 left), the high ground at its right hand.
_LINES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((0, 3),), 2: ((1, 0),), 3: ((1, 3),), 4: ((2, 1),), 5: ((0, 3), (2, 1)), 6: ((2, 0),), 7: ((2, 3),),
    8: ((3, 2),), 9: ((0, 2),), 10: ((1, 0), (3, 2)), 11: ((1, 2),), 12: ((3, 1),), 13: ((0, 1),), 14: ((3, 0),),
}  # fmt: skip


def outlines(density: Density, level: float) -> list[npt.NDArray[np.float64]]:
    """The closed lines (v, 2), in the plane, along which the density is `level`.

    Source: marching squares, Lorensen and Cline 1987, https://doi.org/10.1145/37402.37422, on a plane.
    """
    following = _following(density.cells, level)
    found = []
    while following:
        start, after = following.popitem()
        loop = [start]
        while after != start:
            loop.append(after)
            after = following.pop(after)
        found.append(_placed(density, level, np.array(loop, np.int64)))
    return found


def _following(cells: Grid, level: float) -> dict[int, int]:
    """Each edge of a cell that a line crosses, and the edge that the line crosses next. An edge is twice the number of the
    corner that it begins at, and one more where it goes down instead of right."""
    high = np.zeros(cells.shape, np.bool_)  # at the border too, so that every line closes
    high[1:-1, 1:-1] = cells[1:-1, 1:-1] >= level
    case = high[:-1, :-1] * 1 + high[:-1, 1:] * 2 + high[1:, 1:] * 4 + high[1:, :-1] * 8
    rows, columns = np.nonzero((case > 0) & (case < 15))
    corner = rows * GRID + columns
    edges = np.stack([2 * corner, 2 * (corner + 1) + 1, 2 * (corner + GRID), 2 * corner + 1], axis=1).tolist()
    return {
        edge[start]: edge[end]
        for edge, kind in zip(edges, case[rows, columns].tolist(), strict=True)
        for start, end in _LINES[kind]
    }


def _placed(density: Density, level: float, edges: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Where on their edges the density is `level`."""
    flat, corner, down = density.cells.ravel(), edges // 2, edges % 2
    here, there = flat[corner].astype(np.float64), flat[corner + np.where(down, GRID, 1)]
    along = np.clip((level - here) / np.where(there == here, 1.0, there - here), 0, 1)
    column, row = corner % GRID + np.where(down, 0.0, along), corner // GRID + np.where(down, along, 0.0)
    return np.stack([density.left + column * density.side, density.top + row * density.side], axis=1)
