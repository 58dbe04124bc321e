"""Classes as boxes, joined by a bracket into the one that they become, or parted into two. A click takes the name of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.i18n import plural
from badcase.ui import wording
from badcase.ui.desktop.classes.class_table import draw_class_mark
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_box, draw_text, text_width

_HIGH, _GAP, _MOST = 34, 8, 8  # of a box, between boxes, and boxes that are painted
_TARGET, _BRACKET = 0.37, 26  # share of the width of what they become, and pixels between


@dataclass(frozen=True, slots=True)
class ClassBox:
    """A class in a box: its place (which gives its mark) and colour, its name, how many items."""

    place: int
    colour: str
    name: str
    items: int


class ClassBoxes(QWidget):
    """`taken` tells the name of the box at the left that was clicked."""

    taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left: Sequence[ClassBox] = ()
        self._right: Sequence[ClassBox] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_boxes(self, left: Sequence[ClassBox], right: Sequence[ClassBox]) -> None:
        """What there is, and what becomes of it; nothing is shown where either is empty."""
        self._left, self._right = left[:_MOST], right[:_MOST]
        self.setVisible(bool(left and right))
        told = (", ".join(f"{one.name} {wording.count(one.items)}" for one in side) for side in (left, right))
        self.setAccessibleName(" → ".join(told))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        rows = max(len(self._left), len(self._right), 1)
        return QSize(300, max(52, rows * (_HIGH + _GAP) - _GAP))

    def _rects(self, boxes: Sequence[ClassBox], x: float, width: float) -> list[QRectF]:
        high = 52.0 if len(boxes) == 1 else float(_HIGH)
        whole = len(boxes) * (high + _GAP) - _GAP
        top = (self.height() - whole) / 2
        return [QRectF(x, top + row * (high + _GAP), width, high) for row in range(len(boxes))]

    def _sides(self) -> tuple[list[QRectF], list[QRectF]]:
        whole = self.width() - _BRACKET
        share = 0.5 if len(self._right) > 1 else 1 - _TARGET
        left = self._rects(self._left, 0, whole * share)
        return left, self._rects(self._right, whole * share + _BRACKET, whole * (1 - share))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for box, rect in zip(self._left, self._sides()[0], strict=True):
            if event.button() == Qt.MouseButton.LeftButton and rect.contains(event.position()):
                self.taken.emit(box.name)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        left, right = self._sides()
        painter.setPen(QPen(t.line2, 1.3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for start in left:
            for end in right:
                path = QPainterPath(QPointF(start.right() + 2, start.center().y()))
                middle = (start.right() + end.left()) / 2
                path.cubicTo(middle, start.center().y(), middle, end.center().y(), end.left() - 2, end.center().y())
                painter.drawPath(path)
        for boxes, rects, becomes in ((self._left, left, False), (self._right, right, True)):
            for box, rect in zip(boxes, rects, strict=True):
                draw_box(
                    painter, rect, 6, t.soft(t.accent) if becomes else t.surface, t.soft_border(t.accent) if becomes else t.line
                )
                self._paint_words(painter, box, rect)
        painter.end()

    @staticmethod
    def _paint_words(painter: QPainter, box: ClassBox, rect: QRectF) -> None:
        t, tall = tokens(), rect.height() > _HIGH
        line = rect.adjusted(30, 0, -10, 0) if not tall else QRectF(rect.left() + 30, rect.top() + 7, rect.width() - 40, 20)
        draw_class_mark(painter, QPointF(rect.left() + 16, line.center().y()), box.place, box.colour)
        if tall:
            draw_text(painter, line, box.name, t.text, font(13, True))
            words = plural("{n} item", "{n} items", box.items).format(n=wording.count(box.items))
            draw_text(painter, line.translated(0, 18), words, t.text2, font(12))
        else:
            count, numbers = wording.count(box.items), font(13, figures=True)
            draw_text(painter, line, count, t.text2, numbers, RIGHT)
            draw_text(painter, line.adjusted(0, 0, -text_width(count, numbers) - 8, 0), box.name, t.text, font(13))
