"""The trial plot: one change of the recipe a row, what it gained with its interval, filled where it stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.plots.intervals import paint_axis, paint_interval
from badcase.ui.desktop.plots.scale import Scale, round_ticks
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_text

ROW, HEAD, FOOT, NUMBER, CAME, LEAST = 30, 26, 24, 40, 120, 0.01
DOUBT = 1.96  # standard errors to each end of a 95 % interval


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial: its run, its change, what came of it in a word; gain and its standard error, None before it has any."""

    run: int
    change: str
    came: str
    stays: bool
    gain: float | None = None
    error: float = 0.0


class TrialPlot(QWidget):
    """A table of trials; pressing a row chooses its run."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[TrialRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_rows(self, rows: Sequence[TrialRow]) -> None:
        self.rows = list(rows)
        self.setAccessibleDescription("; ".join(f"{row.run} {row.change}: {row.came}" for row in self.rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, HEAD + ROW * len(self.rows) + FOOT)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int((event.position().y() - HEAD) // ROW)
        if 0 <= row < len(self.rows):
            self.chosen.emit(self.rows[row].run)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens, scale = begin(self), theme.tokens(), self._scale()
        small = theme.font(12)
        draw_text(painter, QRectF(0, 0, NUMBER, HEAD), _("Run"), tokens.text2, small)
        draw_text(painter, QRectF(NUMBER, 0, scale.start - NUMBER, HEAD), _("Change"), tokens.text2, small)
        draw_text(painter, QRectF(scale.start, 0, scale.end - scale.start, HEAD), _("Gain, 95 %"), tokens.text2, small)
        painter.setPen(QPen(tokens.line, 1))
        painter.drawLine(QPointF(0, HEAD - 0.5), QPointF(self.width(), HEAD - 0.5))
        paint_axis(painter, scale, HEAD, HEAD + ROW * len(self.rows))
        for index, row in enumerate(self.rows):
            self._paint_row(painter, row, scale, HEAD + ROW * index)

    def _scale(self) -> Scale:
        """As far as the changes that stayed reach, and as far down; what lies beyond is cut at the edge."""
        gains = [(row.gain, row.error) for row in self.rows if row.gain is not None]
        high = max([LEAST] + [gain + DOUBT * error for gain, error in gains])
        low = max(min([0.0] + [gain - DOUBT * error for gain, error in gains]), -high)
        ticks = round_ticks(low, high, 4)
        start = NUMBER + min(300.0, 0.42 * self.width())
        return Scale(ticks[0], ticks[-1], start, self.width() - CAME - 14, ticks)

    def _paint_row(self, painter: QPainter, row: TrialRow, scale: Scale, top: float) -> None:
        tokens = theme.tokens()
        face = theme.font(13, row.stays)
        draw_text(painter, QRectF(0, top, NUMBER, ROW), str(row.run), tokens.text2, theme.font(13, figures=True))
        draw_text(painter, QRectF(NUMBER, top, scale.start - NUMBER - 12, ROW), row.change, tokens.text, face)
        ink = tokens.text if row.stays else tokens.text2
        draw_text(painter, QRectF(self.width() - CAME, top, CAME, ROW), row.came, ink, face, RIGHT)
        if row.gain is None:
            return
        painter.save()
        painter.setClipRect(QRectF(scale.start - 6, top, scale.end - scale.start + 12, ROW))
        reach = DOUBT * row.error
        at = (row.gain - reach, row.gain, row.gain + reach)
        paint_interval(painter, scale, top + ROW / 2, at, decided=row.stays)
        painter.restore()
