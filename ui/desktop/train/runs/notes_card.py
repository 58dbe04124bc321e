"""The notes of a run, and a line to add to them."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import Card, Label, LineEdit
from badcase.ui.desktop.widgets.emptying import empty

HEIGHT = 250


class NotesCard(Card):
    """Takes the text of notes.md; `added` gives what a person writes below it."""

    added = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=14, parent=parent)
        self.setFixedHeight(HEIGHT)
        self._heading, body = Label(bold=True), QWidget()
        self._lines = QVBoxLayout(body)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        self.line = LineEdit()
        self.line.setObjectName("add_note")
        self.line.setPlaceholderText(_("Add to the notes, then Enter"))
        self.line.returnPressed.connect(self._add)
        for part in (self._heading, scroll, self.line):
            self.body.addWidget(part)

    def show_notes(self, notes: str) -> None:
        """The first line is the heading; what changed, why and what came of it follow."""
        heading, _line, rest = notes.partition("\n")
        self._heading.setText(heading.lstrip("# "))
        empty(self._lines)
        for part in re.split(r"^(## .*)$", rest, flags=re.MULTILINE):  # each line is text: Markdown could name an image
            if part.strip():
                label = Label(part.removeprefix("## ").strip(), bold=part.startswith("## "), wrap=True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._lines.addWidget(label)
        self._lines.addStretch(1)

    def text(self) -> str:
        """What is shown, the heading too."""
        places = [self._lines.itemAt(place) for place in range(self._lines.count())]
        shown = [widget for place in places if place is not None and isinstance(widget := place.widget(), Label)]
        return "\n".join([self._heading.text(), *(label.text() for label in shown)])

    def _add(self) -> None:
        text = self.line.text()
        if text.strip():
            self.line.clear()
            self.added.emit(text)
