"""The classes and what each means, and every change to them: shown before it is done, and taken back by one undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QComboBox, QHeaderView, QTableView, QVBoxLayout, QWidget

from badcase.class_edits.class_edits import EditPlan
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.project import Project
from badcase.ui import operations, wording
from badcase.ui.desktop.data.class_changes import KINDS, Chosen
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Dialog, Label, LineEdit
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.tooltips import plain_tip
from badcase.ui.desktop.window_words import in_window

Index = QModelIndex | QPersistentModelIndex
_TALL = 300  # pixels of the table


class ClassesTableModel(QAbstractTableModel):
    """Name, items, what it means, pinned items and the key of every class, in their order."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        edits = project.class_edits
        self._titles = (_("Name"), _("Items"), _("What it means"), _("Pinned"), _("Key"))
        self._rows = [
            (one.name, wording.count(int(n)), one.meaning, str(len(one.pins) or ""), one.key)
            for one, n in zip(edits.all(), edits.counts(), strict=True)
        ]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        text = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text) if text else None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (1, 3):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self._titles[section] if shown and 0 <= section < len(self._titles) else None


class ClassesDialog(Dialog):
    """Does one change to the classes when the person agrees; one undo takes it back, with the labels that it brought."""

    def __init__(self, over: QWidget, session: Session, shown: Sequence[int] = ()) -> None:
        """shown: the items that the page is narrowed to, which a split takes; none where it is not."""
        super().__init__(over, _("Classes"), _("Do it"), cancel=_("Close"), width=760)
        self._session, self._project, self._shown = session, session.project, shown
        self.table, self.what, self.text = QTableView(self), QComboBox(), LineEdit()
        self._prompt, self._told = Label(px=12, ink="text3"), QVBoxLayout()
        self.plan: EditPlan | None = None
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(lambda _new, _old: self._show(fill=True))
        self.what.activated.connect(lambda _index: self._show(fill=True))
        self.text.textChanged.connect(lambda _text: self._show())
        self.accepted.connect(self._do)
        self.table.selectRow(0)

    def _lay_out(self) -> None:
        model = ClassesTableModel(self._project)
        model.setParent(self.table)
        self.table.setObjectName("classes_table")
        self.table.setAccessibleName(_("Classes"))
        self.table.setModel(model)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.ROW_LIST)
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in ((0, 182), (1, 64), (3, 64), (4, 48)):
            self.table.setColumnWidth(column, width)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(min(_TALL, (model.rowCount() + 2) * theme.ROW_LIST))
        self.what.setObjectName("class_change")
        self.what.setAccessibleName(_("What to do"))
        for name, kind in KINDS.items():
            self.what.addItem(kind.title(), name)
        self.text.setObjectName("class_text")
        self._told.setSpacing(2)
        for part in (self.table, self.what, self._prompt, self.text):
            self.body.addWidget(part)
        self.body.addLayout(self._told)

    @property
    def _kind(self) -> str:
        return str(self.what.currentData())

    def _names(self) -> list[str]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._project.label_names[row] for row in rows]

    def _show(self, *, fill: bool = False) -> None:
        """What the change would do; fill: put what is there now into the field."""
        names, prompt = self._names(), KINDS[self._kind].prompt()
        if fill:
            now = {"rename": names[0], "merge": names[0]} if names else {}
            if len(names) == 1:
                one = self._project.class_edits.named(names[0])
                now |= {"describe": one.meaning, "key": one.key, "colour": one.colour}
            self.text.blockSignals(True)
            self.text.setText(now.get(self._kind, ""))
            self.text.blockSignals(False)
        self._prompt.setText(prompt)
        self.text.setAccessibleName(prompt)
        self._prompt.setVisible(bool(prompt))
        self.text.setVisible(bool(prompt))
        self._plan(names)

    def _plan(self, names: list[str]) -> None:
        empty(self._told)
        edits = self._project.class_edits
        try:
            self._project.require_writing()
            self.plan = KINDS[self._kind].plan(edits, Chosen(names, self.text.text(), self._items(names)))
            told = [self.plan.title, *edits.preview(self.plan).sentences]
        except BadcaseError as error:
            self.plan, told = None, [error.what, in_window(error.hint)]
        for line in filter(None, told):
            self._told.addWidget(Label(line[:1].upper() + line[1:], px=12, ink="text2", wrap=True))
        self.accept_button.set_why("" if self.plan is not None else told[0])

    def _items(self, names: list[str]) -> list[int]:
        """What a split takes: those of the shown items that are of the class and no gold."""
        project = self._project
        if len(names) != 1 or project.task == "multilabel":
            return list(self._shown)
        label = project.label_names.index(names[0])
        return [item for item in self._shown if project.labels[item] == label and not project.gold[item]]

    def _do(self) -> None:
        if self.plan is not None:
            self._session.apply_and_tell(operations.change_classes, plan=self.plan)
