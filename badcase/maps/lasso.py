"""Which points lie inside an outline that was drawn by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from badcase.maps.point_field import Numbers, PointField

_FINE = 1024  # cells across the outline's box: less than a pixel of a screen


def rows_inside(field: PointField, outline: npt.NDArray[np.floating]) -> Numbers:
    """The rows of the points inside an outline (v, 2), ascending; where it crosses itself, by the even-odd rule.

    The outline is filled on a grid of `_FINE` cells a side and points are looked up in it, so a point may be off by a cell.
    """
    if len(outline) < 3 or not len(field):
        return np.empty(0, np.int64)
    (left, top), (right, bottom) = outline.min(0), outline.max(0)
    rows = field.in_box(float(left), float(top), float(right), float(bottom))
    if not len(rows) or right <= left or bottom <= top:
        return np.empty(0, np.int64)
    size = np.array([right - left, bottom - top])
    filled = _filled((outline - (left, top)) / size * _FINE)
    cells = [
        np.minimum((values[rows] - low) * (_FINE / extent), _FINE - 1).astype(np.int64)
        for values, low, extent in ((field.x, left, size[0]), (field.y, top, size[1]))
    ]
    return rows[filled[cells[1], cells[0]]]


def _filled(outline: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """(_FINE, _FINE) the cells whose middle lies inside an outline in cells: each edge turns over what lies right of it."""
    turned = np.zeros((_FINE, _FINE + 1), np.int8)
    ends = np.roll(outline, -1, axis=0)
    for (x0, y0), (x1, y1) in zip(outline, ends, strict=True):
        if y0 == y1:
            continue
        low, high = sorted((y0, y1))
        first, last = int(np.ceil(low - 0.5)), int(np.ceil(high - 0.5))
        lines = np.arange(max(first, 0), min(last, _FINE))
        crossing = x0 + (lines + 0.5 - y0) * (x1 - x0) / (y1 - y0)
        turned[lines, np.clip(np.ceil(crossing - 0.5), 0, _FINE).astype(np.int64)] ^= 1
    inside: npt.NDArray[np.bool_] = np.logical_xor.accumulate(turned[:, :_FINE].astype(np.bool_), axis=1)
    return inside
