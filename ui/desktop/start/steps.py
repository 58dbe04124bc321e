"""How it goes: four numbered steps on a line."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets.painting import CENTER, begin, draw_box, draw_text

_DISC = 23


class Steps(QWidget):
    """The loop in four lines. Where there is little room the lines move together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = [
            (_("Data"), _("point at your files; nothing is copied or changed")),
            (_("Model"), _("yours, or a packaged one")),
            (_("Review"), _("Enter accepts, Space keeps, every verdict is saved")),
            (_("Retrain"), _("one click, then compared on locked gold")),
        ]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(4 * 28)
        self.setMaximumHeight(4 * 44)

    def sizeHint(self) -> QSize:
        return QSize(400, 4 * 44)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        high = self.height() / len(self._steps)
        painter.fillRect(QRectF(_DISC / 2 - 0.5, high / 2, 1, high * (len(self._steps) - 1)), t.line)
        for place, (name, words) in enumerate(self._steps):
            y = place * high
            disc = QRectF(0, y + (high - _DISC) / 2, _DISC, _DISC)
            draw_box(painter, disc, _DISC / 2, t.soft(t.accent))
            draw_text(painter, disc, str(place + 1), t.accent, font(12, True), CENTER)
            draw_text(painter, QRectF(38, y, 64, high), name, t.text, font(13, True))
            draw_text(painter, QRectF(104, y, self.width() - 104, high), words, t.text2, font(13))
        painter.end()
