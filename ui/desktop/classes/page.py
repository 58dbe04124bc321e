"""The Classes page: what there is, what each means, and every change to them, looked at before it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from badcase.class_edits.class_edits import EditPlan
from badcase.class_edits.class_parts import ClassPart, parts_of_class
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.store.changes import Area, Changes
from badcase.ui import operations, wording
from badcase.ui.desktop.classes.change_side import ChangeSide
from badcase.ui.desktop.classes.change_words import comes_along, loses, suspects_between, what_changes
from badcase.ui.desktop.classes.class_boxes import ClassBox
from badcase.ui.desktop.classes.class_changes import HEAD, KINDS, MORE, Chosen, heading
from badcase.ui.desktop.classes.class_table import ORDERS, ClassesTable, ClassesTableModel
from badcase.ui.desktop.classes.edits_line import EditsLine
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.data.places_list import PlacesList
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Hairline, Label, Panel, SectionTitle, SideScroll, ToolButton
from badcase.ui.desktop.window_words import in_window

_FIRST = "describe"


class ClassesPage(QWidget):
    """The places of Data and what was done at the left, the table in the middle, the change that is planned at the right."""

    id = "classes"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classes")
        self.title = _("Classes")
        self.session, self._project = session, session.project
        self.kind = _FIRST
        self.plan: EditPlan | None = None
        self._parts: list[ClassPart] = []
        self._part = 0
        self.places, self.line, self.side = PlacesList(session, self.id), EditsLine(), ChangeSide()
        self.table = ClassesTable(ClassesTableModel(self._project))
        self._buttons: dict[str, ToolButton] = {}
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.table)
        self.table.selectRow(0)
        self._show_done()

    # --- assembly -------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._left = Panel()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(12, 16, 12, 16)
        column.setSpacing(8)
        column.addWidget(self.places)
        column.addSpacing(10)
        self._changes = SectionTitle(_("Changes to classes"))
        column.addWidget(self._changes)
        column.addWidget(SideScroll(self.line), 1)
        column.addWidget(
            Label(_("Labels of any revision are told under the classes of that revision."), px=12, ink="text3", wrap=True)
        )
        centre = Panel()
        middle = QVBoxLayout(centre)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addLayout(self._head())
        middle.addWidget(Hairline())
        middle.addWidget(self.table, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part, stretch in (
            (self._left, 0),
            (Hairline(standing=True), 0),
            (centre, 1),
            (Hairline(standing=True), 0),
            (self.side, 0),
        ):
            row.addWidget(part, stretch)

    def _head(self) -> QHBoxLayout:
        self._count = Label(bold=True)
        self.order = QComboBox()
        self.order.setObjectName("classes_order")
        self.order.setAccessibleName(_("Order of the table"))
        for name, (title, _key) in ORDERS.items():
            self.order.addItem(title(), name)
        head = QHBoxLayout()
        head.setContentsMargins(16, 5, 12, 5)
        head.setSpacing(4)
        head.addWidget(self._count)
        head.addSpacing(8)
        head.addWidget(self.order)
        head.addStretch(1)
        for name in HEAD:
            kind = KINDS[name]
            button = ToolButton(kind.title(), keys=kind.keys, icon=kind.icon, flat=True, height=30)
            button.setObjectName(f"class_{name}")
            button.clicked.connect(partial(self.begin, name))
            self._buttons[name] = button
            head.addWidget(button)
        return head

    def _connect(self) -> None:
        self.table.selectionModel().selectionChanged.connect(lambda _new, _old: self._on_chosen())
        self.table.drafted.connect(self._draft)
        self.table.opened.connect(partial(self.begin, "describe"))
        self.order.activated.connect(lambda _index: self._sort())
        self.side.typed.connect(self._plan)
        self.side.part.connect(self._take_part)
        self.side.wanted.connect(self.begin)
        self.side.agreed.connect(self.agree)
        self.side.cancelled.connect(self.leave)
        self.line.undone.connect(self.undo)
        for command in self.commands():
            for keys in filter(None, (command.keys, *command.also)):
                if keys != "Esc":
                    shortcut = QShortcut(QKeySequence(keys), self)
                    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                    shortcut.activated.connect(command.run)

    # --- showing --------------------------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what others changed: other labels, other counts."""
        if changes.areas & {Area.LABELS, Area.RANKING, Area.SOURCE, Area.PREDICTIONS}:
            names = [row.one.name for row in self.table.chosen()]
            self.table.table_model.read()
            for name in names:
                self.table.choose(name)
            self.places.show_counts()
            self._show_done()
            self._plan()

    def _show_done(self) -> None:
        n = len(self._project.label_names)
        several = self._project.task == "multilabel"
        words = plural("{n} label", "{n} labels", n) if several else plural("{n} class", "{n} classes", n)
        self._count.setText(words.format(n=wording.count(n)))
        changes = self._project.class_edits.changes()
        undo = self._project.journal.undo_title
        mine = bool(changes) and undo is not None and undo == next((one.edit.title for one in changes if not one.undone), None)
        self.line.show_changes(changes, undo if mine else None)

    def _names(self) -> list[str]:
        return [row.one.name for row in self.table.chosen()]

    def _on_chosen(self) -> None:
        """Other classes: what is planned is planned for them."""
        self._begin(self.kind)

    def begin(self, kind: str) -> None:
        """Plan a kind of change for the classes that are chosen, and go where it is typed."""
        self._begin(kind)
        if KINDS[kind].prompt():
            self.side.text.setFocus(Qt.FocusReason.OtherFocusReason)
            self.side.text.selectAll()

    def _begin(self, kind: str) -> None:
        self.kind = kind
        self.table.choose_several(kind == "merge")
        for name, button in self._buttons.items():
            button.set_active(name == kind)
        names, one = self._names(), None
        now = {"rename": names[0], "merge": names[0]} if names else {}
        meaning = None
        if len(names) == 1:
            one = self._project.class_edits.named(names[0])
            now |= {"describe": one.meaning, "key": one.key, "colour": one.colour}
        elif kind == "merge" and len(names) > 1:
            meaning = next((said for said in (self._project.class_edits.named(name).meaning for name in names) if said), "")
        self.side.show_kind(kind, heading(kind, names), plain=kind in MORE, text=now.get(kind, ""), meaning=meaning)
        self._parts, self._part = (self._parts_of(names), 0) if kind == "split" else ([], 0)
        self._show_parts()
        self.side.show_apart(*(loses(self._project, names) if kind == "merge" and len(names) > 1 else ([], [])))
        self._plan()

    def _parts_of(self, names: list[str]) -> list[ClassPart]:
        """What a split could take: what Data is narrowed to, then clusters and sweeps."""
        if len(names) != 1:
            return []
        project, reviewer = self._project, desk_of(self.session).reviewer
        shown = reviewer.worklist.filter
        found = parts_of_class(project, names[0])
        if shown.narrow:
            items = np.flatnonzero(shown.passing(reviewer.facts) & ~project.gold)
            if project.task != "multilabel":
                items = items[project.labels[items] == project.label_names.index(names[0])]
            found.insert(0, ClassPart(_("What the filter of Data shows"), items))
        return found

    def _show_parts(self) -> None:
        self.side.show_parts([(one.words, len(one.items)) for one in self._parts], self._part)

    def _take_part(self, number: int) -> None:
        self._part = number
        self._show_parts()
        self._plan()

    def _plan(self) -> None:
        """What the change would do as it is typed now."""
        edits, names = self._project.class_edits, self._names()
        items = self._parts[self._part].items.tolist() if self._parts else []
        merges = self.kind == "merge" and len(names) > 1
        chosen = Chosen(names, self.side.text.text(), items, self.side.meaning.text() if merges else None)
        why = ""
        try:
            self._project.require_writing()
            self.plan = KINDS[self.kind].plan(edits, chosen)
        except BadcaseError as error:
            self.plan, why = None, wording.with_hint(error.what[:1].upper() + error.what[1:], in_window(error.hint))
        told = [] if self.plan is None else what_changes(self._project, self.plan, suspects_between(self._project, names))
        come = comes_along(self._project, names, self.plan) if self.plan is not None and merges else ""
        self.side.show_told(told, why, come)
        self._show_boxes(names)
        said = "" if self.plan is None or self._says_nothing(names) else heading(self.kind, names)
        self.line.show_planned(KINDS[self.kind].icon, said)

    def _says_nothing(self, names: list[str]) -> bool:
        """Whether what stands in the field is the sentence that the class has already."""
        return self.kind == _FIRST and self._project.class_edits.named(names[0]).meaning == self.side.text.text().strip()

    def _show_boxes(self, names: list[str]) -> None:
        rows, typed = self.table.chosen(), self.side.text.text().strip()
        left = [ClassBox(row.place, row.one.colour, row.one.name, row.items) for row in rows]
        new = len(self._project.label_names)
        right: list[ClassBox] = []
        if self.kind == "merge" and len(rows) > 1:
            kept = next((row for row in rows if row.one.name == typed), rows[0])
            right = [ClassBox(kept.place, kept.one.colour, typed or kept.one.name, sum(row.items for row in rows))]
        elif self.kind == "split" and len(rows) == 1 and self._parts:
            n = len(self._parts[self._part].items)
            stays = ClassBox(rows[0].place, rows[0].one.colour, rows[0].one.name, rows[0].items - n)
            right = [stays, ClassBox(new, "", typed or "…", n)]
        elif self.kind == "rename" and len(rows) == 1:
            right = [ClassBox(rows[0].place, rows[0].one.colour, typed or "…", rows[0].items)]
        self.side.boxes.show_boxes(left, right)

    def _sort(self) -> None:
        names = self._names()
        self.table.table_model.sort_by(str(self.order.currentData()))
        for name in names:
            self.table.choose(name)

    # --- what the person does ---------------------------------------------------------------------------------------

    def commands(self) -> list[Command]:
        page = self.title
        more: list[Command] = []
        for name in (*HEAD, *MORE):
            kind = KINDS[name]
            more.append(Command(kind.title(), kind.keys, partial(self._begin_by_key, name), icon=kind.icon, page=page))
        undo = "" if self._project.journal.undo_title else _("There is nothing to undo")
        redo = "" if self._project.journal.redo_title else _("There is nothing to redo")
        none = "" if self.plan is not None else _("Nothing is planned that could be done")
        return [
            *more,
            Command(_("Do what is planned"), "Ctrl+Enter", self.agree, none, "check", page, also=("Ctrl+Return",)),
            Command(_("Undo"), "Z", self.undo, undo, "undo", page, also=("Ctrl+Z",)),
            Command(_("Redo"), "Shift+Z", self.redo, redo, "redo", page, also=("Ctrl+Shift+Z",)),
            Command(_("Back to Data"), "Esc", self.leave, icon="table", page=page),
        ]

    def _begin_by_key(self, kind: str) -> None:
        """By key, a change without words is done at once where it is only an order: one undo takes it back."""
        self.begin(kind)
        if kind in ("up", "down"):
            self.agree()

    def _draft(self, name: str) -> None:
        self.table.clearSelection()
        self.table.choose(name)
        self.begin("draft")

    def agree(self) -> None:
        """Do what is planned."""
        if self.plan is not None:
            self._do(operations.change_classes, plan=self.plan)

    def undo(self) -> None:
        """Take the newest change back, whatever it was."""
        if self._project.journal.undo_title:
            self._do(operations.undo)

    def redo(self) -> None:
        """Bring the change back that was undone last."""
        if self._project.journal.redo_title:
            self._do(operations.redo)

    def _do(self, operation: Callable[..., Changes | None], **arguments: object) -> None:
        self.session.apply_and_tell(operation, **arguments)

    def leave(self) -> None:
        """Drop what is planned, else go back to Data."""
        if self.kind != _FIRST or self.side.text.hasFocus() or self.side.meaning.hasFocus():
            self._begin(_FIRST)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.session.navigate.emit("data", None)

    # --- events ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.session.busy:
            self.leave()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width()
        left, right = (208, 340) if wide < 1360 else (240, 400) if wide < 1920 else (280, 440)
        self._left.setFixedWidth(left)
        self._changes.set_texts(_("Changes to classes"), _("newest first") if left > 208 else "")
        self.side.setFixedWidth(right)
