"""What was understood of a data set, before anything is imported: sentences, classes, and the first rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import ROW_LIST
from badcase.ui.desktop.start.reading import as_controls
from badcase.ui.desktop.widgets import Card, EmptyState, Label, SectionTitle
from badcase.ui.desktop.widgets.tooltips import plain_tip

if TYPE_CHECKING:
    from badcase.importing import Sample, Understanding

_Index = QModelIndex | QPersistentModelIndex
_CLASSES_SHOWN = 24
PICTURE = 40  # pixels a side of a small picture


def _icon(png: bytes) -> QIcon:
    return QIcon(QPixmap.fromImage(QImage.fromData(png)))


class SampleTableModel(QAbstractTableModel):
    """The first rows as the data set wrote them."""

    def __init__(self, samples: Sequence[Sample] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = list(samples)
        self._pictures: dict[int, QIcon] = {}

    @property
    def has_pictures(self) -> bool:
        return bool(self._pictures)

    def show(self, samples: Sequence[Sample]) -> None:
        self.beginResetModel()
        self._samples = list(samples)
        self._pictures = {at: _icon(one.picture) for at, one in enumerate(samples) if one.picture}
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._samples)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 4

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            return self._pictures.get(index.row())
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        sample = self._samples[index.row()]
        text = " ".join((sample.key, sample.content, sample.label, sample.split)[index.column()].split())
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (_("key"), _("content"), _("label"), _("split"))[section]


class ImportPreview(QWidget):
    """Empty until there is an understanding to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentences = Label(ink="text2", wrap=True)
        self._sentences.setObjectName("understood")
        self._classes = Label(wrap=True)
        self._class_title = SectionTitle("")
        self.model = SampleTableModel(parent=self)
        self._table = QTableView()
        self._table.setObjectName("sample_rows")
        self._table.setModel(self.model)
        self._dress_table()
        card = Card()
        card.body.setSpacing(4)
        card.body.addWidget(Label(_("What was found in the data"), px=15, bold=True))
        card.body.addWidget(self._sentences)
        card.body.addSpacing(12)
        card.body.addWidget(self._class_title)
        card.body.addWidget(self._classes)
        card.body.addSpacing(12)
        card.body.addWidget(SectionTitle(_("First rows")))
        card.body.addWidget(self._table, 1)
        self._stack = QStackedWidget()
        self._empty = EmptyState("table", "")
        self._stack.addWidget(self._empty)
        self._stack.addWidget(card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.say(_("Choose data on the left; a preview appears here before anything is made."))

    def _dress_table(self) -> None:
        self._table.setShowGrid(False)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(ROW_LIST)
        self._table.setWordWrap(False)
        self._table.setIconSize(QSize(PICTURE, PICTURE))
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in ((0, 150), (2, 170), (3, 90)):
            self._table.setColumnWidth(column, width)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def say(self, sentence: str) -> None:
        """A sentence in the place of the preview."""
        self._empty.set_sentence(sentence)
        self._stack.setCurrentIndex(0)

    def show_understanding(self, found: Understanding) -> None:
        self._sentences.setText(as_controls("\n".join(found.sentences)))
        self._class_title.set_texts(plural("{n} class", "{n} classes", len(found.classes)).format(n=len(found.classes)))
        names = list(found.classes[:_CLASSES_SHOWN])
        rest = len(found.classes) - len(names)
        more = [_("and {n} more").format(n=wording.count(rest))] if rest > 0 else []
        self._classes.setText(", ".join(names + more))
        self.model.show(found.samples)
        self._table.verticalHeader().setDefaultSectionSize(PICTURE + 8 if self.model.has_pictures else ROW_LIST)
        self._table.setColumnHidden(0, all(sample.key == sample.content for sample in found.samples))
        self._table.setColumnHidden(3, not any(sample.split for sample in found.samples))
        self._stack.setCurrentIndex(1)
