"""Curves over epochs: hairlines, names and last values at the ends of the curves, the kept epoch as a dashed line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.ui.desktop.look import theme
from badcase.ui.desktop.plots.scale import Scale, number, round_ticks, tick_texts, whole_ticks

Values: TypeAlias = npt.NDArray[np.float64]

NAME_GAP, NAME_LINE, TICK_GAP, BOTTOM = 14, 16, 10, 22


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of one curve, x ascending. `color` is a token's name; a curve without a name shows none at its end."""

    x: Values
    y: Values
    color: str = "accent"
    name: str = ""
    width: float = 2.25
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class EpochMark:
    """A dashed vertical line with a word beside it, such as the epoch whose weights are kept."""

    x: float
    text: str


class CurvePlot(QWidget):
    """Draws what it is given. `decimals` are those of the value at the end of a curve."""

    def __init__(self, parent: QWidget | None = None, *, intervals: int = 5, decimals: int = 2) -> None:
        super().__init__(parent)
        self._intervals, self._decimals = intervals, decimals
        self._curves: list[Curve] = []
        self._mark: EpochMark | None = None
        self._x_end = 1
        self._ticks: Sequence[tuple[float, str]] = ()
        self._floor: float | None = None
        self._named = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_curves(
        self,
        curves: Sequence[Curve],
        *,
        x_end: int = 1,
        mark: EpochMark | None = None,
        floor: float | None = 0.0,
        ticks: Sequence[tuple[float, str]] = (),
    ) -> None:
        """Draw these curves from epoch 1 to `x_end`. floor: the axis starts there or lower; None: where the data do.

        ticks: an axis that is not epochs, from the first of these values to the last, with the text of each.
        """
        self._ticks = ticks
        self._curves = [_finite(curve) for curve in curves]
        inside = x_end == 1 and any(len(curve.x) and curve.x[0] < 1 for curve in self._curves)
        self._x_end, self._mark, self._floor = x_end if inside else max(2, x_end), mark, floor
        self._named = any(curve.name for curve in curves)
        self.setAccessibleDescription(
            ", ".join(f"{c.name} {number(c.y[-1], self._decimals)}" for c in self._curves if c.name and len(c.y))
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 72)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, y = self.scales()
        self._paint_axes(painter, x, y)
        if self._mark:
            self._paint_mark(painter, self._mark, x, y)
        for curve in self._drawn():
            _paint_curve(painter, curve, x, y)
        self._paint_names(painter, x, y)

    def _drawn(self) -> list[Curve]:
        return [curve for curve in self._curves if len(curve.y)]

    def scales(self) -> tuple[Scale, Scale]:
        values = np.concatenate([curve.y for curve in self._drawn()] or [np.array([0.0, 1.0])])
        low, high = float(values.min()), float(values.max())
        ticks = round_ticks(low if self._floor is None else min(low, self._floor), high, self._intervals)
        y = Scale(ticks[0], ticks[-1], self.height() - BOTTOM, 8, ticks)
        metrics = QFontMetricsF(theme.font(11))
        left = max(metrics.horizontalAdvance(text) for text in tick_texts(ticks)) + TICK_GAP
        last = metrics.horizontalAdvance(str(self._x_end)) / 2 + 2  # the last number stands under the end of the axis
        right = self.width() - (self._names_width() if self._named else 24 if self._ticks else max(6.0, last))
        if self._ticks:
            return Scale(self._ticks[0][0], self._ticks[-1][0], left, right, tuple(at for at, _text in self._ticks)), y
        step = metrics.horizontalAdvance("0000") + 12
        at_most = max(2, int((right - left) / step))
        starts_at = min([1.0] + [float(curve.x[0]) for curve in self._drawn()])
        if self._x_end == 1:  # a single epoch, looked at on its way
            return Scale(0.0, 1.0, left, right, (0.0, 0.5, 1.0) if at_most > 2 else (0.0, 1.0)), y
        epochs = tuple(float(epoch) for epoch in whole_ticks(1, self._x_end, at_most))
        return Scale(min(1.0, starts_at), self._x_end, left, right, epochs), y

    def _names_width(self) -> float:
        metrics = QFontMetricsF(theme.font(12))
        texts = [curve.name for curve in self._curves] + ["0.000"]
        return max(metrics.horizontalAdvance(text) for text in texts) + NAME_GAP + 2

    def _paint_axes(self, painter: QPainter, x: Scale, y: Scale) -> None:
        hairline = QColor(theme.tokens().line2)
        hairline.setAlphaF(0.22)
        painter.setFont(theme.font(11))
        for tick, text in zip(y.ticks, tick_texts(y.ticks), strict=True):
            at = round(y(tick)) + 0.5
            painter.setPen(QPen(hairline, 1))
            painter.drawLine(QPointF(x.start, at), QPointF(x.end, at))
            painter.setPen(theme.tokens().text3)
            box = QRectF(0, at - 9, x.start - TICK_GAP, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(theme.tokens().text3)
        texts = [text for _at, text in self._ticks] or [number(tick, 0 if tick == int(tick) else 1) for tick in x.ticks]
        for tick, text in zip(x.ticks, texts, strict=True):
            box = QRectF(x(tick) - 24, self.height() - BOTTOM + 6, 48, BOTTOM - 6)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_mark(self, painter: QPainter, mark: EpochMark, x: Scale, y: Scale) -> None:
        at = round(x(mark.x)) + 0.5
        painter.setPen(QPen(theme.tokens().line2, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(at, y.start), QPointF(at, y.end))
        painter.setFont(theme.font(11))
        painter.setPen(theme.tokens().text2)
        wide = QFontMetricsF(painter.font()).horizontalAdvance(mark.text)
        for left in (at + 6, at - 6 - wide):
            if x.start <= left and left + wide <= x.end:  # in a narrow plot the line stands alone, and lies over nothing
                painter.drawText(QRectF(left, y.end + 2, wide + 1, NAME_LINE), Qt.AlignmentFlag.AlignVCenter, mark.text)
                break

    def _paint_names(self, painter: QPainter, x: Scale, y: Scale) -> None:
        named = sorted((curve for curve in self._drawn() if curve.name), key=lambda curve: y(curve.y[-1]))
        tops = _spread([y(curve.y[-1]) - NAME_LINE for curve in named], 2 * NAME_LINE + 2, y.start)
        painter.setFont(theme.font(12))
        for curve, top in zip(named, tops, strict=True):
            box = QRectF(x.end + NAME_GAP, top, self.width() - x.end - NAME_GAP, NAME_LINE)
            painter.setPen(_ink(curve))
            whole = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip  # large type too
            painter.drawText(box, int(whole), curve.name)
            painter.setPen(theme.tokens().text2)
            value = number(curve.y[-1], self._decimals)
            painter.drawText(box.translated(0, NAME_LINE), int(whole), value)


def _finite(curve: Curve) -> Curve:
    keep = np.isfinite(curve.x) & np.isfinite(curve.y)
    return Curve(curve.x[keep], curve.y[keep], curve.color, curve.name, curve.width, curve.dashed)


def _ink(curve: Curve) -> QColor:
    """The colour of a curve's name; the grey of a reference curve is too faint for text."""
    tokens = theme.tokens()
    return tokens.text3 if curve.color == "line2" else tokens.ink(curve.color)


def _paint_curve(painter: QPainter, curve: Curve, x: Scale, y: Scale) -> None:
    color = theme.tokens().ink(curve.color)
    style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(color, curve.width, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points = [QPointF(x(a), y(b)) for a, b in zip(*_thinned(curve, int(x.end - x.start)), strict=True)]
    painter.drawPolyline(QPolygonF(points))
    if curve.name or len(points) == 1:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(points[-1], 3.5, 3.5)


def _thinned(curve: Curve, pixels: int) -> tuple[Values, Values]:
    """At most about two points a pixel: more would cost time at every frame and show nothing."""
    keep = np.unique(np.linspace(0, len(curve.x) - 1, min(len(curve.x), 2 * max(1, pixels))).astype(int))
    return curve.x[keep], curve.y[keep]


def _spread(tops: list[float], height: float, bottom: float) -> list[float]:
    """Push labels apart so that none covers another, keeping their order and staying above `bottom`."""
    placed: list[float] = []
    for top in tops:
        placed.append(max(top, placed[-1] + height) if placed else max(0.0, top))
    limit = bottom
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit - height)
        limit = placed[index]
    return placed
