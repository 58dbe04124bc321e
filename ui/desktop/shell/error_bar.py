"""The one place where errors show: what happened, the remedy, and a detail to copy. It stays until it is closed."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui.desktop.look.theme import BUTTON_BAR, tokens
from badcase.ui.desktop.widgets import Button, IconButton, IconLabel, Label
from badcase.ui.desktop.widgets.painting import begin

# What stands in the window for a verb of the command line.
_CONTROLS: dict[str, Callable[[], str]] = {
    "predict": lambda: _("Predict"),
    "predict --from": lambda: _("Predictions from a file…"),
    "rank": lambda: _("Rank"),
    "relocate": lambda: _("Locate…"),
    "runs": lambda: _("Runs"),
    "train": lambda: _("Train"),
    "tune": lambda: _("Train"),
    "new": lambda: _("New project"),
}
_OPTION = r" --[a-z-]+(?: [\w./=-]*[\w=])?| [A-Z]+\b"
_COMMAND = re.compile(rf"`badcase (?P<held>[^`]+)`|\bbadcase (?P<bare>relocate .+? PATH\b|[a-z]+ \S+(?:{_OPTION})*)")


def without_commands(hint: str) -> str:
    """A remedy with the names of controls in the place of commands for a shell; what the window cannot do stays."""

    def named(command: re.Match[str]) -> str:
        line = command["held"] or command["bare"]
        verb = line.split()[0] + (" --from" if " --from" in line and line.startswith("predict") else "")
        return f"“{_CONTROLS[verb]()}”" if verb in _CONTROLS else command[0]

    return _COMMAND.sub(named, hint)


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
        self.hint.setText(without_commands(error.hint))
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
