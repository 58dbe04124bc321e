"""The one place where errors show: what happened, the remedy, and a detail to copy. It stays until it is closed."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui.desktop.look.theme import BUTTON_BAR, tokens
from badcase.ui.desktop.widgets import Button, IconButton, IconLabel, Label
from badcase.ui.desktop.widgets.painting import begin
from badcase.ui.desktop.window_words import in_window


class ErrorBar(QWidget):
    """Hidden while all is well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_bar")
        self._detail = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(IconLabel("warning", "error", 16))
        words = QVBoxLayout()
        words.setSpacing(0)
        self.what = Label(bold=True, wrap=True)
        self.what.setObjectName("error_what")
        self.hint = Label(ink="text2", wrap=True)
        self.hint.setObjectName("error_hint")
        words.addWidget(self.what)
        words.addWidget(self.hint)
        row.addLayout(words, 1)
        copy = Button(_("Copy details"), icon="copy", height=BUTTON_BAR)
        copy.setObjectName("error_copy")
        copy.clicked.connect(self._copy)
        row.addWidget(copy)
        close = IconButton("cross", _("Close"))
        close.setObjectName("error_close")
        close.clicked.connect(self.hide)
        row.addWidget(close)
        self.hide()

    def show_error(self, error: BadcaseError) -> None:
        """Say it in words; the newest error replaces the one before."""
        text = str(error)
        self.what.setText(text if error.where else text[:1].upper() + text[1:])  # a place is written as it is
        self.hint.setText(in_window(error.hint))
        self.hint.setVisible(bool(error.hint))
        self._detail = "\n".join(part for part in (text, error.hint, getattr(error, "detail", "")) if part)
        self.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._detail)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.soft(t.error))
        painter.fillRect(0, self.height() - 1, self.width(), 1, t.soft_border(t.error))
        painter.end()
