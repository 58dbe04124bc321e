"""The decision on one item: the answers, the class field, and Exclude, Unsure, Undo."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.review.decision.answer_rows import AnswerList
from badcase.ui.desktop.review.decision.class_field import ClassField
from badcase.ui.desktop.review.decision.label_toggles import LabelList
from badcase.ui.desktop.review.decision.row_list import RowList
from badcase.ui.desktop.review.state.class_choices import Listed
from badcase.ui.desktop.widgets import Button
from badcase.ui.desktop.widgets.tooltips import plain_tip


class VerdictButtons(QWidget):
    """Exclude, Unsure and Undo side by side, each with its key."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QGridLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setHorizontalSpacing(8)
        parts = (("exclude", _("Exclude"), "E"), ("unsure", _("Unsure"), "U"), ("undo", _("Undo"), "Z"))
        self._buttons: dict[str, Button] = {}
        for column, (name, words, key) in enumerate(parts):
            button = Button(words, keys=key)
            button.setObjectName(name)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # three share a narrow panel
            button.clicked.connect(lambda _checked=False, name=name: self.pressed.emit(name))
            row.addWidget(button, 0, column)
            row.setColumnStretch(column, 1)
            row.setColumnMinimumWidth(column, 84)
            self._buttons[name] = button

    def set_undo(self, title: str | None) -> None:
        """What Undo would take back, None where there is nothing."""
        undo = self._buttons["undo"]
        undo.set_why("" if title else _("There is nothing to undo"))
        if title:
            undo.setToolTip(plain_tip(_("Undo: {title}  (Z)").format(title=title)))


class DecidePanel(QWidget):
    """Answers for the current item. `chosen` tells a class, `pressed` the name of a button or decision.

    several: an item may have any number of labels, and `chosen` tells one to turn over.
    """

    chosen = Signal(int)
    pressed = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None, *, several: bool = False) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # what is left goes below everything
        self.answers: RowList[Any] = LabelList() if several else AnswerList()
        self.field = ClassField(several=several)
        self.buttons = VerdictButtons()
        self.none = Button(_("None of these"), keys="X", icon="barred")
        self.none.setObjectName("none-of-these")
        self.none.clicked.connect(lambda: self.pressed.emit("exclude"))
        self.new = Button(_("New class"), keys="N", icon="plus")
        self.new.setObjectName("new-class")
        self.new.clicked.connect(lambda: self.pressed.emit("new"))
        self._without = QWidget()  # what an item without a label can be besides one of the classes
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(0)
        column.addWidget(self.answers)
        column.addSpacing(8)
        column.addWidget(self.field)
        column.addSpacing(12)
        below = QVBoxLayout()
        below.setSpacing(8)
        side = QHBoxLayout(self._without)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(8)
        for button in (self.none, self.new):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            side.addWidget(button, 1)
        below.addWidget(self._without)
        below.addWidget(self.buttons)
        column.addLayout(below)
        self.answers.chosen.connect(self.chosen)
        self.answers.resized.connect(self.tell_hidden)
        if isinstance(self.answers, LabelList):
            self.answers.decided.connect(self.pressed)
        self.buttons.pressed.connect(self.pressed)
        self.field.textChanged.connect(self.answers.narrow)
        self.field.moved.connect(self.answers.pick)
        self.field.taken.connect(self._take)
        self.field.left.connect(self.left)

    def show_choices(self, choices: Listed | None, *, locked: bool, new: bool = False) -> None:
        """The answers for an item; locked: it is gold, which is looked at and not judged; new: it has no label yet."""
        self._without.setVisible(new)
        self.answers.show_choices(choices)
        self.setVisible(not locked)
        self.setEnabled(not locked)
        self.field.clear()
        self.tell_hidden()

    def tell_hidden(self) -> None:
        self.field.set_hidden(self.answers.hidden())

    def _take(self) -> None:
        label = self.answers.picked()
        if label is not None:
            self.field.clear()
            self.left.emit()
            self.chosen.emit(label)
