"""The table of the classes: mark, name, items, suspects, what it means, pinned items and key; several rows may be chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from badcase.class_edits.class_parts import suspects_by_class
from badcase.i18n import _, pgettext
from badcase.project import Project
from badcase.store.classes.class_state import StoredClass
from badcase.ui import wording
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.map.colouring import class_look
from badcase.ui.desktop.map.map_layers import colour_of
from badcase.ui.desktop.map.map_marks import draw_mark
from badcase.ui.desktop.widgets.painting import RIGHT, cap_size, draw_bar, draw_box, draw_cap, draw_ring, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
_NAME_WIDE, _PINNED_FROM, _BAR_FROM = 182, 760, 560  # pixels: below these widths the column, then the bar is left out


class ClassColumn(IntEnum):
    MARK = 0
    NAME = 1
    ITEMS = 2
    SUSPECTS = 3
    MEANING = 4
    PINNED = 5
    KEY = 6


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class as the table shows it; share: of the largest."""

    place: int
    one: StoredClass
    items: int
    share: float
    suspects: int


ORDERS: dict[str, tuple[Callable[[], str], Callable[[ClassRow], Any]]] = {
    "order": (lambda: _("In order"), lambda row: row.place),
    "name": (lambda: _("By name"), lambda row: row.one.name.casefold()),
    "items": (lambda: _("By items"), lambda row: -row.items),
    "suspects": (lambda: _("By suspects"), lambda row: -row.suspects),
}


