"""The two small pictures of a run in a list: how its value rose, and where it stands on the scale of all runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ui.desktop import theme


def paint_sparkline(painter: QPainter, box: QRectF, values: Sequence[float], color: QColor) -> None:
    """One line over the whole box; nothing where there are fewer than two values."""
    if len(values) < 2:
        return
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    step = box.width() / (len(values) - 1)
    points = [
        QPointF(box.left() + i * step, box.bottom() - (value - low) / spread * box.height())
        for i, value in enumerate(values)
    ]
    painter.setPen(QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


def paint_position(
    painter: QPainter, box: QRectF, value: float, spread: float, scale: tuple[float, float], *, own: bool = False
) -> None:
    """A dot at `value` on a hairline over `scale`, in accent where `own`; a bar shows plus and minus `spread`."""
    low, high = scale
    wide = (high - low) or 1.0

    def at(x: float) -> float:
        return box.left() + min(1.0, max(0.0, (x - low) / wide)) * box.width()

    middle = box.center().y()
    tokens = theme.tokens()
    painter.setPen(QPen(tokens.line, 1))
    painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
    if spread > 0:
        painter.setPen(QPen(tokens.line2, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(at(value - spread), middle), QPointF(at(value + spread), middle))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens.accent if own else tokens.text2)
    painter.drawEllipse(QPointF(at(value), middle), 4, 4)
