"""A switch: on or off at once, with words that say what is so while it is on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.ui.desktop.look.theme import FIELD, font, tokens
from badcase.ui.desktop.widgets.buttons import PaintedButton
from badcase.ui.desktop.widgets.painting import begin, draw_box, draw_ring, draw_text, text_width

_WIDE, _HIGH = 32, 18


class Switch(PaintedButton):
    """`toggled` tells; Space and Enter turn it too."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(words)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_WIDE + 14 + text_width(self.text(), font(13)), FIELD)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, on = tokens(), begin(self), self.isChecked()
        track = QRectF(1, (self.height() - _HIGH) / 2, _WIDE, _HIGH)
        draw_box(painter, track, _HIGH / 2, t.accentfill if on else t.track, t.accentfill if on else t.line2)
        knob = QRectF(track.right() - _HIGH + 3 if on else track.x() + 3, track.y() + 3, _HIGH - 6, _HIGH - 6)
        draw_box(painter, knob, _HIGH / 2 - 3, t.ink("white") if on else t.text2)
        if self.rings:
            draw_ring(painter, track.adjusted(-1, -3, 3, 3), _HIGH / 2 + 2)
        words = QRectF(track.right() + 10, 0, self.width() - track.right() - 10, self.height())
        draw_text(painter, words, self.text(), t.text, font(13))
        painter.end()
