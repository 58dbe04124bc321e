"""The strip of the pairs: two pictures or two lines each, what they are called or what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.grid.item_cards import CardState, Faces, draw_media
from badcase.ui.desktop.review.state.pair import Pair
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, begin, draw_box, draw_text, text_width

CURRENT = 2  # the place of the current pair, counted from 0
_SIDE, _BETWEEN, _DONE = 52, 2, 0.45
_PICTURES, _TEXTS = 2 * _SIDE + _BETWEEN, 200
_GAP, _MOST = 18, 12


class PairStrip(QWidget):
    """As many pairs as there is room for. `opened` tells the number of the one that was clicked."""

    opened = Signal(int)

    def __init__(
        self, faces: Faces, became: Callable[[Pair], CardState | None], names: Callable[[Pair], tuple[str, str]]
    ) -> None:
        """became: what was decided of a pair; names: the labels that its items have."""
        super().__init__()
        self.setObjectName("pair_strip")
        self._faces, self._became, self._names = faces, became, names
        self._pairs: Sequence[Pair] = ()
        self._position, self._hovered = 0, -1
        self.setMouseTracking(True)
        self.setFixedHeight(112)

    def show_pairs(self, pairs: Sequence[Pair], position: int) -> None:
        self._pairs, self._position = pairs, position
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, 112)

    def places(self) -> list[tuple[int, QRectF]]:
        """The numbers of the pairs that are shown, and where."""
        wide = _TEXTS if self._faces.is_text else _PICTURES
        room = self.width() - 32
        count = max(2, min(_MOST, (room + _GAP) // (wide + _GAP)))
        gap = min(2.0 * _GAP, (room - count * wide) / max(1, count - 1))
        first = max(0, min(self._position - min(CURRENT, count // 2), len(self._pairs) - 1))
        shown = range(first, min(first + count, len(self._pairs)))
        return [(number, QRectF(16 + slot * (wide + gap), 14, wide, 84)) for slot, number in enumerate(shown)]

    def _at(self, point: QPointF) -> int:
        return next((number for number, place in self.places() if place.contains(point)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event.position())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (number := self._at(event.position())) >= 0:
            self.opened.emit(number)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        painter.fillRect(self.rect(), tokens().surface)
        painter.fillRect(QRectF(0, 0, self.width(), 1), tokens().line)
        for number, place in self.places():
            self._draw(painter, number, place)
        painter.end()

    def _draw(self, painter: QPainter, number: int, place: QRectF) -> None:
        t, pair, current = tokens(), self._pairs[number], number == self._position
        state = self._became(pair)
        both = QRectF(place.x(), place.y(), place.width(), _SIDE)
        if current or number == self._hovered:
            reach = 4 if current else 3
            draw_box(
                painter,
                both.adjusted(-reach, -reach, reach, reach),
                6,
                None,
                t.accent if current else t.line2,
                2 if current else 1,
            )
        for half, item in enumerate(pair):
            if self._faces.is_text:
                line = QRectF(both.x() + 6, both.y() + half * _SIDE / 2, both.width() - 12, _SIDE / 2)
                text = " ".join(self._faces.text(item)[:120].split())
                draw_text(painter, line, text, t.text if state is None or current else t.text3, font(13))
            else:
                square = QRectF(both.x() + half * (_SIDE + _BETWEEN), both.y(), _SIDE, _SIDE)
                image = self._faces.picture(item, _SIDE * self.devicePixelRatioF())
                draw_media(painter, square, image, opacity=1.0 if state is None or current else _DONE)
        words = QRectF(place.x() - 6, both.bottom() + 8, place.width() + 12, 20)
        if state is None:
            self._draw_names(painter, words, *self._names(pair))
        else:
            wide = min(text_width(state.words, font(12)) + 2.0, words.width() - 18)
            x = words.center().x() - (wide + 18) / 2
            draw_icon(painter, state.icon, QRectF(x, words.y() + 4, 12, 12), t.ink(state.ink))
            draw_text(
                painter, QRectF(x + 18, words.y(), wide, 20), state.words, t.text3, font(12), mode=Qt.TextElideMode.ElideMiddle
            )

    def _draw_names(self, painter: QPainter, rect: QRectF, first: str, second: str) -> None:
        """Both labels, each with its share of the room; one where they agree."""
        t, middle = tokens(), Qt.TextElideMode.ElideMiddle
        if first == second:
            draw_text(painter, rect, first, t.text2, font(12), CENTER, middle)
            return
        slash = 14.0
        room = rect.width() - slash
        left, right = (text_width(name, font(12)) + 2.0 for name in (first, second))
        if left + right > room:
            left = min(left, max(room / 2, room - right))
            right = min(right, room - left)
        x = rect.center().x() - (left + slash + right) / 2
        draw_text(painter, QRectF(x, rect.y(), left, rect.height()), first, t.given, font(12), RIGHT, middle)
        draw_text(painter, QRectF(x + left, rect.y(), slash, rect.height()), "/", t.text3, font(12), CENTER)
        draw_text(painter, QRectF(x + left + slash, rect.y(), right, rect.height()), second, t.given, font(12), mode=middle)
