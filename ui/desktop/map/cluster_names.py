"""The names of clusters over the map: the largest first, each where there is room, at the top edge of what it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from badcase.maps.hills import Hill
from badcase.maps.point_field import View
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.map.map_marks import draw_halo_text, draw_tile
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.widgets.painting import draw_ring, text_width

_MOST = 12  # at once
_TILE, _GAP = 21, 6


@dataclass(frozen=True, slots=True)
class _Name:
    cluster: Hill
    name: str
    apart: str
    box: QRectF


class ClusterNames:
    """Names as they lie in a view; `classes` are the names of labels."""

    def __init__(self, classes: Sequence[str], faces: Faces) -> None:
        self._classes, self._faces = classes, faces

    def name_of(self, cluster: Hill) -> str:
        """What a cluster is called: its classes, else the words that tell it, else nothing."""
        return ", ".join(self._classes[one] for one in cluster.classes) or " ".join(cluster.words)

    def placed(self, clusters: Sequence[Hill], view: View, *, tiles: bool) -> list[_Name]:
        """The names that are shown in a view, at most `_MOST`, none over another."""
        found: list[_Name] = []
        for cluster in clusters:
            name = self.name_of(cluster)
            apart = " ".join(cluster.words) if cluster.classes else ""
            x, y = view.place(cluster.x, cluster.top)
            if not name or not (0 <= x <= view.width and 8 <= view.place(0, cluster.y)[1] <= view.height):
                continue
            wide = text_width(name, font(12, True)) + (text_width(apart, font(12)) + _GAP if apart else 0)
            wide += _TILE + _GAP if tiles else 0
            box = QRectF(x - wide / 2, y - 26, wide, _TILE)
            box.moveTop(max(box.top(), 4.0))
            if all(not box.adjusted(-4, -2, 4, 2).intersects(other.box) for other in found):
                found.append(_Name(cluster, name, apart, box))
            if len(found) == _MOST:
                break
        return found

    def draw(self, painter: QPainter, names: Sequence[_Name], *, tiles: bool, at: Hill | None) -> None:
        """at: the cluster that the keyboard stands at, which gets a ring."""
        t = tokens()
        for one in names:
            left, middle = one.box.left(), one.box.center().y()
            if tiles:
                draw_tile(painter, QRectF(left, one.box.top(), _TILE, _TILE), one.cluster.exemplar, self._faces)
                left += _TILE + _GAP
            left += draw_halo_text(painter, left, middle, one.name, t.text, bold=True) + _GAP
            if one.apart:
                draw_halo_text(painter, left, middle, one.apart, t.text2, bold=False)
            if one.cluster is at:
                draw_ring(painter, one.box.adjusted(-5, -3, 5, 3), 6)
