"""Rows that one walks with the arrow keys; only those in sight are painted, and a click or Enter opens one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.widgets.painting import begin, draw_box, draw_ring


class PaintedRows(QWidget):
    """A subclass says how many rows there are and paints each. `opened` carries a row, `walked` the one that is current."""

    opened = Signal(int)
    walked = Signal(int)
    sideways = Signal(int)  # -1 or 1: the area that the rows scroll in would take these keys
    HIGH = 28

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.current, self.head = 0, 0  # head: height of what stands above the rows
        self._over = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def paint_row(self, painter: QPainter, rect: QRectF, row: int) -> None:
        """Paint one row."""

    def paint_head(self, painter: QPainter) -> None:
        """Paint what stands above the rows."""

    def can_open(self, row: int) -> bool:
        """Whether a row leads somewhere."""
        return True

    def filled(self) -> None:
        """Other rows are shown."""
        self.current = min(self.current, max(0, self.count() - 1))
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def row_rect(self, row: int) -> QRectF:
        return QRectF(0, self.head + row * self.HIGH, self.width(), self.HIGH)

    def row_at(self, point: QPointF) -> int:
        """The row at a place, -1 for none."""
        row = int((point.y() - self.head) // self.HIGH)
        return row if point.y() >= self.head and row < self.count() else -1

    def go(self, row: int) -> None:
        """Make a row the current one and bring it into sight."""
        self.current = min(max(row, 0), max(0, self.count() - 1))
        self.walked.emit(self.current)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self.head + self.HIGH * self.count())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        aside = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in steps and self.count():
            self.go(self.current + steps[Qt.Key(event.key())])
        elif plain and event.key() in aside:
            self.sideways.emit(aside[Qt.Key(event.key())])
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.count() and self.can_open(self.current):
            self.opened.emit(self.current)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.row_at(event.position())
        if over != self._over:
            self._over = over
            leads = over >= 0 and self.can_open(over)
            self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._over = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if row >= 0:
            self.go(row)
            self.press(row, event.position())

    def press(self, row: int, point: QPointF) -> None:
        """A click on a row; point: in this widget."""
        if self.can_open(row):
            self.opened.emit(row)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        self.paint_head(painter)
        seen = event.rect()
        first = max(0, int((seen.top() - self.head) // self.HIGH))
        for row in range(first, min(self.count(), int((seen.bottom() - self.head) // self.HIGH) + 1)):
            rect = self.row_rect(row)
            if row == self._over and self.can_open(row):
                draw_box(painter, rect, 6, tokens().hover)
            self.paint_row(painter, rect, row)
            if row == self.current and self.hasFocus():
                draw_ring(painter, rect, 6)
        painter.end()
