"""A toast: one line at the bottom of the window with the key that takes it back. At most one, for four seconds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import RADIUS_DIALOG, STATUS_BAR, tokens
from badcase.ui.desktop.widgets import KeyCap, Label
from badcase.ui.desktop.widgets.painting import begin, draw_box

SHOWN_MS = 4000


class Toast(QWidget):
    """Lies over the page and takes no click away from it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("toast")
        over.installEventFilter(self)
        self._text = Label()
        self._undoes: QWidget | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 16, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self._text)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, text: str, key: str = "") -> None:
        """Show a line; `key` undoes what it says."""
        self._text.setText(text[:1].upper() + text[1:])
        if self._undoes is not None:
            self._row.removeWidget(self._undoes)
            self._undoes.deleteLater()
            self._undoes = None
        if key:
            self._undoes = QWidget()
            pair = QHBoxLayout(self._undoes)
            pair.setContentsMargins(8, 0, 0, 0)
            pair.addWidget(KeyCap(key))
            pair.addWidget(Label(_("undoes"), ink="text2"))
            self._row.addWidget(self._undoes)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def text(self) -> str:
        return self._text.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        over = self.parentWidget()
        assert over is not None
        self._row.activate()
        size = self._row.sizeHint()
        width = min(size.width(), over.width() - 32)
        top = over.height() - STATUS_BAR - 16 - size.height()
        self.setGeometry((over.width() - width) // 2, top, width, size.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), RADIUS_DIALOG, t.raised, t.control)
        painter.end()