class ClassesTableModel(QAbstractTableModel):
    """Every class of a project, in their order or another one."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        titles = (_("Name"), _("Items"), _("Suspect"), _("What it means"), _("Pinned"), pgettext("on the keyboard", "Key"))
        self._titles = ("", *titles)
        self.rows: list[ClassRow] = []
        self._order = "order"
        self.read()

    def read(self) -> None:
        """The classes and their counts as they are now."""
        edits, suspects = self._project.class_edits, suspects_by_class(self._project)
        counts = edits.counts()
        most = max(1, int(counts.max(initial=0)))
        self.beginResetModel()
        self.rows = [
            ClassRow(place, one, int(n), n / most, int(suspects[place]))
            for place, (one, n) in enumerate(zip(edits.all(), counts, strict=True))
        ]
        self.rows.sort(key=ORDERS[self._order][1])
        self.endResetModel()

    def sort_by(self, order: str) -> None:
        """order: a name of `ORDERS`."""
        self._order = order
        self.read()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], ClassColumn(index.column())
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self._text(row, column)
            return plain_tip(text) if text else None
        return None

    def _text(self, row: ClassRow, column: ClassColumn) -> str:
        match column:
            case ClassColumn.MARK:
                return ""
            case ClassColumn.NAME:
                return row.one.name
            case ClassColumn.ITEMS:
                return wording.count(row.items)
            case ClassColumn.SUSPECTS:
                return wording.count(row.suspects)
            case ClassColumn.MEANING:
                return row.one.meaning
            case ClassColumn.PINNED:
                return wording.count(len(row.one.pins)) if row.one.pins else "–"
            case ClassColumn.KEY:
                return row.one.key

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._titles):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in (ClassColumn.ITEMS, ClassColumn.SUSPECTS, ClassColumn.PINNED)
            return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None


class ClassesTable(QTableView):
    """Rows are chosen by clicks, with Ctrl or Shift several; while a merge is planned each click adds one or takes it out.
    `drafted` tells the class whose meaning is to be drafted, `opened` that its sentence is to be edited."""

    drafted = Signal(str)
    opened = Signal()

    def __init__(self, model: ClassesTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        model.setParent(self)
        self.setObjectName("classes_table")
        self.setAccessibleName(_("Classes"))
        self.setModel(model)
        self.setItemDelegate(_ClassDelegate(self))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW_LIST)
        head = self.horizontalHeader()
        head.setFixedHeight(30)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(20)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(ClassColumn.MEANING, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    @property
    def table_model(self) -> ClassesTableModel:
        model = self.model()
        assert isinstance(model, ClassesTableModel)
        return model

    def chosen(self) -> list[ClassRow]:
        """The classes that are chosen, in the order of the project."""
        rows = [self.table_model.rows[index.row()] for index in self.selectionModel().selectedRows()]
        return sorted(rows, key=lambda row: row.place)

    def choose(self, name: str) -> None:
        """Choose one class by its name."""
        for row, one in enumerate(self.table_model.rows):
            if one.one.name == name:
                self.selectRow(row)

    def choose_several(self, several: bool) -> None:
        """Whether a click adds to what is chosen."""
        modes = QTableView.SelectionMode
        self.setSelectionMode(modes.MultiSelection if several else modes.ExtendedSelection)

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self.table_model.rows[index.row()]
        if index.column() == ClassColumn.MEANING and not row.one.meaning:
            self.drafted.emit(row.one.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif event.text() and event.text() != " ":  # else Qt looks for a row that begins so, where a key means a change
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.viewport().width()
        self.setColumnHidden(ClassColumn.PINNED, wide < _PINNED_FROM)
        items = 112 if wide >= _BAR_FROM else 64
        for column, width in ((0, 42), (1, _NAME_WIDE), (2, items), (3, 68), (5, 64), (6, 56)):
            self.setColumnWidth(column, width)


class _ClassDelegate(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t, row, column = theme.tokens(), index.data(ROW_ROLE), ClassColumn(index.column())
        rect, chosen = QRectF(option.rect), bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.fillRect(rect, t.soft(t.accent))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, t.hover)
        painter.setPen(QPen(theme.mix(t.line, t.surface, 0.55), 1))
        painter.drawLine(QPointF(rect.left(), rect.bottom() - 0.5), QPointF(rect.right(), rect.bottom() - 0.5))
        self._paint_cell(painter, rect, row, column, chosen)
        table = self.parent()
        if isinstance(table, ClassesTable) and table.hasFocus() and index.row() == table.currentIndex().row():
            painter.setClipRect(rect)
            across = QRectF(0, rect.top(), table.viewport().width(), rect.height() - 1)
            draw_ring(painter, across, 4)
        painter.restore()

    def _paint_cell(self, painter: QPainter, rect: QRectF, row: ClassRow, column: ClassColumn, chosen: bool) -> None:
        t, inner, numbers = theme.tokens(), rect.adjusted(8, 0, -8, 0), theme.font(13, figures=True)
        match column:
            case ClassColumn.MARK:
                draw_class_mark(painter, QPointF(rect.left() + 24, rect.center().y()), row.place, row.one.colour, chosen=chosen)
            case ClassColumn.NAME:
                draw_text(painter, inner, row.one.name, t.text, theme.font(13, chosen))
            case ClassColumn.ITEMS:
                words = wording.count(row.items)
                if rect.width() > 100:
                    draw_bar(painter, QRectF(inner.left(), rect.center().y() - 1.5, 48, 3), row.share, t.line2)
                draw_text(painter, inner, words, t.text, numbers, RIGHT)
            case ClassColumn.SUSPECTS:
                draw_text(painter, inner, wording.count(row.suspects), t.text2, numbers, RIGHT)
            case ClassColumn.MEANING:
                words = row.one.meaning or _("Draft one from its exemplars")
                draw_text(painter, inner, words, t.text2 if row.one.meaning else t.accent, theme.font(13))
            case ClassColumn.PINNED:
                words = wording.count(len(row.one.pins)) if row.one.pins else "–"
                draw_text(painter, inner, words, t.text2, numbers, RIGHT)
            case ClassColumn.KEY if row.one.key:
                size = cap_size(row.one.key)
                draw_cap(painter, QRectF(inner.left(), rect.center().y() - 10, size.width(), 20), row.one.key)


def draw_class_mark(painter: QPainter, middle: QPointF, place: int, colour: str, *, chosen: bool = False) -> None:
    """The mark of a class as the map has it; a filled check where it is chosen."""
    t = theme.tokens()
    if chosen:
        box = QRectF(middle.x() - 8, middle.y() - 8, 16, 16)
        draw_box(painter, box, 4, t.accentfill)
        draw_icon(painter, "check", box.adjusted(3, 3, -3, -3), QColor("#FFFFFF"))
        return
    ink, shape = class_look(place, colour)
    draw_mark(painter, middle, 10, shape, colour_of(ink))
