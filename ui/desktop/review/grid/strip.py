"""The strip under the item: what was just done, the current item fourth, what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.grid.item_cards import Face, Faces, draw_badge, draw_media, draw_pair, draw_paragraph
from badcase.ui.desktop.widgets.painting import CENTER, LEFT, begin, draw_box, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

CURRENT = 3  # the place of the current item, counted from 0


class Strip(QWidget):
    """Ten pictures or six texts; fewer where there is less room. `opened` tells the row of a clicked one."""

    opened = Signal(int)

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._faces = faces
        self._items: Sequence[int] = ()
        self._position = 0
        self._hovered = -1
        self.setMouseTracking(True)
        self.setFixedHeight(112)

    def sizeHint(self) -> QSize:
        return QSize(600, 112)

    def show_items(self, items: Sequence[int], position: int) -> None:
        """The whole list and where the person stands in it; only the neighbourhood is drawn."""
        self._items, self._position = items, position
        self.update()

    def places(self) -> list[tuple[int, QRectF]]:
        """The rows that are shown and where."""
        count = self._count()
        wide, gap = self._cell(count)
        first = max(0, min(self._position - min(CURRENT, count // 2), len(self._items) - 1))
        rows = range(first, min(first + count, len(self._items)))
        return [(row, QRectF(16 + slot * (wide + gap), 12, wide, 92)) for slot, row in enumerate(rows)]

    def _count(self) -> int:
        """Six texts or ten pictures; fewer in a narrow window, more where they would stand far apart."""
        room = self.width() - 32
        if self._faces.is_text:
            return max(3, min(6, room // 124), room // 250)
        return max(4, min(10, room // 78), room // 106)

    def _cell(self, count: int) -> tuple[float, float]:
        gap = 10.0 if self._faces.is_text else 14.0
        wide = (self.width() - 32 - gap * (count - 1)) / count
        if self._faces.is_text:
            return min(wide, 240.0), gap
        return 66.0, min(40.0, (self.width() - 32 - 66.0 * count) / max(1, count - 1))

    def _row_at(self, point: QPointF) -> int:
        return next((row for row, place in self.places() if place.contains(point)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row != self._hovered:
            self._hovered = row
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row >= 0:
            self.opened.emit(row)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row = self._row_at(QPointF(event.pos()))
            face = self._faces.face(int(self._items[row])) if row >= 0 else None
            pair = "" if face is None else f"{face.given} → {face.suggested}" if face.suggested else face.given
            words = face.state.words if face is not None and face.state else pair
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        painter.fillRect(self.rect(), tokens().surface)
        draw = self._draw_text_card if self._faces.is_text else self._draw_picture
        for row, place in self.places():
            draw(painter, row, place)
        painter.end()

    def _draw_picture(self, painter: QPainter, row: int, place: QRectF) -> None:
        t, item = tokens(), int(self._items[row])
        face = self._faces.face(item)
        square = QRectF(place.x(), place.y(), place.width(), 66)
        current, done = row == self._position, face.state is not None
        if current:
            draw_box(painter, square.adjusted(-4, -4, 4, 4), 6, None, t.accent, 2)
        elif row == self._hovered:
            draw_box(painter, square.adjusted(-3, -3, 3, 3), 6, None, t.line2, 1)
        image = self._faces.picture(item, 66 * self.devicePixelRatioF())
        draw_media(painter, square, image, opacity=0.45 if done and not current else 1.0)
        if face.state is not None:
            draw_badge(painter, square.bottomRight(), face.state)
        beside = min(12.0, self._cell(self._count())[1] / 2 - 4)  # long words stand apart from the next ones
        words = QRectF(place.x() - beside, place.y() + 72, place.width() + 2 * beside, 18)
        _draw_caption(painter, words, face, current=current, center=True)

    def _draw_text_card(self, painter: QPainter, row: int, place: QRectF) -> None:
        t, item = tokens(), int(self._items[row])
        face = self._faces.face(item)
        current, done = row == self._position, face.state is not None
        if current:
            draw_box(painter, place.adjusted(-2, -2, 2, 2), 8, t.surface, t.accent, 2)
        else:
            draw_box(painter, place, 6, t.surface, t.line2 if row == self._hovered else t.line)
        inner = place.adjusted(10, 8, -10, -8)
        ink = t.text3 if done and not current else t.text
        draw_paragraph(painter, QRectF(inner.x(), inner.y(), inner.width(), 40), self._faces.text(item), 2, 20, ink)
        foot = QRectF(inner.x(), inner.bottom() - 20, inner.width(), 20)
        if face.state is not None:
            draw_badge(painter, QPointF(inner.right() + 4, foot.bottom() + 2), face.state)
            foot.setRight(foot.right() - 20)
        _draw_caption(painter, foot, face, current=current, center=False)


def _draw_caption(painter: QPainter, rect: QRectF, face: Face, *, current: bool, center: bool) -> None:
    """Both classes; of an item that was judged, and is not the one in view, what was said of it."""
    if current or face.state is None or face.labels:
        draw_pair(painter, rect, face, px=12, center=center, quiet=face.state is not None and not current)
        return
    said, name = face.state.words, face.suggested or face.given
    if text_width(said, font(12)) > rect.width() and name in said:
        said = name  # which class is told rather than who set it; the badge says that it was set
    draw_text(painter, rect, said, tokens().text3, font(12), CENTER if center else LEFT, Qt.TextElideMode.ElideMiddle)
