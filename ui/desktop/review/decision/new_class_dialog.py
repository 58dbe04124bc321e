"""Asks for the name of a class that items get and the project does not have yet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from badcase.class_edits.class_edits import EditPlan
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.project import Project
from badcase.ui import wording
from badcase.ui.desktop.widgets import Dialog, Label, LineEdit
from badcase.ui.desktop.window_words import in_window


class NewClassDialog(Dialog):
    """`planned` brings the new class with the items that get it; one undo takes back both."""

    planned = Signal(object)  # EditPlan

    def __init__(self, over: QWidget, project: Project, items: Sequence[int]) -> None:
        n = len(items)
        title = plural("Label the item as a new class", "Label {n} items as a new class", n).format(n=wording.count(n))
        super().__init__(over, title, _("Label"))
        self._project, self._items = project, items
        self._plan: EditPlan | None = None
        self.name, self._told = LineEdit(), Label(px=12, ink="text2", wrap=True)
        self.name.setObjectName("new_class_name")
        self.name.setPlaceholderText(_("The name of the class"))
        self.name.setAccessibleName(_("The name of the class"))
        self.body.addWidget(self.name)
        self.body.addWidget(self._told)
        self.name.textChanged.connect(self._make_plan)
        self.accepted.connect(lambda: self.planned.emit(self._plan))
        self._make_plan()

    def open(self) -> None:
        super().open()
        self.name.setFocus()

    def _make_plan(self) -> None:
        edits = self._project.class_edits
        try:
            self._project.require_writing()
            self._plan = edits.add(self.name.text(), self._items)
            why, told = "", "; ".join(edits.preview(self._plan).sentences)
        except BadcaseError as error:
            why = wording.with_hint(error.what, in_window(error.hint))
            told = why if self.name.text().strip() else ""
        self._told.setText(told[:1].upper() + told[1:])
        self.accept_button.set_why(why)
