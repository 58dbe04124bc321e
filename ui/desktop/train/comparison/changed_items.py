"""The items that B fixed or broke: each with both answers, a click away from Review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.widgets import Button, Card, Hairline, IconLabel, Label
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, draw_box, draw_text, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

Index = QModelIndex | QPersistentModelIndex
ANSWER_ROLE = Qt.ItemDataRole.UserRole
ROW, PICTURE, TAG = 58, 40, 14
Picture = Callable[[int], QImage | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What both models said of one item. sure: B's probability for its answer."""

    item: int
    text: str
    a: str
    b: str
    a_right: bool
    b_right: bool
    sure: float


class AnswersListModel(QAbstractListModel):
    """One row for each item."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: list[Answer] = []

    def show_answers(self, answers: Sequence[Answer]) -> None:
        self.beginResetModel()
        self._answers = list(answers)
        self.endResetModel()

    @property
    def items(self) -> list[int]:
        return [answer.item for answer in self._answers]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._answers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        answer = self._answers[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return plain_tip(answer.text) if role == Qt.ItemDataRole.ToolTipRole else answer.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _("{text}. A: {a}. B: {b}").format(text=answer.text, a=answer.a, b=answer.b)
        return answer if role == ANSWER_ROLE else None


class AnswersCard(Card):
    """A titled list; `opened` carries one item id that was clicked, `all_opened` asks for all of them."""

    opened = Signal(int)
    all_opened = Signal()

    def __init__(self, icon: str, ink: str, title: str, keys: str, picture: Picture | None) -> None:
        super().__init__(padding=14)
        self.model = AnswersListModel()
        self._count = Label(ink="text2")
        self.open_all = Button(_("Open in Review"), keys=keys, flat=True, height=theme.BUTTON_BAR)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel(icon, ink, 14))
        head.addWidget(Label(title, bold=True))
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self.open_all)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_AnswerDelegate(picture, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(2 * ROW)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.body.addLayout(head)
        self.body.addWidget(Hairline())
        self.body.addWidget(self.list, 1)
        self.open_all.clicked.connect(self.all_opened)
        self.list.clicked.connect(self._on_opened)
        self.list.activated.connect(self._on_opened)

    def show_answers(self, answers: Sequence[Answer]) -> None:
        self.model.show_answers(answers)
        self._count.setText(wording.count(len(answers)))
        self.open_all.set_why("" if answers else _("There is no such item"))
        self.list.setAccessibleName(plural("{n} item", "{n} items", len(answers)).format(n=len(answers)))

    def _on_opened(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(ANSWER_ROLE).item)


class _AnswerDelegate(QStyledItemDelegate):
    def __init__(self, picture: Picture | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = picture

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, answer = theme.tokens(), index.data(ANSWER_ROLE)
        rect = QRectF(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            draw_box(painter, rect, 6, tokens.hover)
        if index.row():
            painter.setPen(QPen(tokens.line, 1))
            painter.drawLine(QPointF(rect.left(), rect.top() + 0.5), QPointF(rect.right(), rect.top() + 0.5))
        inner = rect.adjusted(4, 8, -10, -8)
        if self._picture:
            _paint_picture(painter, QRectF(inner.left(), inner.top() + 1, PICTURE, PICTURE), self._picture(answer.item))
            inner.setLeft(inner.left() + PICTURE + 10)
        sure, numbers = f"{answer.sure:.2f}", theme.font(12, figures=True)
        draw_text(painter, inner.adjusted(0, 0, 0, -22), sure, tokens.text2, numbers, RIGHT)
        line = inner.adjusted(0, 0, -text_width(sure, numbers) - 12, -22)
        draw_text(painter, line, answer.text, tokens.text, theme.font(13))
        half = (inner.width() - 12) / 2
        first = QRectF(inner.left(), inner.top() + 22, half, 20)
        used = _paint_answer(painter, first, "A", answer.a, answer.a_right)
        rest = inner.width() - used - 18
        second = QRectF(inner.left() + used + 18, first.top(), rest, 20)
        _paint_answer(painter, second, "B", answer.b, answer.b_right)


def _paint_answer(painter: QPainter, rect: QRectF, side: str, name: str, right: bool) -> float:
    """A tile with the side's letter, its answer, and a check or a cross; returns the width it took."""
    tokens = theme.tokens()
    tile = QRectF(rect.left(), rect.center().y() - TAG / 2, TAG, TAG)
    draw_box(painter, tile, 3, tokens.accentfill if side == "B" else tokens.excluded)
    white = tokens.ink("white") if side == "B" or not tokens.dark else tokens.window
    draw_text(painter, tile, side, white, theme.font(10, bold=True), CENTER)
    ink = tokens.fixed if right else tokens.error
    wide = min(rect.width() - TAG - 24, text_width(name, theme.font(12)) + 1)
    draw_text(painter, QRectF(tile.right() + 6, rect.top(), wide, rect.height()), name, ink, theme.font(12))
    mark = QRectF(tile.right() + 6 + wide + 5, rect.center().y() - 4.5, 9, 9)
    draw_icon(painter, "check" if right else "cross", mark, ink)
    return mark.right() - rect.left()


def _paint_picture(painter: QPainter, rect: QRectF, image: QImage | None) -> None:
    draw_box(painter, rect, 3, theme.tokens().track)
    if image is not None and not image.isNull():
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = image.size().scaled(rect.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(rect.center())
        painter.drawImage(box, image)
