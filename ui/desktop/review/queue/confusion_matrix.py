"""Which class is taken for which: the largest pairs, and the matrix of the worst classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from badcase.groups.confusions import Matrix, Pair
from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import ROW_LIST, font, mix, tokens
from badcase.ui.desktop.widgets import ListRow
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, begin, draw_box, draw_ring, draw_text, elide_mode, text_width
from badcase.ui.desktop.widgets.tooltips import plain_tip

_MOST_CLASSES = 15
_SMALLEST, _LARGEST = 14, 32


class PairRow(ListRow):
    """A confusion as a row: given → suggested and how many."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(None, "", parent=parent)
        self.pair = (0, 0)
        self._names = ("", "")

    def show_pair(self, pair: Pair, names: tuple[str, str]) -> None:
        """names: of the given and of the suggested class."""
        self.pair, self._names = (pair.given, pair.suggested), names
        self.setText(f"{names[0]} → {names[1]}")
        self.set_values(wording.count(pair.count))
        n = round(pair.expected)
        flagged = plural("{n} flagged as wrong", "{n} flagged as wrong", n).format(n=wording.count(n))
        sentence = _("Only items given {given} where {suggested} is suggested, {flagged}; Ctrl and click adds")
        self.setToolTip(plain_tip(sentence.format(given=names[0], suggested=names[1], flagged=flagged)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        if self.isChecked():
            draw_box(painter, rect, 6, t.soft(t.accent))
        elif self.underMouse():
            draw_box(painter, rect, 6, t.hover)
        if self.rings:
            draw_ring(painter, rect, 6)
        face = font(13, bold=self.isChecked())
        wide = text_width(self.count, font(13, figures=True))
        draw_text(painter, rect.adjusted(0, 0, -10, 0), self.count, t.text2, font(13, figures=True), RIGHT)
        room = rect.width() - 20 - wide - 8 - 24
        left, right = (text_width(name, face) + 1 for name in self._names)
        if left + right > room:
            left = round(min(left, max(room / 2, room - right)))
        mode = elide_mode(*self._names)
        draw_text(painter, QRectF(10, 0, left, ROW_LIST), self._names[0], t.text, face, mode=mode)
        draw_icon(painter, "arrow", QRectF(10 + left + 6, ROW_LIST / 2 - 5, 11, 11), t.text3)
        draw_text(painter, QRectF(34 + left, 0, room - left, ROW_LIST), self._names[1], t.text, face, mode=mode)
        painter.end()


def worst_classes(matrix: Matrix, count: int) -> list[int]:
    """The classes most often confused, in class order."""
    off = matrix.copy()
    np.fill_diagonal(off, 0)
    trouble = off.sum(0) + off.sum(1)
    return sorted(int(one) for one in np.argsort(-trouble, kind="stable")[:count])


def short_names(names: Sequence[str]) -> list[str]:
    """The shortest beginnings that tell classes apart, at most two letters; else none: the pointer names the cell."""
    for length in (1, 2):
        short = [name[:length] for name in names]
        if len(set(short)) == len(names):
            return short
    return [""] * len(names)


class ConfusionMatrix(QWidget):
    """Cells by how many items are given the row and suggested the column; `chosen` tells a click."""

    chosen = Signal(int, int, Qt.KeyboardModifier)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusion-matrix")
        self._names = names
        self._matrix: Matrix = np.zeros((len(names), len(names)))
        self._picked: Sequence[tuple[int, int]] = ()
        self._current: tuple[int, int] | None = None
        self._hovered: tuple[int, int] | None = None
        self._worst: dict[int, list[int]] = {}  # the classes shown, by how many there are
        self._painted: tuple[tuple[object, ...], QPixmap] | None = None  # the cells, and what they were painted for
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_matrix(self, matrix: Matrix, picked: Sequence[tuple[int, int]]) -> None:
        self._matrix, self._picked, self._worst, self._painted = matrix, picked, {}, None
        self.setFixedHeight(self.height_for(self.width()))
        self.update()

    def recount(self, matrix: Matrix) -> None:
        """Other counts of the classes that are shown."""
        self._matrix = matrix
        self.update()

    def mark(self, pair: tuple[int, int] | None) -> None:
        """Ring the cell of the current item."""
        self._current = pair
        self.update()

    # --- geometry -----------------------------------------------------------------------------------------------

    def height_for(self, width: int) -> int:
        return round(len(self._classes(width)) * (self._cell(width) + 1)) + 36

    def sizeHint(self) -> QSize:
        return QSize(200, self.height_for(max(self.width(), 180)))

    def _classes(self, width: int) -> list[int]:
        fit = max(2, int((width - 34) // (_SMALLEST + 1)))
        count = min(_MOST_CLASSES, fit)
        if count not in self._worst:
            self._worst[count] = worst_classes(self._matrix, count)
        return self._worst[count]

    def _cell(self, width: int) -> float:
        count = max(1, len(self._classes(width)))
        return float(min(_LARGEST, max(_SMALLEST, (width - 34) // count - 1)))

    def cell_rect(self, given: int, suggested: int) -> QRectF | None:
        """Where a pair is drawn, None where it is not among the worst classes."""
        shown = self._classes(self.width())
        if given not in shown or suggested not in shown:
            return None
        side = self._cell(self.width())
        return QRectF(34 + shown.index(suggested) * (side + 1), shown.index(given) * (side + 1), side, side)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        shown, step = self._classes(self.width()), self._cell(self.width()) + 1
        row, column = int(point.y() // step), int((point.x() - 34) // step)
        inside = point.x() >= 34 and 0 <= row < len(shown) and 0 <= column < len(shown)
        return (shown[row], shown[column]) if inside else None

    # --- events -------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(self.height_for(self.width()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pair = self._at(event.position())
        if pair is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(*pair, event.modifiers())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            pair = self._at(QPointF(event.pos()))
            words = ""
            if pair is not None:
                n = int(self._matrix[pair])
                words = plural("{given} → {suggested}: {n} item", "{given} → {suggested}: {n} items", n).format(
                    given=self._names[pair[0]], suggested=self._names[pair[1]], n=n
                )
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        painter.drawPixmap(0, 0, self._ground())
        for pair, ink, wide in ((self._hovered, t.line2, 1.5), (self._current, t.text, 1.5)):
            place = self.cell_rect(*pair) if pair is not None else None
            if place is not None:
                draw_box(painter, place.adjusted(-1, -1, 1, 1), 3, None, ink, wide)
        for pair in self._picked:
            place = self.cell_rect(*pair)
            if place is not None:
                draw_box(painter, place.adjusted(-1.5, -1.5, 1.5, 1.5), 3, None, t.accent, 2)
        painter.end()

    def _ground(self) -> QPixmap:
        """The cells and their names, painted once: what moves with every verdict is the mark of the current pair."""
        scale = self.devicePixelRatioF()
        of = (self.width(), self.height(), scale, tokens().dark, font(11).pixelSize())
        if self._painted is None or self._painted[0] != of:
            made = QPixmap(self.size() * scale)
            made.setDevicePixelRatio(scale)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_cells(painter)
            painter.end()
            self._painted = of, made
        return self._painted[1]

    def _paint_cells(self, painter: QPainter) -> None:
        t, shown, side = tokens(), self._classes(self.width()), self._cell(self.width())
        short = short_names([self._names[one] for one in shown])
        off = self._matrix[np.ix_(shown, shown)] * (1 - np.eye(len(shown)))
        most = int(off.max(initial=0))
        for row, given in enumerate(shown):
            y = row * (side + 1)
            draw_text(painter, QRectF(10, y, 20, side), short[row], t.text3, font(11), RIGHT)
            for column, suggested in enumerate(shown):
                cell = QRectF(34 + column * (side + 1), y, side, side)
                draw_box(painter, cell, 2, self._color(given, suggested, most))
        for column in range(len(shown)):
            under = QRectF(34 + column * (side + 1) - 4, len(shown) * (side + 1) + 2, side + 8, 14)
            draw_text(painter, under, short[column], t.text3, font(11), CENTER)
        self._draw_axes(painter, len(shown) * (side + 1))

    def _color(self, given: int, suggested: int, most: int) -> QColor:
        t = tokens()
        if given == suggested:
            return mix(t.line2, t.surface, 0.25)
        n = int(self._matrix[given, suggested])
        if n == 0:
            return t.window
        step = int(np.ceil(n / most * len(t.ramp))) - 1
        return t.ramp[min(max(step, 0), len(t.ramp) - 1)]

    def _draw_axes(self, painter: QPainter, wide: float) -> None:
        t = tokens()
        draw_text(painter, QRectF(34, wide + 17, wide, 16), _("suggested"), t.text3, font(11), CENTER)
        painter.save()
        painter.translate(6, wide / 2)
        painter.rotate(-90)
        draw_text(painter, QRectF(-wide / 2, -8, wide, 16), _("given"), t.text3, font(11), CENTER)
        painter.restore()
