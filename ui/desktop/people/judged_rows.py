"""Rows of items in a dialog: a small picture or the first words, the key, and what the dialog says of each. Only those in
sight are painted.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from badcase.items import Kind
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.pictures.project_pictures import SMALL, pictures_of
from badcase.ui.desktop.review.grid.item_cards import draw_media
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets.painting import draw_ring, draw_text

HIGH, MOST = 56, 5  # of a row, and rows in sight
_SIDE, _NAME = 40, 132


class JudgedRows(QAbstractScrollArea):
    """One row an item. A subclass draws what is said of it with `draw_rest`; `current` is moved with the arrow keys."""

    def __init__(self, session: Session, items: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items, self.current = list(items), 0
        self._table = session.project.items
        self._pictures = pictures_of(session, SMALL) if session.project.kind is Kind.IMAGE else None
        if self._pictures is not None:
            self._pictures.arrived.connect(self._on_picture)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HIGH * min(MOST, len(self.items)))
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())

    def draw_rest(self, painter: QPainter, rect: QRectF, row: int) -> None:
        """Draw what is said of a row, at the right of its name."""

    def sizeHint(self) -> QSize:
        return QSize(560, self.height())

    def rest(self, row: int) -> QRectF:
        """Where what is said of a row stands, in the viewport."""
        top = row * HIGH - self.verticalScrollBar().value()
        return QRectF(_SIDE + _NAME + 20, top, self.viewport().width() - _SIDE - _NAME - 28, HIGH)

    def row_at(self, point: QPointF) -> int:
        """The row at a place of the viewport, -1 for none."""
        row = int((point.y() + self.verticalScrollBar().value()) // HIGH)
        return row if 0 <= row < len(self.items) else -1

    def go(self, row: int) -> None:
        """Make a row the current one and bring it into sight."""
        self.current = min(max(row, 0), max(len(self.items) - 1, 0))
        bar, top = self.verticalScrollBar(), self.current * HIGH
        bar.setValue(min(top, max(bar.value(), top + HIGH - self.viewport().height())))
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: MOST, Qt.Key.Key_PageUp: -MOST}
        if event.key() in steps:
            self.go(self.current + steps[Qt.Key(event.key())])
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self.items) * HIGH - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), t.raised)
        first = self.verticalScrollBar().value() // HIGH
        for row in range(first, min(len(self.items), first + MOST + 2)):
            rest = self.rest(row)
            if row:
                painter.fillRect(QRectF(0, rest.y(), self.viewport().width(), 1), t.line)
            self._draw_item(painter, rest.y(), self.items[row])
            self.draw_rest(painter, rest, row)
            if row == self.current and self.hasFocus():
                draw_ring(painter, QRectF(0, rest.y() + 1, self.viewport().width(), HIGH - 1), 6)
        painter.end()

    def _draw_item(self, painter: QPainter, top: float, item: int) -> None:
        t, x = tokens(), 8.0
        if self._pictures is not None:
            image = self._pictures.thumbnail(item, _SIDE * self.devicePixelRatioF())
            draw_media(painter, QRectF(x, top + (HIGH - _SIDE) / 2, _SIDE, _SIDE), image)
            x += _SIDE + 8
            draw_text(painter, QRectF(x, top, _NAME - 8, HIGH), self._table.key(item), t.text, font(12, bold=True))
            return
        wide = _SIDE + _NAME
        text = " ".join(self._table.text(item)[:200].split())
        draw_text(painter, QRectF(x, top + 8, wide, 20), self._table.key(item), t.text, font(12, bold=True))
        draw_text(painter, QRectF(x, top + 28, wide, 20), text, t.text2, font(12))

    def _on_picture(self, _item: int, _side: int) -> None:
        self.viewport().update()
