"""The search field: an icon, what to type, and the key that goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_cap


class LineEdit(QLineEdit):
    """A line to type into. A file that is dropped on it goes on to the window, which says what can be done with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(False)


class SearchField(LineEdit):
    """A line to type into. Escape empties it, and leaves it where it is empty, which `left` tells."""

    left = Signal()

    def __init__(self, placeholder: str, cap: str | None = None, icon: str = "search", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cap, self._icon = cap, icon
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        right = cap_size(cap).width() + 8 if cap else 8
        self.setTextMargins(24, 0, right, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.text():
            self.clear()
        else:
            self.clearFocus()
            self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = begin(self)
        draw_icon(painter, self._icon, QRectF(10, self.height() / 2 - 7, 14, 14), tokens().text2)
        if self._cap and not self.hasFocus():
            size = cap_size(self._cap)
            corner = QPointF(self.width() - size.width() - 5, (self.height() - size.height()) / 2)
            draw_cap(painter, QRectF(corner, size.toSizeF()), self._cap)
        painter.end()
