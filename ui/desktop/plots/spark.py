"""The two small pictures of a run in a list: how its value rose, and where it stands on the scale of all runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from badcase.ui.desktop.look import theme


def paint_sparkline(painter: QPainter, box: QRectF, values: Sequence[float], color: QColor) -> None:
    """One line over the whole box; nothing where there are fewer than two values."""
    if len(values) < 2:
        return
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    step = box.width() / (len(values) - 1)
    points = [
        QPointF(box.left() + i * step, box.bottom() - (value - low) / spread * box.height()) for i, value in enumerate(values)
    ]
    painter.setPen(QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


def paint_position(painter: QPainter, box: QRectF, value: float, scale: tuple[float, float], *, own: bool) -> None:
    """A dot at `value` on a hairline over `scale`; in accent where `own`."""
    low, high = scale
    share = min(1.0, max(0.0, (value - low) / ((high - low) or 1.0)))
    middle, tokens = box.center().y(), theme.tokens()
    painter.setPen(QPen(tokens.line, 1))
    painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens.accent if own else tokens.text2)
    painter.drawEllipse(QPointF(box.left() + share * box.width(), middle), 4, 4)
