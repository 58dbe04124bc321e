"""The table of items: a Qt model over arrays, so that a hundred thousand rows cost what is on the screen."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from badcase.i18n import _
from badcase.items import Kind
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.session.seen import Seen
from badcase.ui.desktop.widgets.tooltips import plain_tip

Index = QModelIndex | QPersistentModelIndex
ITEM_ROLE, VERDICT_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
LONGEST_TEXT = 200  # characters of a text that a row can ever show


class TableColumn(IntEnum):
    """What the table shows of an item, from left to right."""

    KEY = 0
    CONTENT = 1
    GIVEN = 2
    LABEL = 3
    SPLIT = 4


class ItemsTableModel(QAbstractTableModel):
    """Rows are item ids in the order that `show_items` was given; nothing is copied from the project."""

    def __init__(self, project: Project, seen: Seen) -> None:
        """seen: what the one who reviews may see of verdicts and labels."""
        super().__init__()
        self._project, self.verdict, self._label_now = project, seen.verdict, seen.label
        self._shown: npt.NDArray[np.int64] = np.flatnonzero(~project.gone)

    def show_items(self, items: npt.NDArray[np.int64]) -> None:
        """Show these item ids, in this order."""
        self.beginResetModel()
        self._shown = items
        self.endResetModel()

    def labels_changed(self) -> None:
        """Repaint what a verdict may have changed."""
        if len(self._shown):
            self.dataChanged.emit(self.index(0, TableColumn.LABEL), self.index(len(self._shown) - 1, TableColumn.SPLIT))

    def item(self, row: int) -> int:
        return int(self._shown[row])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TableColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        content = _("Text") if self._project.kind is Kind.TEXT else _("Image")
        return [_("Key"), content, _("Given"), _("Label now"), _("Split")][section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.item(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(item, TableColumn(index.column()))
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(item, TableColumn(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tip(item, TableColumn(index.column())))
        return {ITEM_ROLE: item, VERDICT_ROLE: int(self.verdict(item))}.get(role)

    def _text(self, item: int, column: TableColumn) -> str:
        project = self._project
        if column is TableColumn.KEY:
            return project.items.key(item)
        if column is TableColumn.CONTENT:
            return " ".join(project.items.text(item)[:LONGEST_TEXT].split()) if project.kind is Kind.TEXT else ""
        if column is TableColumn.GIVEN:
            return str(project.classes[project.given[item]])
        if column is TableColumn.LABEL:
            return self._label(item)
        return _("gold") if project.gold[item] else split_name(int(project.split[item]))

    def _label(self, item: int) -> str:
        verdict = self.verdict(item)
        if verdict == VerdictCode.EXCLUDE:
            return _("excluded")
        name = self._project.classes[self._label_now(item)]
        return _("{label}, unsure").format(label=name) if verdict == VerdictCode.UNSURE else name

    def _color(self, item: int, column: TableColumn) -> Any:
        tokens, verdict = theme.tokens(), self.verdict(item)
        if column is TableColumn.LABEL:
            of = {VerdictCode.RELABEL: tokens.fixed, VerdictCode.EXCLUDE: tokens.excluded, VerdictCode.UNSURE: tokens.unsure}
            return of.get(verdict, tokens.text)
        return tokens.text if column is TableColumn.CONTENT else tokens.text2

    def _tip(self, item: int, column: TableColumn) -> str:
        if column is TableColumn.SPLIT and self._project.gold[item]:
            return _("Gold is locked: it is never trained on, ranked or used to stop a training.")
        if column is TableColumn.CONTENT and self._project.kind is Kind.TEXT:
            return self._project.items.text(item)[:2000]
        return self._text(item, column)


def split_name(split: int) -> str:
    """The word for one code of `badcase.items.Split`."""
    return [_("train"), _("validation"), _("test")][split]
