"""The view of the table of items: rows of 28, thumbnails, a check where a label was corrected, a lock on gold."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from badcase.items import Kind
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.data.items_table import ITEM_ROLE, VERDICT_ROLE, ItemsTableModel, TableColumn
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.pictures.picture_cache import Pictures
from badcase.ui.desktop.widgets.painting import draw_text

Index = QModelIndex | QPersistentModelIndex
PICTURE = 24
_MARKS = {
    VerdictCode.RELABEL: ("check", "fixed"),
    VerdictCode.KEEP: ("ring", "text2"),
    VerdictCode.EXCLUDE: ("barred", "excluded"),
    VerdictCode.UNSURE: ("question", "unsure"),
}


class ItemsView(QTableView):
    """Enter or a double click opens an item; `opened` carries its id."""

    opened = Signal(int)

    def __init__(self, model: ItemsTableModel, project: Project, pictures: Pictures) -> None:
        super().__init__()
        self.setObjectName("items_table")
        self.setModel(model)
        self.setItemDelegate(_ItemDelegate(project, pictures, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.ROW_LIST)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        texts = project.kind is Kind.TEXT
        head.setSectionResizeMode(TableColumn.CONTENT if texts else TableColumn.SPLIT, QHeaderView.ResizeMode.Stretch)
        widths = {
            TableColumn.KEY: 110 if texts else 300,
            TableColumn.CONTENT: 72,
            TableColumn.GIVEN: 150,
            TableColumn.LABEL: 170,
            TableColumn.SPLIT: 110,
        }
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(ITEM_ROLE)))
        pictures.arrived.connect(lambda _item, _side: self.viewport().update())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(ITEM_ROLE))
        else:
            super().keyPressEvent(event)


class _ItemDelegate(QStyledItemDelegate):
    def __init__(self, project: Project, pictures: Pictures, parent: ItemsView) -> None:
        super().__init__(parent)
        self._project, self._pictures = project, pictures
        self._face = theme.font(13)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item, column = index.data(ITEM_ROLE), TableColumn(index.column())
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:  # the style's own painting of a cell costs ten times ours
            painter.fillRect(option.rect, theme.tokens().soft(theme.tokens().accent))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = rect.adjusted(8, 0, -8, 0)
        if column is TableColumn.CONTENT and self._project.kind is Kind.IMAGE:
            _paint_picture(painter, inner, self._pictures.thumbnail(item, PICTURE * 2))
            return
        if mark := self._mark(index, column):
            name, ink = mark
            draw_icon(painter, name, QRectF(inner.left(), inner.center().y() - 6, 12, 12), theme.tokens().ink(ink))
            inner.setLeft(inner.left() + 18)
        color = index.data(Qt.ItemDataRole.ForegroundRole)
        draw_text(painter, inner, index.data(), color, self._face, mode=_elide(column))

    def _mark(self, index: Index, column: TableColumn) -> tuple[str, str] | None:
        if column is TableColumn.SPLIT:
            return ("lock", "text2") if self._project.gold[index.data(ITEM_ROLE)] else None
        return _MARKS.get(VerdictCode(index.data(VERDICT_ROLE))) if column is TableColumn.LABEL else None


def _elide(column: TableColumn) -> Qt.TextElideMode:
    """The end of a path says more than its beginning."""
    return Qt.TextElideMode.ElideMiddle if column is TableColumn.KEY else Qt.TextElideMode.ElideRight


def _paint_picture(painter: QPainter, cell: QRectF, image: QImage | None) -> None:
    box = QRectF(cell.left(), cell.center().y() - PICTURE / 2, PICTURE, PICTURE)
    if image is None or image.isNull():
        painter.fillRect(box, theme.tokens().track)
        return
    size = image.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    shown = QRectF(0, 0, size.width(), size.height())
    shown.moveCenter(box.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(shown, image)
