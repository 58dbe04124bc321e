"""The revisions of the data as a line of dots, the newest on top; one that waits to be taken in stands above them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_box, draw_text

_HIGH = 70


class RevisionsLine(QWidget):
    """Rows of (title, when, what, who); the first is soft accent where it is a preview."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[tuple[str, str, str, str]] = []
        self._waits = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_revisions(self, rows: Sequence[tuple[str, str, str, str]], *, waits: bool) -> None:
        """waits: the first row is not taken in yet."""
        self._rows, self._waits = rows, waits
        self.setAccessibleName("; ".join(", ".join(filter(None, row)) for row in rows))
        self.setFixedHeight(_HIGH * len(rows))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HIGH * len(self._rows))

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        for number, (title, when, what, who) in enumerate(self._rows):
            top, waiting = number * _HIGH, self._waits and number == 0
            if waiting:
                draw_box(painter, QRectF(0, top, self.width(), _HIGH - 6), 6, t.soft(t.accent))
            if number + 1 < len(self._rows):
                painter.setPen(QPen(t.line, 1.5))
                painter.drawLine(QPointF(13, top + 26), QPointF(13, top + _HIGH + 8))
            painter.setPen(QPen(t.accent if waiting else t.line2, 2))
            painter.setBrush(t.accent if waiting else t.surface)
            painter.drawEllipse(QPointF(13, top + 17), 4.5, 4.5)
            taken = draw_text(painter, QRectF(30, top + 7, self.width() - 38, 20), title, t.text, font(13, True)) + 8
            draw_text(painter, QRectF(30 + taken, top + 7, self.width() - 38 - taken, 20), when, t.text2, font(12), RIGHT)
            draw_text(painter, QRectF(30, top + 26, self.width() - 38, 18), what, t.text2, font(12))
            draw_text(painter, QRectF(30, top + 43, self.width() - 38, 18), who, t.text2, font(12))
        painter.end()
