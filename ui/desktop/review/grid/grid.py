"""The grid of cards: only those in sight are painted, so that a million scroll as lightly as a hundred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.grid.item_cards import Face, Faces, draw_media, draw_pair, draw_paragraph, draw_pill, draw_state
from badcase.ui.desktop.widgets.painting import RIGHT, draw_bar, draw_box, draw_text, text_width

SMALLEST, USUAL, LARGEST = 72, 116, 240
_GAP, _EDGE, _PAD = 10, 16, 8
_FOOT = 40  # the pair, the bar and the gaps under the media
_TEXT_HIGH, _TEXT_WIDE = 116, 240


class Grid(QAbstractScrollArea):
    """Cards of a list of items. It shows a selection mask and a current row, and tells what the mouse wants."""

    pressed = Signal(int, Qt.KeyboardModifier)
    opened = Signal(int)
    resized = Signal(int)

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self._faces = faces
        self._items: Sequence[int] | npt.NDArray[np.int64] = ()
        self._selected: npt.NDArray[np.bool_] = np.empty(0, np.bool_)
        self._current = 0
        self._hovered = -1
        self._dragged_from = -1
        self.media = USUAL
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # it may be moved instead of painted

    # --- what it shows ------------------------------------------------------------------------------------------

    def show_items(self, items: Sequence[int] | npt.NDArray[np.int64], selected: npt.NDArray[np.bool_], current: int) -> None:
        """The whole list; the arrays are read while painting, never copied."""
        self._items, self._selected, self._current = items, selected, current
        self._measure()
        self.viewport().update()

    def set_media(self, side: int) -> None:
        """Another size of the pictures; the current card stays in sight."""
        self.media = min(max(side, SMALLEST), LARGEST)
        self._measure()
        self.reveal(self._current)
        self.viewport().update()

    def reveal(self, row: int) -> None:
        """Scroll as little as shows a whole card."""
        _columns, _wide, high = self._cells()
        top = self._top(row)
        bar, room = self.verticalScrollBar(), self.viewport().height()
        if top - _EDGE < bar.value():
            bar.setValue(int(top - _EDGE))
        elif top + high + _EDGE > bar.value() + room:
            bar.setValue(int(top + high + _EDGE - room))

    # --- geometry -----------------------------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        return self._cells()[0]

    def page_rows(self) -> int:
        """How many cards a page holds."""
        columns, _wide, high = self._cells()
        return columns * max(1, self.viewport().height() // (high + _GAP))

    def _cells(self) -> tuple[int, float, int]:
        """Columns, the width of a card and its height."""
        room = self.viewport().width() - 2 * _EDGE
        least = self._least()
        columns = max(1, int((room + _GAP) // (least + _GAP)))
        wide = (room - _GAP * (columns - 1)) / columns
        wide = min(wide, least * 1.25)
        high = round(_TEXT_HIGH * self._growth()) if self._faces.is_text else round(wide) + _FOOT
        return columns, wide, high

    def _least(self) -> float:
        return _TEXT_WIDE * self._growth() if self._faces.is_text else self.media + 2 * _PAD

    def _growth(self) -> float:
        return max(0.75, self.media / USUAL)

    def _top(self, row: int) -> int:
        columns, _wide, high = self._cells()
        return _EDGE + (row // columns) * (high + _GAP)

    def card(self, row: int) -> QRectF:
        """Where a card is on the viewport now."""
        columns, wide, high = self._cells()
        x = _EDGE + (row % columns) * (wide + _GAP)
        return QRectF(x, self._top(row) - self.verticalScrollBar().value(), wide, high)

    def in_sight(self) -> range:
        """The rows of the cards that can be seen."""
        columns, _wide, high = self._cells()
        top = self.verticalScrollBar().value() - _EDGE
        first = max(0, top // (high + _GAP)) * columns
        last = ((top + self.viewport().height()) // (high + _GAP) + 1) * columns
        return range(first, min(last, len(self._items)))

    def row_at(self, point: QPointF) -> int:
        """The row of the card under a point, -1 between cards."""
        columns, wide, high = self._cells()
        column = int((point.x() - _EDGE) // (wide + _GAP))
        line = int((point.y() + self.verticalScrollBar().value() - _EDGE) // (high + _GAP))
        row = line * columns + column
        if not 0 <= column < columns or not 0 <= row < len(self._items):
            return -1
        return row if self.card(row).contains(point) else -1

    def _measure(self) -> None:
        columns, _wide, high = self._cells()
        lines = -(-len(self._items) // columns)
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, 2 * _EDGE + lines * (high + _GAP) - _GAP - room))
        bar.setPageStep(room)
        bar.setSingleStep((high + _GAP) // 3)

    # --- events -------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(dx, dy)  # what stays in sight is moved, only the rest is painted

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_media(self.media + (12 if event.angleDelta().y() > 0 else -12))
            self.resized.emit(self.media)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        self._dragged_from = row
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self.pressed.emit(row, event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and self._dragged_from >= 0 and row not in (-1, self._current):
            self.pressed.emit(row, Qt.KeyboardModifier.ShiftModifier)
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = -1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if row >= 0:
            self.opened.emit(row)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hovered = -1
            self.viewport().update()
        return super().viewportEvent(event)

    def touched(self, item: int) -> None:
        """A picture has come: repaint the cards that show its item."""
        for row in self.in_sight():
            if self._items[row] == item:
                self.viewport().update(self.card(row).toAlignedRect() & QRect(QPoint(), self.viewport().size()))

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(event.rect(), tokens().window)
        for row in self.in_sight():
            card = self.card(row)
            if card.intersects(QRectF(event.rect())):
                self._draw_card(painter, row, card)
        painter.end()

    def _draw_card(self, painter: QPainter, row: int, card: QRectF) -> None:
        t, item = tokens(), int(self._items[row])
        face, selected = self._faces.face(item), bool(self._selected[row])
        if row == self._current:
            ring = t.text if selected else t.accent
            draw_box(painter, card.adjusted(-3, -3, 3, 3), 8, None, ring, 2)
        if selected:
            draw_box(painter, card, 6, t.soft(t.accent), t.accent, 2)
        else:
            draw_box(painter, card, 6, t.surface, t.line2 if row == self._hovered else t.line)
        inner = card.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        media = QRectF(inner.x(), inner.y(), inner.width(), card.height() - _FOOT - 2 * _PAD)
        if self._faces.is_text:
            self._draw_text(painter, media, item, face)
        else:
            media.setHeight(inner.width())
            image = self._faces.picture(item, media.width() * self.devicePixelRatioF())
            draw_media(painter, media, image, opacity=0.4 if face.state else 1.0)
        self._draw_foot(painter, QRectF(inner.x(), card.bottom() - _FOOT + 1, inner.width(), _FOOT), face)
        if face.state is not None and not self._faces.is_text:
            draw_pill(painter, media.center(), media.width(), face.state)
        if selected:  # over a text it would hide a word
            over = QPointF(card.right() - 13, card.y() - 5) if self._faces.is_text else media.topLeft() + QPointF(6, 6)
            self._draw_tick(painter, over)

    def _draw_text(self, painter: QPainter, room: QRectF, item: int, face: Face) -> None:
        t = tokens()
        lines = max(1, int(room.height() // 20))
        ink = t.text3 if face.state else t.text
        marks = () if face.state else self._faces.marks(item)
        draw_paragraph(painter, room.adjusted(2, 0, -2, 0), self._faces.text(item), lines, 20, ink, 13, marks)

    def _draw_foot(self, painter: QPainter, foot: QRectF, face: Face) -> None:
        t = tokens()
        words = QRectF(foot.x(), foot.y(), foot.width(), 20)
        if self._faces.is_text and face.state is not None:
            draw_state(painter, words, face.state)
        else:
            if face.proposed:
                words.setRight(self._draw_proposed(painter, words, face.proposed))
            draw_pair(painter, words, face, quiet=face.state is not None)
        if face.suspicion == face.suspicion:  # not NaN
            line = QRectF(foot.x(), foot.y() + 18, foot.width(), 18)
            draw_text(painter, line, f"{face.suspicion:.2f}", t.text3, font(11, figures=True), RIGHT)
            bar = QRectF(line.x(), line.center().y() - 1.5, max(0.0, line.width() - 36), 3)
            draw_bar(painter, bar, face.suspicion, t.line2)

    @staticmethod
    def _draw_proposed(painter: QPainter, words: QRectF, proposed: str) -> float:
        """What a machine proposes, at the right end of a line; returns where it begins."""
        t, face = tokens(), font(12)
        left = words.right() - min(0.45 * words.width(), text_width(proposed, face) + 18)
        draw_icon(painter, "model", QRectF(left, words.center().y() - 6, 12, 12), t.accent)
        draw_text(painter, QRectF(left + 16, words.y(), words.right() - left - 16, words.height()), proposed, t.accent, face)
        return left - 6

    def _draw_tick(self, painter: QPainter, corner: QPointF) -> None:
        t = tokens()
        tick = QRectF(corner.x(), corner.y(), 18, 18)
        draw_box(painter, tick, 4, t.accentfill)
        draw_icon(painter, "check", tick.adjusted(3, 3, -3, -3), t.ink("white"))
