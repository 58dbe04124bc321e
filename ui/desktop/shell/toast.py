"""A toast: a line with the key that takes it back, or with something to do. At most one, for a few seconds.

It stands where nobody looks while judging: over the foot of what the page names, else at the bottom of the window.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QTimer
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.look.theme import BUTTON_BAR, RADIUS_DIALOG, STATUS_BAR, font, tokens
from badcase.ui.desktop.widgets import Button, KeyCap, Label
from badcase.ui.desktop.widgets.painting import begin, draw_box

SHOWN_MS, OFFER_MS = 4000, 12_000
_EDGE = 16


class Toast(QWidget):
    """Lies over the page and takes no click away from it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("toast")
        over.installEventFilter(self)
        self._text = Label(wrap=True)
        self._over: tuple[QWidget, ...] = ()
        self._beside: QWidget | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 16, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self._text, 1)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def stand_over(self, *parts: QWidget) -> None:
        """Over whose foot it stands from now on: that of the first that is seen, else of the window."""
        self._over = parts  # an earlier one may be gone by now
        for part in parts:
            part.installEventFilter(self)

    def tell(self, text: str, key: str = "") -> None:
        """Show a line; `key` undoes what it says."""
        self._text.setText(text[:1].upper() + text[1:])
        self._set_beside(None)
        if key:
            undoes = QWidget()
            pair = QHBoxLayout(undoes)
            pair.setContentsMargins(8, 0, 0, 0)
            pair.addWidget(KeyCap(key))
            pair.addWidget(Label(_("undoes"), ink="text2"))
            self._set_beside(undoes)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS)

    def offer(self, command: Command) -> None:
        """Put what can be done about it beside what was just told; it stays longer then."""
        button = Button(command.title, icon=command.icon, height=BUTTON_BAR)
        button.setObjectName("toast_action")
        button.clicked.connect(self.hide)
        button.clicked.connect(command.run)
        self._set_beside(button)
        self._place()
        self._timer.start(OFFER_MS)

    def _set_beside(self, part: QWidget | None) -> None:
        """What stands after the words; nothing for None."""
        if self._beside is not None:
            self._row.removeWidget(self._beside)
            self._beside.hide()
            self._beside.deleteLater()
        self._beside = part
        if part is not None:
            self._row.addWidget(part)
            part.show()

    def text(self) -> str:
        return self._text.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """As wide as its line where there is room, else in several lines; never beyond the window."""
        window = self.parentWidget()
        assert window is not None
        room = QRect(0, 0, window.width(), window.height() - STATUS_BAR)
        over = next((part for part in self._over if part.isVisible()), None)
        if over is not None:
            room = room.intersected(QRect(over.mapTo(window, QPoint(0, 0)), over.size()))
        beside = 0 if self._beside is None else self._beside.sizeHint().width() + self._row.spacing()
        edges = 2 * _EDGE + beside
        line = QFontMetrics(font(13)).horizontalAdvance(self._text.text()) + 2
        wide = min(line, max(80, room.width() - 2 * _EDGE - edges))
        high = max(self._text.heightForWidth(wide), BUTTON_BAR if beside else 0) + 16
        top = max(_EDGE, room.bottom() + 1 - _EDGE - high)
        self.setGeometry(room.x() + (room.width() - wide - edges) // 2, top, wide + edges, high)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), RADIUS_DIALOG, t.raised, t.control)
        painter.end()
