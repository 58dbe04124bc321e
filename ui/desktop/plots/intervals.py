"""The interval plot: one difference a row with its interval, filled where zero lies outside the interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.plots.scale import Scale, round_ticks, tick_texts
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_text, text_width

ROW, HEAD, FOOT, NAMES, COLUMN = 38, 30, 26, 150, 62


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One measure. difference, low and high are turned so that right is better for B.

    own_scale: the row has another unit than the axis and is drawn to fill it.
    """

    name: str
    a: str
    b: str
    shown: str
    difference: float
    low: float
    high: float
    own_scale: bool = False

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


class IntervalPlot(QWidget):
    """A table of measures with the interval of each difference drawn between its name and its numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[IntervalRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[IntervalRow]) -> None:
        self._rows = list(rows)
        self.setAccessibleDescription(", ".join(f"{row.name} {row.shown}" for row in self._rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, HEAD + ROW * len(self._rows) + FOOT)

    def minimumSizeHint(self) -> QSize:
        return QSize(NAMES + 3 * COLUMN + 120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        scale = self._scale()
        self._paint_head(painter, scale)
        paint_axis(painter, scale, HEAD, HEAD + ROW * len(self._rows))
        for index, row in enumerate(self._rows):
            self._paint_row(painter, row, scale, HEAD + ROW * index)

    def _scale(self) -> Scale:
        shared = [row for row in self._rows if not row.own_scale] or self._rows
        low = min([0.0] + [row.low for row in shared])
        high = max([0.0] + [row.high for row in shared])
        if low == high:  # nothing differs at all: zero stands in the middle
            low, high = -1.0, 1.0
        low, high = min(low, -0.4 * high), max(high, -0.4 * low)  # room for the words on both sides of zero
        ticks = round_ticks(low, high, 6)
        return Scale(ticks[0], ticks[-1], NAMES + 8, self.width() - 3 * COLUMN - 20, ticks)

    def _paint_head(self, painter: QPainter, scale: Scale) -> None:
        tokens, zero, high = theme.tokens(), scale(0), HEAD - 4
        small = theme.font(12)
        draw_text(painter, QRectF(0, 0, NAMES, high), _("Measure"), tokens.text2, small)
        for index, name in enumerate((_("A"), _("B"), _("B − A"))):
            draw_text(painter, self._column(index, 0, high), name, tokens.text2, small, RIGHT)
        if zero - scale.start > text_width(_("A better"), small):
            draw_text(painter, QRectF(zero - 108, 0, 100, high), _("A better"), tokens.text2, small, RIGHT)
        if scale.end - zero > text_width(_("B better"), small):
            draw_text(painter, QRectF(zero + 8, 0, 100, high), _("B better"), tokens.text2, small)
        painter.setPen(QPen(tokens.line, 1))
        painter.drawLine(QPointF(0, HEAD - 0.5), QPointF(self.width(), HEAD - 0.5))

    def _column(self, index: int, top: float, height: float) -> QRectF:
        return QRectF(self.width() - (3 - index) * COLUMN, top, COLUMN, height)

    def _paint_row(self, painter: QPainter, row: IntervalRow, scale: Scale, top: float) -> None:
        tokens, face = theme.tokens(), theme.font(13, figures=True)
        draw_text(painter, QRectF(0, top, NAMES, ROW), row.name, tokens.text, theme.font(13))
        draw_text(painter, self._column(0, top, ROW), row.a, tokens.text2, face, RIGHT)
        draw_text(painter, self._column(1, top, ROW), row.b, tokens.text, face, RIGHT)
        ink = tokens.text if row.decided else tokens.text2
        draw_text(painter, self._column(2, top, ROW), row.shown, ink, theme.font(13, row.decided, figures=True), RIGHT)
        own = _own(row, scale) if row.own_scale else scale
        paint_interval(painter, own, top + ROW / 2, (row.low, row.difference, row.high), decided=row.decided)


def _own(row: IntervalRow, scale: Scale) -> Scale:
    """A scale with the same zero on which the row reaches four fifths of the nearer end of the axis."""
    zero = scale(0)
    reaches = [(row.high, scale.end - zero), (-row.low, zero - scale.start)]
    per_value = min((0.8 * room / value for value, room in reaches if value > 0), default=1.0)
    return Scale(0, 1, zero, zero + per_value)


def paint_axis(painter: QPainter, scale: Scale, top: float, bottom: float) -> None:
    """A hairline at each tick from top to bottom, stronger at zero, and its signed number below."""
    tokens = theme.tokens()
    painter.setFont(theme.font(11))
    for tick, text in zip(scale.ticks, tick_texts(scale.ticks), strict=True):
        at = round(scale(tick)) + 0.5
        faint = QColor(tokens.line2)
        faint.setAlphaF(0.22)
        painter.setPen(QPen(tokens.line2 if tick == 0 else faint, 1))
        painter.drawLine(QPointF(at, top), QPointF(at, bottom + 2))
        painter.setPen(tokens.text2)
        sign = "+" if tick > 0 else ""
        painter.drawText(QRectF(at - 30, bottom + 4, 60, 18), Qt.AlignmentFlag.AlignCenter, sign + text)


def paint_interval(painter: QPainter, scale: Scale, middle: float, at: tuple[float, float, float], *, decided: bool) -> None:
    """A dot with whiskers at the height `middle`; at: low end, value, high end; filled in the accent where decided."""
    tokens = theme.tokens()
    color = tokens.accent if decided else tokens.line2
    low, value, high = (scale(one) for one in at)
    bar = QColor(color)
    bar.setAlphaF(0.6)
    painter.setPen(QPen(bar, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(QPointF(low, middle), QPointF(high, middle))
    painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    for end in (low, high):
        painter.drawLine(QPointF(end, middle - 5), QPointF(end, middle + 5))
    painter.setPen(QPen(color, 2))
    painter.setBrush(color if decided else tokens.surface)
    painter.drawEllipse(QPointF(value, middle), 5, 5)
