"""A confusion matrix of any number of classes: it zooms like the map, names what is large enough, and a click filters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.groups.confusions import Matrix
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, mix, tokens
from badcase.ui.desktop.review.queue.reason_list import adds
from badcase.ui.desktop.widgets.painting import CENTER, LEFT, RIGHT, begin, draw_box, draw_text, text_width

_LEAST, _MOST = 56, 116  # pixels at the left and at the top for the names of classes
_NAMED, _NUMBERED = 12, 30  # pixels of a cell from which on its class is named, and its value written
_LARGEST, _FITTING = 96.0, 60.0  # pixels of a cell, and of one where all are seen
_ZOOM = 1.25
_STILL = 4  # pixels that a click may move

Pair = tuple[int, int]


class MatrixView(QWidget):
    """`chosen` tells a cell by its two classes and whether it is added; `pointed` the cell under the pointer or the keyboard,
    (-1, -1) for none."""

    chosen = Signal(int, int, bool)
    pointed = Signal(int, int)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("matrix")
        self._names, self._order = names, list(range(len(names)))
        self._values: Matrix = np.zeros((len(names), len(names)))
        self._asked: Sequence[Pair] = ()
        self._words: Sequence[Sequence[str]] | None = None
        self._decimals = 0
        self._image: tuple[object, QImage] | None = None
        widest = max((text_width(name, font(11, True)) for name in names), default=0)
        self._gutter = min(_MOST, max(_LEAST, widest + 14))
        self._axes = ("", "")
        self._side, self._corner = 0.0, QPointF(self._gutter, self._gutter)  # pixels of a cell, and where the first one begins
        self._at: Pair | None = None  # row and column
        self._pressed: tuple[QPoint, QPointF] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_values(self, values: Matrix, order: Sequence[int], asked: Sequence[Pair], *, decimals: int) -> None:
        """values (k, k) by class, whose ramp ends at the largest off the diagonal; order: in which the classes stand; asked:
        the pairs that the filter asks for."""
        again = len(order) != len(self._order)
        self._values, self._order, self._asked, self._decimals = values, list(order), asked, decimals
        self._image = None
        if again or not self._side:
            self.fit()
        self.update()

    def name_axes(self, down: str, across: str) -> None:
        """What the rows and what the columns are."""
        self._axes = down, across
        self.update()

    # --- where cells are --------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(520, 520)

    @property
    def _fitting(self) -> float:
        room = min(self.width(), self.height()) - self._gutter - 12
        return max(0.5, min(_FITTING, room / max(1, len(self._order))))

    def fit(self) -> None:
        """Show all of it, in the middle."""
        self._side = self._fitting
        wide = self._side * len(self._order)
        self._corner = QPointF(self._gutter + max(0.0, (self.width() - self._gutter - 12 - wide) / 2), self._gutter)
        self.update()

    def zoom(self, factor: float, about: QPointF) -> None:
        """Let the cell under a place stay where it is."""
        side = min(_LARGEST, max(self._fitting, self._side * factor))
        if side == self._side:
            return
        if side == self._fitting:
            self.fit()
            return
        self._corner = about + (self._corner - about) * (side / self._side)
        self._side = side
        self._keep_inside()

    def _keep_inside(self) -> None:
        wide = self._side * len(self._order)

        def kept(start: float, room: float) -> float:
            return min(float(self._gutter), max(start, room - 12 - wide)) if wide > room - self._gutter - 12 else start

        self._corner = QPointF(kept(self._corner.x(), self.width()), kept(self._corner.y(), self.height()))
        self.update()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where the cell of two classes is drawn."""
        y, x = self._order.index(row), self._order.index(column)
        return QRectF(self._corner.x() + x * self._side, self._corner.y() + y * self._side, self._side, self._side)

    def _cell_at(self, point: QPointF) -> Pair | None:
        x, y = ((point - self._corner) / self._side).toTuple()
        n, seen = len(self._order), min(point.x(), point.y()) >= self._gutter
        inside = seen and 0 <= x < n and 0 <= y < n
        return (self._order[int(y)], self._order[int(x)]) if inside else None

    def _point_at(self, cell: Pair | None) -> None:
        if cell != self._at:
            self._at = cell
            self.pointed.emit(*(cell or (-1, -1)))
            self.update()

    # --- the mouse and the keyboard ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_ZOOM ** (event.angleDelta().y() / 120), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint(), self._corner

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            moved = event.position().toPoint() - self._pressed[0]
            if moved.manhattanLength() > _STILL and self._side > self._fitting:
                self._corner = self._pressed[1] + QPointF(moved)
                self._keep_inside()
        self._point_at(self._cell_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        cell = self._cell_at(event.position())
        if pressed is None or cell is None or (event.position().toPoint() - pressed[0]).manhattanLength() > _STILL:
            return
        self.chosen.emit(*cell, adds(event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of two clicks is no third one."""

    def leaveEvent(self, _event: object) -> None:
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        key, middle = Qt.Key(event.key()), QPointF(self.width() / 2, self.height() / 2)
        if key in steps:
            self._step(*steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._at is not None:
            self.chosen.emit(*self._at, adds(QGuiApplication.keyboardModifiers()))
        elif event.text() in ("+", "="):
            self.zoom(_ZOOM, middle)
        elif event.text() == "-":
            self.zoom(1 / _ZOOM, middle)
        elif event.text() in ("f", "F"):
            self.fit()
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, right: int) -> None:
        last = len(self._order) - 1
        if self._at is None:
            row = column = 0
        else:
            row, column = (self._order.index(one) for one in self._at)
            row, column = min(max(row + down, 0), last), min(max(column + right, 0), last)
        self._point_at((self._order[row], self._order[column]))
        cell = self.cell_rect(self._order[row], self._order[column])
        seen = QRectF(self.rect()).adjusted(self._gutter, self._gutter, -12, -12)
        if not seen.contains(cell) and self._side > self._fitting:
            self._corner += seen.center() - cell.center()
            self._keep_inside()

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, n = tokens(), begin(self), len(self._order)
        seen = QRectF(self._gutter, self._gutter, self.width() - self._gutter, self.height() - self._gutter)
        painter.setClipRect(seen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        whole = QRectF(self._corner.x(), self._corner.y(), self._side * n, self._side * n)
        painter.drawImage(whole, self._ground())
        if self._side >= 6:
            self._draw_lines(painter, whole)
        first = [max(0, int((self._gutter - start) // self._side)) for start in self._corner.toTuple()]
        last = [
            min(n, int((end - start) // self._side) + 1)
            for end, start in zip((self.width(), self.height()), self._corner.toTuple(), strict=True)
        ]
        if self._side >= _NUMBERED:
            self._draw_numbers(painter, range(first[1], last[1]), range(first[0], last[0]))
        for pair in self._asked:
            draw_box(painter, self.cell_rect(*pair).adjusted(-1, -1, 1, 1), 2, None, t.accent, 2)
        if self._at is not None:
            draw_box(painter, self.cell_rect(*self._at).adjusted(-1, -1, 1, 1), 2, None, t.text, 1.5)
        painter.setClipping(False)
        self._draw_names(painter, range(first[1], last[1]), range(first[0], last[0]))
        painter.end()

    def _ground(self) -> QImage:
        """A pixel for each cell, painted once."""
        t = tokens()
        of = (t.name, tuple(self._order))
        if self._image is None or self._image[0] != of:
            values = self._values[np.ix_(self._order, self._order)]
            off = values * (1 - np.eye(len(values)))
            most = float(off.max(initial=0))
            inks = [t.window, *t.ramp, mix(t.line2, t.surface, 0.25)]
            steps = np.zeros(values.shape, np.int64)
            if most > 0:
                steps = np.ceil(np.sqrt(off / most) * len(t.ramp)).astype(np.int64)  # a cell of one stays visible
            np.fill_diagonal(steps, len(inks) - 1)
            table: npt.NDArray[np.uint32] = np.array([ink.rgba() for ink in inks], np.uint32)
            pixels = np.ascontiguousarray(table[np.clip(steps, 0, len(inks) - 1)])
            k = len(values)
            self._image = of, QImage(pixels.data, k, k, 4 * k, QImage.Format.Format_ARGB32).copy()
        return self._image[1]

    def _draw_lines(self, painter: QPainter, whole: QRectF) -> None:
        painter.setPen(tokens().surface)
        for place in range(len(self._order) + 1):
            along = place * self._side
            painter.drawLine(QPointF(whole.left() + along, whole.top()), QPointF(whole.left() + along, whole.bottom()))
            painter.drawLine(QPointF(whole.left(), whole.top() + along), QPointF(whole.right(), whole.top() + along))

    def _draw_numbers(self, painter: QPainter, rows: range, columns: range) -> None:
        t, face = tokens(), font(11, figures=True)
        off = self._values * (1 - np.eye(len(self._values)))
        most = max(float(off.max(initial=0)), 1e-12)
        for y in rows:
            for x in columns:
                row, column = self._order[y], self._order[x]
                value = float(self._values[row, column])
                if value > 0:
                    deep = row != column and np.sqrt(value / most) > 0.6
                    ink = (t.window if t.dark else t.surface) if deep else t.text
                    draw_text(painter, self.cell_rect(row, column), self.value_words(value), ink, face, CENTER)

    def value_words(self, value: float) -> str:
        """A value as it is written in its cell."""
        return f"{value:.{self._decimals}f}" if self._decimals else wording.count(round(value))

    def _draw_names(self, painter: QPainter, rows: range, columns: range) -> None:
        """The class of every row and column that is high enough, and always those that are pointed at."""
        t, at = tokens(), self._at or (-1, -1)
        left = max(float(self._gutter), self._corner.x())
        draw_text(painter, QRectF(left, 0, self.width() - left, 14), f"{self._axes[1]} →", t.text3, font(11))
        corner = QRectF(left - self._gutter, self._gutter - 16, self._gutter - 8, 14)
        draw_text(painter, corner, f"{self._axes[0]} ↓", t.text3, font(11), RIGHT)
        for row in rows:
            label, middle = self._order[row], self._corner.y() + (row + 0.5) * self._side
            if middle > self._gutter and (self._side >= _NAMED or label == at[0]):
                ends = max(float(self._gutter), self._corner.x()) - 8
                room = QRectF(ends - self._gutter + 12, middle - 8, self._gutter - 12, 16)
                ink, face = (t.text if label == at[0] else t.text2), font(11, label == at[0])
                draw_text(painter, room, self._names[label], ink, face, RIGHT)
        for column in columns:
            label, middle = self._order[column], self._corner.x() + (column + 0.5) * self._side
            if middle > self._gutter and (self._side >= _NAMED or label == at[1]):
                painter.save()
                painter.translate(middle, self._gutter - 6)
                painter.rotate(-90)
                ink, face = (t.text if label == at[1] else t.text2), font(11, label == at[1])
                draw_text(painter, QRectF(0, -8, self._gutter - 20, 16), self._names[label], ink, face, LEFT)
                painter.restore()
