"""A quiet line under the top bar with what a person should know of this project, until it is closed."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.widgets import IconButton, IconLabel, Label
from badcase.ui.desktop.widgets.painting import begin


class NoteBar(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note_bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(12)
        self.words = Label(wrap=True)
        row.addWidget(IconLabel("info", "given", 16))
        row.addWidget(self.words, 1)
        close = IconButton("cross", _("Close"))
        close.setObjectName("note_close")
        close.clicked.connect(self.hide)
        row.addWidget(close)
        self.hide()

    def tell(self, words: str) -> None:
        """Show a sentence; an empty one hides the line."""
        self.words.setText(words)
        self.setVisible(bool(words))

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.fillRect(self.rect(), t.soft(t.given))
        painter.fillRect(0, self.height() - 1, self.width(), 1, t.line)
        painter.end()
