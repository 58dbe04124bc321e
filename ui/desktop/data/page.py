"""The Data page: its parts put together, and what the table is narrowed to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QStackedWidget, QTableView, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.store.changes import Area, Changes
from badcase.ui import wording
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.data.bring_dialog import BringDialog
from badcase.ui.desktop.data.classes_list import ClassesList, ClassesListModel
from badcase.ui.desktop.data.export_dialog import LAST, REPORT, ExportDialog, open_folder
from badcase.ui.desktop.data.items_table import ItemsTableModel
from badcase.ui.desktop.data.items_view import ItemsView
from badcase.ui.desktop.data.places_list import EXPORT
from badcase.ui.desktop.data.set_aside_table import SetAsideTableModel
from badcase.ui.desktop.data.sources_panel import SourcesPanel
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.map.charts.chart_desk import ChartDesk
from badcase.ui.desktop.people.difference_dialog import DifferenceDialog
from badcase.ui.desktop.people.patch_dialog import open_patch
from badcase.ui.desktop.people.proposals_dialog import ProposalsDialog
from badcase.ui.desktop.pictures.project_pictures import SMALL, pictures_of
from badcase.ui.desktop.review.filtering.filters import Filter
from badcase.ui.desktop.review.queue.filter_desk import FilterDesk
from badcase.ui.desktop.review.queue.sample_dialog import SampleDialog
from badcase.ui.desktop.review.seen_page import SeenPage
from badcase.ui.desktop.review.state.review_desk import desk_of
from badcase.ui.desktop.session.locate_data import ask_where_the_data_are
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Button, EmptyState, Hairline, Label, Panel, SectionTitle


class DataPage(SeenPage):
    """Sources, parts and charts at the left, the table in the middle, classes and the way out at the right. The table shows what
    passes the filter of the review, whichever pile it lies on; `filter_field` belongs in the top bar."""

    id = "data"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data")
        self.title = _("Data")
        self.session, self._project = session, session.project
        self.desk = desk_of(session)
        self.reviewer = self.desk.reviewer
        self.filters = FilterDesk(self.reviewer, self)
        self.filter_field = self.filters.field
        self.charts = ChartDesk(self.reviewer, self)
        self._items: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self.model = ItemsTableModel(self._project, session.seen)
        self.classes_model = ClassesListModel(self._project.label_names)
        self._pictures = pictures_of(session, SMALL)
        self.table = ItemsView(self.model, self._project, self._pictures)
        self.sources = SourcesPanel(session, self.charts.panel)
        self.classes = ClassesList(self.classes_model)
        self._lay_out()
        self._connect()
        self._count_classes()
        self._show()

    # --- assembly -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._right = self._classes_panel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part, stretch in (
            (self.sources, 0),
            (Hairline(standing=True), 0),
            (self._middle(), 1),
            (Hairline(standing=True), 0),
            (self._right, 0),
        ):
            row.addWidget(part, stretch)

    def _middle(self) -> QWidget:
        self.found = Label(ink="text2")
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 16, 10)
        head.addWidget(self.found)
        head.addStretch(1)
        self.empty = EmptyState("search", _("No item matches."), _("Show all items"), "Esc")
        self.bad_table = _bad_table(SetAsideTableModel(self._project.set_aside))
        self._stack = QStackedWidget()
        for part in (self.table, self.empty, self.bad_table):
            self._stack.addWidget(part)
        panel = Panel()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Hairline())
        inset = QHBoxLayout()  # the words of the first column begin where the search field does
        inset.setContentsMargins(8, 0, 0, 0)
        inset.addWidget(self._stack)
        column.addLayout(inset, 1)
        return panel

    def _classes_panel(self) -> Panel:
        panel = Panel()
        column = QVBoxLayout(panel)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self._classes_title = SectionTitle(_("Classes"))
        column.addWidget(self._classes_title)
        column.addWidget(self.classes, 1)
        self.sample = Button(_("Draw a sample…"), icon="hub")
        self.sample.setObjectName("draw_sample")
        self.sample.setToolTip(_("Items to review, to label or to check, by chance or by a rule"))
        column.addWidget(self.sample)
        self.bring = Button(_("Predictions from a file…"), icon="model")
        self.bring.setObjectName("bring_predictions")
        self.bring.setToolTip(_("What a model said elsewhere: ONNX, scikit-learn, Keras, an API"))
        column.addWidget(self.bring)
        self.patch = Button(_("Verdicts from a patch…"), icon="person")
        self.patch.setObjectName("apply_patch")
        self.patch.setToolTip(_("What was decided on another copy of the data"))
        column.addWidget(self.patch)
        return panel

    def _connect(self) -> None:
        for told in (self.reviewer.listed, self.reviewer.renewed):
            told.connect(partial(self.hear, self._on_listed))
        self.charts.turned.connect(self._on_turned)
        self.filter_field.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.classes.chosen.connect(self._choose_class)
        self.sources.part_chosen.connect(self._choose_part)
        self.sources.set_aside_chosen.connect(self._show_set_aside)
        self.sources.locate_pressed.connect(self.locate)
        self.empty.pressed.connect(self.clear_filter)
        self.session.navigate.connect(self._on_navigate)
        self.sample.clicked.connect(self.open_sample)
        self.bring.clicked.connect(lambda: BringDialog(self, self.session).open())
        self.patch.clicked.connect(lambda: open_patch(self, self.session))
        self.session.preferred.connect(self.model.labels_changed)
        self.table.opened.connect(self._open_item)
        for command in self.commands():
            if command.keys:
                shortcut = QShortcut(QKeySequence(command.keys), self)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(command.run)

    # --- showing ------------------------------------------------------------------------------------------------

    def refresh(self, changes: Changes) -> None:
        """Show what an operation of this or another page changed."""
        if Area.SOURCE in changes.areas:
            self.sources.show_source()
            self.sources.places.show_counts()
            self.table.viewport().update()
        if Area.CLASSES in changes.areas:
            self.classes_model.show_names(self._project.label_names)
        if changes.areas & {Area.PREDICTIONS, Area.RANKING}:
            self.desk.heed()
        if changes.areas & {Area.LABELS, Area.PREDICTIONS, Area.RANKING}:
            self._count_classes()
            self._show()

    def catch_up(self) -> None:
        """Show what another page made of the list."""
        self._on_listed()

    def _count_classes(self) -> None:
        project, n = self._project, len(self._project.label_names)
        self.classes_model.show_counts(project.class_edits.counts().tolist())
        self._classes_title.set_texts(_("Labels") if project.task == "multilabel" else _("Classes"), _("items now"))
        self.classes.setAccessibleName(plural("{n} class", "{n} classes", n).format(n=n))

    @property
    def _filter(self) -> Filter:
        return self.reviewer.worklist.filter

    def _show(self) -> None:
        """Another filter, other facts or other labels."""
        self.filters.show_filter()
        self.charts.show_facts()
        passing = self.charts.panel.passing
        assert passing is not None
        items, shown = np.flatnonzero(passing.whole.mask), self._filter
        if np.array_equal(items, self._items):
            self.model.labels_changed()
        else:
            self._items = items
            self.model.show_items(items)
        if self._stack.currentWidget() is not self.bad_table:
            self._show_middle()
        n, of = len(items), self._project.items_now
        text = plural("{n} item", "{n} items", n).format(n=wording.count(n))
        self.found.setText(_("{items} of {all}").format(items=text, all=wording.count(of)) if n < of else text)
        self.sources.show_chosen(shown.splits[0] if len(shown.splits) == 1 else None, set_aside=False)
        named = [kind for name, kind in shown.kinds if name == "label"]
        self.classes.show_chosen(self._project.label_names.index(named[0]) if len(named) == 1 else None)

    def _show_middle(self) -> None:
        """The table, a chart in place of it, or why there is nothing in it."""
        self._stack.setCurrentWidget(self.charts.middle or (self.table if len(self._items) else self.empty))

    def _on_listed(self) -> None:
        """Another list: what was set aside gives way to it."""
        self._show_middle()
        self._show()

    def _choose_class(self, label: int | None) -> None:
        others = tuple(one for one in self._filter.kinds if one[0] != "label")
        mine = () if label is None else (("label", self._project.label_names[label]),)
        self.reviewer.show(replace(self._filter, kinds=(*others, *mine), listed=None, title=""))

    def _choose_part(self, part: int | None) -> None:
        self.reviewer.show(replace(self._filter, splits=() if part is None else (part,), listed=None, title=""))

    def _on_turned(self) -> None:
        """A chart has the middle, or gives it back."""
        for number in reversed(range(self._stack.count())):
            part = self._stack.widget(number)
            if part is not None and part not in (self.table, self.empty, self.bad_table):
                self._stack.removeWidget(part)
        if self.charts.middle is not None:
            self._stack.addWidget(self.charts.middle)
        self._show_middle()

    def _show_set_aside(self) -> None:
        self._stack.setCurrentWidget(self.bad_table)
        n = len(self._project.set_aside)
        self.found.setText(plural("{n} item set aside", "{n} items set aside", n).format(n=wording.count(n)))
        self.sources.show_chosen(None, set_aside=True)

    def clear_filter(self) -> None:
        self.reviewer.show(Filter())
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what the person does -----------------------------------------------------------------------------------

    def commands(self) -> list[Command]:
        last = Path(self.session.view.get(LAST, ""))
        unwritten = "" if last.name and last.exists() else _("Nothing has been exported yet")
        nobody = "" if self._project.proposals.authors() else _("No machine has proposed a label")
        bad = "" if self._project.set_aside else _("Every item of the source could be used")
        return [
            Command(_("Export the corrected data"), "Ctrl+E", self.open_export, icon="export", page=self.title),
            Command(_("Write a report"), "", self.open_report, icon="bars", page=self.title),
            Command(
                _("Open the folder of the last export"), "", lambda: open_folder(last), unwritten, icon="folder", page=self.title
            ),
            Command(_("Update the data"), "Ctrl+U", self.open_update, icon="retrain", page=self.title),
            Command(_("Change classes, or say what they mean"), "Alt+K", self.open_classes, icon="tag", page=self.title),
            Command(_("Draw a sample"), "", self.open_sample, icon="hub", page=self.title),
            Command(_("See what changed in the labels"), "Alt+V", self.open_difference, icon="sheets", page=self.title),
            Command(_("Take what machines propose"), "", self.open_proposals, nobody, icon="check", page=self.title),
            Command(_("Locate the data"), "Ctrl+L", self.locate, icon="folder", page=self.title),
            Command(_("Search the items"), "Ctrl+F", self.filter_field.begin, icon="search", page=self.title),
            Command(_("Show the set-aside items"), "", self._show_set_aside, bad, icon="barred", page=self.title),
        ]

    def _open_item(self, item: int) -> None:
        self.session.navigate.emit("review", {"items": [item], "title": self._project.items.key(item)})

    def open_export(self) -> None:
        """Ask what to export and where."""
        ExportDialog(self, self.session, pictures=self._pictures).open()

    def open_update(self) -> None:
        """Go where the data are brought up to date, and new ones in."""
        self.session.navigate.emit("update", None)

    def open_classes(self) -> None:
        """Go where the classes are, and what can be done to them; a split may take the items that the table is narrowed to."""
        self.session.navigate.emit("classes", None)

    def _on_navigate(self, page: str, what: Any) -> None:
        if page == self.id and isinstance(what, dict) and EXPORT in what:
            self.open_export()

    def open_sample(self) -> None:
        """Ask what sample to draw; it becomes the list of Review."""
        SampleDialog(self, self.session, self.reviewer).open()

    def open_difference(self) -> None:
        """Show which labels changed since the import, since a run, or between two runs."""
        DifferenceDialog(self, self.session).open()

    def open_proposals(self) -> None:
        """Ask which proposals of machines to take."""
        ProposalsDialog(self, self.session).open()

    def locate(self) -> None:
        """Ask where the data are that were moved."""
        ask_where_the_data_are(self, self.session)

    def open_report(self) -> None:
        """The same with the report chosen."""
        ExportDialog(self, self.session, format=REPORT, pictures=self._pictures).open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.charts.close():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif event.key() == Qt.Key.Key_Escape and (self._filter != Filter() or self._stack.currentWidget() is not self.table):
            self.clear_filter()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width()
        self.sources.setFixedWidth(208 if wide < 1360 else 260 if wide < 1920 else 300)
        self._right.setFixedWidth(260 if wide < 1360 else 320)


def _bad_table(model: SetAsideTableModel) -> QTableView:
    table = QTableView()
    table.setObjectName("set_aside_table")
    model.setParent(table)
    table.setModel(model)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.ROW_LIST)
    head = table.horizontalHeader()
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column, width in ((0, 64), (1, 200), (2, 260)):
        table.setColumnWidth(column, width)
    head.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
    table.setColumnWidth(4, 160)
    return table
