"""Buttons: the plain one with its key cap, that of a tool, the row of choices, the flat link, and the small cross."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import BUTTON, BUTTON_PRIMARY, font, mix, tokens
from badcase.ui.desktop.widgets.painting import (
    CENTER,
    begin,
    cap_size,
    cap_text,
    draw_box,
    draw_cap,
    draw_ring,
    draw_text,
    text_width,
)
from badcase.ui.desktop.widgets.tooltips import plain_tip

_BY_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
}


class PaintedButton(QAbstractButton):
    """A button that paints itself. It rings only for the keyboard, and Enter presses it as Space does."""

    rings = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setShortcut(QKeySequence())  # Qt takes one from an "&", which here belongs to a name

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.rings = event.reason() in _BY_KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.rings = False
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Button(PaintedButton):
    """A button with an icon before its text and a key cap after it.

    keys is what the cap shows ("Ctrl+R"); the shortcut itself belongs to the page. flat leaves out the frame, primary
    fills it (one on a page), ink is the token of its text.
    """

    def __init__(
        self,
        text: str,
        keys: str | None = None,
        icon: str | None = None,
        primary: bool = False,
        flat: bool = False,
        height: int | None = None,
        ink: str = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.keys, self.icon_name, self.primary, self.flat, self.ink_name = keys, icon, primary, flat, ink
        self._high = height or (BUTTON_PRIMARY if primary else BUTTON)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_why("")

    def set_why(self, why: str) -> None:
        """Say why the button cannot be used now; an empty text makes it usable again."""
        self.why = why
        self.setEnabled(not why)
        named = f"{self.text()}  ({cap_text(self.keys)})" if self.keys else ""
        self.setToolTip(plain_tip(why or named))

    def set_primary(self, primary: bool) -> None:
        """Fill the button or leave it plain; its size stays."""
        self.primary = primary
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._content_width() + (8 if self.flat else 28), self._high)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _content_width(self, *, capped: bool = True) -> int:
        width = text_width(self.text(), font(13))
        width += 22 if self.icon_name else 0
        return width + (cap_size(self.keys).width() + 8 if self.keys and capped else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        self._paint_frame(painter)
        ink = self._ink()
        middle = self.height() / 2
        capped = self._content_width() <= self.width() - 4  # where the cap has no room the tooltip names the keys
        x = max(4.0, (self.width() - self._content_width(capped=capped)) / 2)
        if self.icon_name:
            draw_icon(painter, self.icon_name, QRectF(x, middle - 7, 14, 14), ink)
            x += 22
        wide = min(text_width(self.text(), font(13)), self.width() - x - 4)
        draw_text(painter, QRectF(x, 0, wide, self.height()), self.text(), ink, font(13))
        if self.keys and capped:
            size = cap_size(self.keys)
            cap = QRectF(QPointF(x + wide + 8, middle - size.height() / 2), size.toSizeF())
            draw_cap(painter, cap, self.keys, on_accent=self.primary and self.isEnabled(), enabled=self.isEnabled())
        painter.end()

    def _paint_frame(self, painter: QPainter) -> None:
        t, rect = tokens(), QRectF(self.rect())
        if self.flat:
            if self.isEnabled() and (self.underMouse() or self.isDown()):
                draw_box(painter, rect, 6, t.pressed if self.isDown() else t.hover)
        elif self.primary and self.isEnabled():
            draw_box(painter, rect, 6, mix(t.text, t.accentfill, 0.08) if self.isDown() else t.accentfill)
        else:
            fill = t.pressed if self.isDown() else t.hover if self.underMouse() and self.isEnabled() else t.raised
            draw_box(painter, rect, 6, fill, t.control if self.isEnabled() else t.line)
        if self.rings:
            draw_ring(painter, rect, 6, t.text if self.primary else t.accent)

    def _ink(self) -> QColor:
        t = tokens()
        if not self.isEnabled():
            return t.disabled
        return t.ink("white") if self.primary else t.ink(self.ink_name)


class ToolButton(Button):
    """A button that is filled softly while what it stands for is in use."""

    active = False

    def set_active(self, active: bool) -> None:
        self.active = active
        self.setCheckable(True)
        self.setChecked(active)
        self.update()

    def nextCheckState(self) -> None:
        """Whoever listens decides whether it is in use."""

    def _paint_frame(self, painter: QPainter) -> None:
        t = tokens()
        if self.active:
            draw_box(painter, QRectF(self.rect()), 6, t.soft(t.accent), t.soft_border(t.accent))
        else:
            super()._paint_frame(painter)


class IconButton(PaintedButton):
    """An icon alone, 24 square, always with a tooltip that says what it does."""

    def __init__(self, icon: str, tooltip: str, size: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon_name = icon
        self.setToolTip(plain_tip(tooltip))
        self.setAccessibleName(tooltip)
        self.setFixedSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            draw_box(painter, QRectF(self.rect()), 6, t.pressed if self.isDown() else t.hover)
        if self.rings:
            draw_ring(painter, QRectF(self.rect()), 6)
        side = (self.width() - 14) / 2
        draw_icon(painter, self.icon_name, QRectF(side, side, 14, 14), t.text2 if self.isEnabled() else t.disabled)
        painter.end()


class Segmented(QWidget):
    """A row of choices of which one holds; arrows move it."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], value: str = "", parent: QWidget | None = None) -> None:
        """options: (value, text) pairs."""
        super().__init__(parent)
        self._options = list(options)
        self.value = value or self._options[0][0]
        self._rings = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        widest = max(text_width(text, font(13)) for _value, text in self._options)
        return QSize((widest + 24) * len(self._options), BUTTON)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_value(self, value: str) -> None:
        """Choose without telling."""
        self.value = value
        self.update()

    def choose(self, value: str) -> None:
        """Choose as a person does: tells when it changed."""
        if value != self.value:
            self.set_value(value)
            self.chosen.emit(value)

    def _part(self, index: int) -> QRectF:
        width = self.width() / len(self._options)
        return QRectF(index * width, 0, width, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = int(event.position().x() * len(self._options) / max(1, self.width()))
        self.choose(self._options[min(max(0, index), len(self._options) - 1)][0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        values = [value for value, _text in self._options]
        self.choose(values[min(max(0, values.index(self.value) + step), len(values) - 1)])

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = event.reason() in _BY_KEYBOARD
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self._rings = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), 6, t.sunken if t.dark else t.window, t.control)
        for index, (value, text) in enumerate(self._options):
            part, holds = self._part(index), value == self.value
            if holds:
                draw_box(painter, part, 6, t.raised, t.soft_border(t.line2))
                if self._rings:
                    draw_ring(painter, part, 6)
            draw_text(painter, part, text, t.text if holds else t.text2, font(13), CENTER)
        painter.end()
