"""Words on the page: a label in a token's colour, a section's title, a key cap, a chip, an icon."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets.painting import RIGHT, begin, cap_size, draw_box, draw_cap, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip


class Label(QLabel):
    """Text of the type scale in the colour of a token ("text2"); wraps or elides on request."""

    def __init__(
        self,
        text: str = "",
        px: int = 13,
        bold: bool = False,
        ink: str = "text",
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._full, self._elides, self._face = text, elide, (px, bold)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(px, bold))
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("ink", ink)
        self.setText(text)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationFontChange:  # another size of all text
            self.setFont(font(*self._face))
            self.setText(self._full)
        return super().event(event)

    def setText(self, text: str) -> None:
        self._full = text
        super().setText(self._shown())
        if self._elides:
            self.setToolTip(plain_tip(text if self._shown() != text else ""))

    def full_text(self) -> str:
        """The text as it was set, also where it is shown elided."""
        return self._full

    def set_ink(self, ink: str) -> None:
        """Another token's colour; the style sheet is asked again."""
        if ink != self.property("ink"):
            self.setProperty("ink", ink)
            self.style().unpolish(self)
            self.style().polish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._elides:
            self.setText(self._full)

    def _shown(self) -> str:
        if not self._elides or not self.width():
            return self._full
        return self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(text_width(self._full, self.font()), hint.height()) if self._elides else hint


class SectionTitle(QWidget):
    """The grey bold heading of a section, with a quiet remark at the right."""

    def __init__(self, text: str, right: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._right = text, right or ""
        self.setFixedHeight(20)
        self.setAccessibleName(text)

    def set_texts(self, text: str, right: str = "") -> None:
        self._text, self._right = text, right
        self.update()

    def sizeHint(self) -> QSize:
        right = text_width(self._right, font(12)) + 12 if self._right else 0
        return QSize(text_width(self._text, font(12, True)) + right, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        rect = QRectF(self.rect())
        taken = draw_text(painter, rect, self._text, t.text3, font(12, True))
        draw_text(painter, rect.adjusted(taken + 12, 0, 0, 0), self._right, t.text3, font(12), RIGHT)
        painter.end()


class KeyCap(QWidget):
    """A key as it is engraved."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setFixedSize(cap_size(keys))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.setFixedSize(cap_size(self._keys))
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        draw_cap(painter, QRectF(self.rect()), self._keys, enabled=self.isEnabled())
        painter.end()


class Chip(QWidget):
    """A short remark on a soft fill, 22 high; the colour is a token's."""

    def __init__(self, text: str, ink: str = "text2", icon: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._ink_name, self._icon = text, ink, icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str, ink: str | None = None) -> None:
        self._text, self._ink_name = text, ink or self._ink_name
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(text_width(self._text, font(12)) + 20 + (16 if self._icon else 0), 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        ink = t.ink(self._ink_name)
        draw_box(painter, QRectF(self.rect()), 11, t.soft(ink))
        x = 10.0
        if self._icon:
            draw_icon(painter, self._icon, QRectF(x - 1, 5, 12, 12), ink)
            x += 16
        draw_text(painter, QRectF(x, 0, self.width() - x - 8, 22), self._text, ink, font(12))
        painter.end()


class IconLabel(QWidget):
    """An icon on its own, in the colour of a token."""

    def __init__(self, name: str, ink: str = "text2", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._ink_name = name, ink
        self.setFixedSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        draw_icon(painter, self._name, QRectF(self.rect()), tokens().ink(self._ink_name))
        painter.end()
