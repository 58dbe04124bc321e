"""The class list: every class with how many items carry it now, and a bar as a share of the largest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from badcase.i18n import plural
from badcase.ui import wording
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.widgets.painting import RIGHT, draw_box, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

Index = QModelIndex | QPersistentModelIndex
COUNT_ROLE = Qt.ItemDataRole.UserRole


class ClassesListModel(QAbstractListModel):
    """Names and counts, in the order of the project's classes."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.show_names(names)

    def show_names(self, names: Sequence[str]) -> None:
        """Other classes, none of which is counted yet."""
        self.beginResetModel()
        self._names = list(names)
        self._counts = [0] * len(self._names)
        self.endResetModel()

    def show_counts(self, counts: Sequence[int]) -> None:
        self._counts = list(counts)
        if self._names:
            self.dataChanged.emit(self.index(0), self.index(len(self._names) - 1))

    @property
    def largest(self) -> int:
        return max(self._counts, default=0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        count = self._counts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._names[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            text = plural("{name}: {n} item", "{name}: {n} items", count)
            return plain_tip(text.format(name=self._names[index.row()], n=wording.count(count)))
        return count if role == COUNT_ROLE else None


class ClassesList(QListView):
    """A click shows the items of a class, a second one all again. It tells the class, or None."""

    chosen = Signal(object)

    def __init__(self, model: ClassesListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_ClassDelegate(model, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown: int | None = None
        self.clicked.connect(lambda index: self._choose(index.row()))
        self.activated.connect(lambda index: self._choose(index.row()))

    def show_chosen(self, label: int | None) -> None:
        """Mark the class that the table is narrowed to."""
        self._shown = label
        if label is None:
            self.clearSelection()
        else:
            self.setCurrentIndex(self.model().index(label, 0))

    def _choose(self, label: int) -> None:
        self.chosen.emit(None if label == self._shown else label)


class _ClassDelegate(QStyledItemDelegate):
    def __init__(self, model: ClassesListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, theme.ROW_CLASS + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, count = theme.tokens(), index.data(COUNT_ROLE)
        rect = QRectF(option.rect)
        state = option.state
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            draw_box(painter, rect, 6, tokens.soft(tokens.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            draw_box(painter, rect, 6, tokens.hover)
        inner, numbers = rect.adjusted(8, 0, -8, -4), theme.font(13, figures=True)
        text = wording.count(count)
        draw_text(painter, inner, text, tokens.text2, numbers, RIGHT)
        name = inner.adjusted(0, 0, -text_width(text, numbers) - 8, 0)
        draw_text(painter, name, index.data(), tokens.text if count else tokens.text3, theme.font(13))
        share = count / self._model.largest if self._model.largest else 0.0
        bar = QRectF(inner.left(), rect.bottom() - 5, inner.width(), 2)
        draw_box(painter, bar, 1, tokens.track)
        if count:
            draw_box(painter, QRectF(bar.left(), bar.top(), max(2.0, bar.width() * share), 2), 1, tokens.line2)
