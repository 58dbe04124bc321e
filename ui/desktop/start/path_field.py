"""A path to type, with buttons that ask for a file or a folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from badcase.i18n import _
from badcase.ui.desktop.shell.dropped import local_path
from badcase.ui.desktop.widgets import Button


class _PathLine(QLineEdit):
    """A file or folder that is dropped here is the path."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_path(event) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.dragEnterEvent(event)  # type: ignore[arg-type]

    def dropEvent(self, event: QDropEvent) -> None:
        path = local_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.setText(str(path))


class PathField(QWidget):
    """A path to type, with buttons that ask for a file or a folder."""

    changed = Signal(str)

    def __init__(self, name: str, *, file: bool, folder: bool, placeholder: str = "") -> None:
        super().__init__()
        self.line = _PathLine()
        self.line.setObjectName(name)
        self.line.setPlaceholderText(placeholder)
        self.line.textChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        for wanted, words, ask in ((file, _("File"), self._ask_file), (folder, _("Folder"), self._ask_folder)):
            if wanted:
                button = Button(words, height=28)
                button.clicked.connect(ask)
                row.addWidget(button)

    def text(self) -> str:
        return self.line.text().strip()

    def set_text(self, text: str) -> None:
        self.line.setText(text)

    def _ask_file(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Choose a file"), str(self._start()))
        if chosen:
            self.set_text(chosen)

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, _("Choose a folder"), str(self._start()))
        if chosen:
            self.set_text(chosen)

    def _start(self) -> Path:
        path = Path(self.text()).expanduser()
        return path.parent if self.text() and path.parent.is_dir() else Path.home()
