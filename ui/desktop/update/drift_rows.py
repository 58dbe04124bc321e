"""How far the new lie from the old by class, and how shares moved: a row each, with the distance on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from badcase.drift.drift_words import stands_out
from badcase.drift.of_project import PartDrift
from badcase.i18n import _
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.plots.intervals import paint_interval
from badcase.ui.desktop.plots.scale import Scale
from badcase.ui.desktop.update.painted_rows import PaintedRows
from badcase.ui.desktop.widgets.painting import RIGHT, draw_text

_SHARE = 64


class DriftRows(PaintedRows):
    """A row opens the new items of its class or slice."""

    HIGH = 26

    def __init__(self) -> None:
        super().__init__("drift_rows")
        self.rows: Sequence[PartDrift] = []
        self.head = 32
        self.setAccessibleName(_("How far the new lie from the old"))

    def show_rows(self, rows: Sequence[PartDrift]) -> None:
        self.rows = rows
        self.setAccessibleDescription(", ".join(f"{one.title}: {stands_out(one)}" for one in rows))
        self.filled()

    def count(self) -> int:
        return len(self.rows)

    def can_open(self, row: int) -> bool:
        return self.rows[row].new > 0

    def _columns(self) -> tuple[float, float, float]:
        """Where shares, plot and words begin."""
        names = max(120.0, 0.26 * self.width())
        words = max(140.0, 0.28 * self.width())
        return names, names + 2 * _SHARE + 24, self.width() - words

    def _scale(self) -> Scale:
        shown = [one.distance for one in self.rows if one.distance is not None]
        low = min([0.0] + [one.value - one.reach for one in shown])
        high = max([1e-6] + [one.value + one.reach for one in shown])
        _names, start, end = self._columns()
        return Scale(low, high, start, end - 24)

    def paint_head(self, painter: QPainter) -> None:
        t, small, (names, _start, end) = tokens(), font(12), self._columns()
        draw_text(painter, QRectF(8, 0, names, 24), _("Class or column"), t.text2, small)
        for place, words in enumerate((_("old, %"), _("new, %"))):
            draw_text(painter, QRectF(names + place * _SHARE, 0, _SHARE - 8, 24), words, t.text2, small, RIGHT)
        zero = round(self._scale()(0.0)) + 0.5
        draw_text(painter, QRectF(zero - 8, 0, 60, 24), _("none"), t.text2, small)
        draw_text(painter, QRectF(end - 94, 0, 70, 24), _("farther"), t.text2, small, RIGHT)
        draw_text(painter, QRectF(end, 0, self.width() - end, 24), _("What stands out"), t.text2, small)
        painter.setPen(QPen(t.line, 1))
        painter.drawLine(QPointF(0, 27.5), QPointF(self.width(), 27.5))
        painter.setPen(QPen(t.line2, 1))
        painter.drawLine(QPointF(zero, 28), QPointF(zero, self.height()))

    def paint_row(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t, one, (names, _start, end) = tokens(), self.rows[row], self._columns()
        bold = one.differs or one.moved
        draw_text(painter, QRectF(8, rect.y(), names - 8, rect.height()), one.title, t.text, font(13, bold))
        for place, share in enumerate((one.old_share, one.new_share)):
            face = font(13, one.moved and place == 1, figures=True)
            box = QRectF(names + place * _SHARE, rect.y(), _SHARE - 8, rect.height())
            draw_text(painter, box, f"{100 * share:.1f}", t.text if place else t.text2, face, RIGHT)
        if one.distance is not None:
            value, reach = one.distance.value, one.distance.reach
            at = (value - reach, value, value + reach)
            paint_interval(painter, self._scale(), rect.center().y(), at, decided=one.differs)
        words = QRectF(end, rect.y(), rect.right() - end - 4, rect.height())
        draw_text(painter, words, stands_out(one), t.text if bold else t.text3, font(13))
