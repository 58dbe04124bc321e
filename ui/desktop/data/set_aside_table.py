"""The items that were not imported, each with where, what and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from badcase.i18n import _
from badcase.items import SetAside
from badcase.ui import wording
from badcase.ui.desktop.widgets.tooltips import plain_tip

Index = QModelIndex | QPersistentModelIndex


class SetAsideTableModel(QAbstractTableModel):
    """One row for each bad item, in the order of the source."""

    def __init__(self, bad: Sequence[SetAside]) -> None:
        super().__init__()
        self._bad = list(bad)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._bad)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return [_("Row"), _("Key"), _("What is wrong"), _("What to do"), _("Where")][section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        bad = self._bad[index.row()]
        text = [wording.count(bad.row), bad.key, bad.what, bad.remedy, bad.where][index.column()]
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
