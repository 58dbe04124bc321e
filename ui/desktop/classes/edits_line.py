"""What was done to the classes, the newest on top; a change that is planned stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.store.journal_reader import ClassChange
from badcase.ui import wording
from badcase.ui.desktop.classes.class_changes import ICONS
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.widgets import Button, IconLabel, Label
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import begin, draw_box
from badcase.ui.reviewer_words import reviewer_name

_MOST = 30


class EditRow(QWidget):
    """One change: its icon, what was done, who and when; soft accent where it is not done yet."""

    def __init__(self, icon: str, title: str, more: str, *, planned: bool = False) -> None:
        super().__init__()
        self._planned = planned
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(title, bold=planned, wrap=True))
        words.addWidget(Label(more, px=12, ink="text2", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(IconLabel(icon, "accent" if planned else "text2", 14), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._planned:
            painter = begin(self)
            draw_box(painter, QRectF(self.rect()), 6, tokens().soft(tokens().accent))
            painter.end()


class EditsLine(QWidget):
    """`undone` that the newest change is to be taken back, where it is the last thing that was done at all."""

    undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._planned, self._newest, self._done = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        self.undo = Button(_("Undo"), keys="Z", icon="undo", flat=True, height=26)
        self.undo.setObjectName("class_undo")
        self.undo.clicked.connect(self.undone)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._planned)
        column.addLayout(self._newest)
        column.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(self._done)
        column.addStretch(1)

    def show_planned(self, icon: str, title: str) -> None:
        """The change that is looked at; an empty title for none."""
        empty(self._planned)
        if title:
            self._planned.addWidget(EditRow(icon, title, _("not done yet"), planned=True))

    def show_changes(self, changes: Sequence[ClassChange], undo: str | None) -> None:
        """What was done; undo: what one undo takes back, None where there is nothing or it is no change to classes."""
        for layout in (self._newest, self._done):
            empty(layout)
        self.undo.setVisible(undo is not None)
        for number, one in enumerate(changes[:_MOST]):
            when = wording.ago(datetime.fromisoformat(one.at)) if one.at else ""
            back = _("taken back") if one.undone else ""
            title = one.edit.title
            more = ", ".join(filter(None, (reviewer_name(one.who), when, back)))
            (self._done if number else self._newest).addWidget(EditRow(ICONS[one.edit.kind], title[:1].upper() + title[1:], more))
