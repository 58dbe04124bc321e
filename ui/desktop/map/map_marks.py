"""How the map is painted over its points: marks of the legend, names of clusters, the outline of a lasso, the hover card."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from badcase.i18n import _
from badcase.maps.raster import Mark
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.grid.item_cards import Faces, draw_media, draw_pair, draw_paragraph, draw_state
from badcase.ui.desktop.widgets.painting import CENTER, LEFT, draw_box, draw_text, text_width

CARD = QRectF(0, 0, 228, 106)
_HALO = 4  # pixels around the letters of a name
_OFF = 22  # from the point to its card


def draw_mark(painter: QPainter, middle: QPointF, size: float, shape: Mark, colour: QColor) -> None:
    """A mark of a legend, as the points have it."""
    r = size / 2
    painter.setPen(QPen(colour, 1.6) if shape in (Mark.RING, Mark.CROSS) else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if shape in (Mark.RING, Mark.CROSS) else colour)
    if shape in (Mark.DISC, Mark.RING):
        painter.drawEllipse(middle, r, r)
    elif shape is Mark.SQUARE:
        painter.drawRect(QRectF(middle.x() - 0.9 * r, middle.y() - 0.9 * r, 1.8 * r, 1.8 * r))
    elif shape is Mark.CROSS:
        painter.drawLine(middle - QPointF(0.7 * r, 0.7 * r), middle + QPointF(0.7 * r, 0.7 * r))
        painter.drawLine(middle + QPointF(-0.7 * r, 0.7 * r), middle + QPointF(0.7 * r, -0.7 * r))
    else:
        turned = (0, 120, 240) if shape is Mark.TRIANGLE else (0, 90, 180, 270)
        ways = [math.radians(turn) for turn in turned]
        painter.drawPolygon(QPolygonF([middle + QPointF(math.sin(way), -math.cos(way)) * (1.15 * r) for way in ways]))


def draw_bands(painter: QPainter, paths: list[QPainterPath], scale: float) -> None:
    """Density as bands of the ink of text, each a step darker, with an edge of one pixel; the painter stands in the plane."""
    t = tokens()
    fill, edge = QColor(t.text2), QColor(t.text2)
    fill.setAlphaF(0.017 if t.dark else 0.02)
    edge.setAlphaF(0.14 if t.dark else 0.15)
    for number, path in enumerate(paths):
        painter.setBrush(fill)
        painter.setPen(QPen(edge, 1 / scale) if number < 2 else Qt.PenStyle.NoPen)
        painter.drawPath(path)


def draw_halo_text(painter: QPainter, left: float, middle: float, text: str, ink: QColor, *, bold: bool) -> float:
    """A word over points, with a halo of the ground; returns its width."""
    face = font(12, bold=bold)
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(QPointF(left - _HALO, middle - 9 - _HALO), _haloed(text, face, ink.rgba(), tokens().window.rgba(), ratio))
    return float(text_width(text, face))


@lru_cache(maxsize=128)  # a frame of the map draws a dozen of them
def _haloed(text: str, face: QFont, ink: int, ground: int, ratio: float) -> QPixmap:
    wide = text_width(text, face)
    made = QPixmap(round((wide + 2 + 2 * _HALO) * ratio), round((18 + 2 * _HALO) * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter, path = QPainter(made), QPainterPath()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path.addText(_HALO, _HALO + 13.3, face, text)
    painter.setPen(QPen(QColor(ground), _HALO, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)
    draw_text(painter, QRectF(_HALO, _HALO, wide + 2, 18), text, QColor(ink), face, LEFT)
    painter.end()
    return made


def draw_lasso(painter: QPainter, outline: list[QPointF], count: int | None, room: float) -> None:
    """The outline as it is drawn, and how many it selected, at its right where the map is wide enough: room pixels."""
    t = tokens()
    fill = QColor(t.accent)
    fill.setAlphaF(0.07)
    pen = QPen(t.accent, 1.5)
    pen.setDashPattern([5 / 1.5, 3 / 1.5])
    painter.setPen(pen)
    painter.setBrush(fill)
    polygon = QPolygonF(outline)
    painter.drawPolygon(polygon)
    if count is None:
        return
    words = _("{n} selected").format(n=wording.count(count))
    box = polygon.boundingRect()
    wide = text_width(words, font(12, True)) + 24
    left = box.right() + 8 if box.right() + 16 + wide < room else box.left() - 8 - wide
    pill = QRectF(max(8.0, left), box.center().y() - 12, wide, 24)
    draw_box(painter, pill, 12, t.surface, t.accent)
    draw_text(painter, pill, words, t.accent, font(12, True), CENTER)


def card_place(point: QPointF, room: QRectF) -> QRectF:
    """Where the card of a point stands: at its right, or at the other side where there is no room."""
    card = QRectF(CARD)
    right = point.x() + _OFF + card.width() <= room.right() - 8
    card.moveLeft(point.x() + _OFF if right else point.x() - _OFF - card.width())
    card.moveTop(min(max(point.y() + _OFF, room.top() + 8), room.bottom() - card.height() - 8))
    return card


def draw_card(painter: QPainter, point: QPointF, room: QRectF, item: int, key: str, faces: Faces) -> None:
    """The hovered item: its picture or first lines, its key, given and suggestion, suspicion, and what became of it."""
    t, card, face = tokens(), card_place(point, room), faces.face(item)
    painter.setPen(QPen(t.line2, 1.2))
    near = QPointF(min(max(point.x(), card.left()), card.right()), min(max(point.y(), card.top()), card.bottom()))
    painter.drawLine(point, near)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(t.text, 1.6))
    painter.drawEllipse(point, 6.6, 6.6)
    draw_box(painter, card, 8, t.raised, t.line2)
    inner = card.adjusted(10, 10, -10, -10)
    if faces.is_text:
        draw_paragraph(painter, QRectF(inner.x(), inner.y(), inner.width(), 46), faces.text(item), 2, 18, t.text, px=12)
        words = QRectF(inner.x(), inner.y() + 42, inner.width(), 44)
    else:
        ratio = painter.device().devicePixelRatio()
        draw_media(painter, QRectF(inner.x(), inner.y(), 84, 84), faces.picture(item, 84 * ratio))
        words = inner.adjusted(94, 0, 0, 0)
        draw_text(painter, QRectF(words.x(), words.y(), words.width(), 20), key, t.text, font(13, True),
                  mode=Qt.TextElideMode.ElideMiddle)  # fmt: skip
        words = words.adjusted(0, 21, 0, 0)
    draw_pair(painter, QRectF(words.x(), words.y(), words.width(), 20), face, px=13)
    if face.state is not None:
        draw_state(painter, QRectF(words.x(), words.y() + 42 - 20 * faces.is_text, words.width(), 20), face.state)
    if face.suspicion == face.suspicion and not (faces.is_text and face.state is not None):
        said = _("suspicion {value}").format(value=f"{face.suspicion:.2f}")
        draw_text(painter, QRectF(words.x(), words.y() + 21, words.width(), 20), said, t.text2, font(12))


def draw_target(painter: QPainter, point: QPointF) -> None:
    """The item that was asked for: a ring with four ticks."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tokens().text, 2))
    painter.drawEllipse(point, 9, 9)
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        painter.drawLine(point + QPointF(9 * x, 9 * y), point + QPointF(14 * x, 14 * y))


def draw_tile(painter: QPainter, box: QRectF, item: int, faces: Faces) -> None:
    """The item in the middle of a cluster, on a small tile."""
    draw_box(painter, box, 3, tokens().surface, tokens().line)
    draw_media(painter, box.adjusted(1, 1, -1, -1), faces.picture(item, 19 * painter.device().devicePixelRatio()), radius=2)
