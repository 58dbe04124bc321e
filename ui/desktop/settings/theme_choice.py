"""The theme as miniatures of the window: follow the system, light, dark."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.colours import DARK, LIGHT, Tokens
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.session.preferences import THEMES
from badcase.ui.desktop.widgets.painting import begin, draw_box, draw_ring, draw_text, text_width

_WIDE, _HIGH, _GAP, _EDGE, _FOOT = 112, 70, 16, 4, 24
_NAMES: dict[str, tuple[str, Callable[[], str]]] = {
    "system": ("halves", lambda: _("System")),
    "light": ("sun", lambda: _("Light")),
    "dark": ("moon", lambda: _("Dark")),
}


class ThemeChoice(QWidget):
    """One of three; a click or the arrow keys choose."""

    chosen = Signal(str)

    def __init__(self, value: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("theme_choice")
        self.value = value
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())
        self._tell()

    def sizeHint(self) -> QSize:
        return QSize(len(THEMES) * _WIDE + (len(THEMES) - 1) * _GAP + 2 * _EDGE, _HIGH + 2 * _EDGE + _FOOT)

    def choose(self, name: str) -> None:
        if name != self.value:
            self.value = name
            self._tell()
            self.update()
            self.chosen.emit(name)

    def _tell(self) -> None:
        self.setAccessibleName(_("Theme: {name}").format(name=_NAMES[self.value][1]()))

    def place_of(self, name: str) -> QRectF:
        """Where the miniature of a theme stands."""
        return QRectF(_EDGE + THEMES.index(name) * (_WIDE + _GAP), _EDGE, _WIDE, _HIGH)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for name in THEMES:
            if self.place_of(name).adjusted(-_GAP / 2, -_EDGE, _GAP / 2, _FOOT).contains(event.position()):
                self.choose(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self.choose(THEMES[min(max(0, THEMES.index(self.value) + step), len(THEMES) - 1)])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        for name in THEMES:
            place, (icon, title), holds = self.place_of(name), _NAMES[name], name == self.value
            _draw_window(painter, place, DARK if name == "dark" else LIGHT)
            if name == "system":
                painter.save()
                painter.setClipRect(QRectF(place.center().x(), place.y(), _WIDE / 2, _HIGH))
                _draw_window(painter, place, DARK)
                painter.restore()
            draw_box(painter, place, 6, None, t.line2 if not holds else None)
            if holds:
                draw_ring(painter, place.adjusted(-3, -3, 3, 3), 8, t.accent)
            foot = QRectF(place.x(), place.bottom() + 4, place.width(), _FOOT - 4)
            draw_icon(painter, icon, QRectF(foot.x(), foot.center().y() - 6, 12, 12), t.accent if holds else t.text2)
            face = font(13, holds)
            draw_text(painter, foot.adjusted(18, 0, 0, 0), title(), t.text if holds else t.text2, face)
            if holds and self.hasFocus():
                under = QRectF(foot.x() + 18, foot.bottom() - 1, text_width(title(), face), 2)
                draw_box(painter, under, 1, t.accent)
        painter.end()


def _draw_window(painter: QPainter, rect: QRectF, t: Tokens) -> None:
    """The window in small: bar, left panel, an item, two answers."""
    draw_box(painter, rect, 6, t.surface)
    x, y = rect.x(), rect.y()
    draw_box(painter, QRectF(x + 8, y + 5, 10, 4), 2, t.accentfill)
    painter.fillRect(QRectF(x + 1, y + 13, rect.width() - 2, 1), t.line)
    for line, wide in enumerate((18, 13, 13)):
        draw_box(painter, QRectF(x + 8, y + 20 + 8 * line, wide, 3), 1.5, t.line2)
    painter.fillRect(QRectF(x + 32, y + 14, 46, rect.height() - 15), t.sunken)
    draw_box(painter, QRectF(x + 38, y + 22, 34, 34), 3, t.track)
    draw_box(painter, QRectF(x + 50, y + 29, 10, 20), 3, t.text2)
    draw_box(painter, QRectF(x + 84, y + 20, 22, 8), 2, t.accentfill)
    draw_box(painter, QRectF(x + 84, y + 32, 22, 8), 2, t.raised, t.line2)
