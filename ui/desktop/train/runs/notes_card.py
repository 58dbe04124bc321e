"""The notes of a run, and a line to add to them."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QScrollArea, QWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import Card, Label

HEIGHT = 250


class NotesCard(Card):
    """Takes the text of notes.md; `added` gives what a person writes below it."""

    added = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=14, parent=parent)
        self.setFixedHeight(HEIGHT)
        self._heading, self.text = Label(bold=True), Label(wrap=True)
        self.text.setTextFormat(Qt.TextFormat.MarkdownText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.text)
        self.line = QLineEdit()
        self.line.setObjectName("add_note")
        self.line.setPlaceholderText(_("Add to the notes, then Enter"))
        self.line.returnPressed.connect(self._add)
        for part in (self._heading, scroll, self.line):
            self.body.addWidget(part)

    def show_notes(self, notes: str) -> None:
        """The first line is the heading; what changed, why and what came of it follow."""
        heading, _line, rest = notes.partition("\n")
        self._heading.setText(heading.lstrip("# "))
        self.text.setText(re.sub(r"^## (.*)$", r"**\1**\n", rest, flags=re.MULTILINE).strip())

    def _add(self) -> None:
        text = self.line.text()
        if text.strip():
            self.line.clear()
            self.added.emit(text)
