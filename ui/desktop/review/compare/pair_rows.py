"""What both items of a pair can be, one row each: the class, and what it does to A and to B."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from badcase.ui.desktop.look.theme import ROW_CLASS, ROW_DECISION, font, tokens
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_box, draw_cap, draw_text, text_width

GAP = 8
KEEP = "keep"  # the name of the row that leaves both labels


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """One answer: its digit ("" where it has none), title, what it sets, the key at the right; first: what Enter does."""

    name: str
    digit: str
    title: str
    sets: str
    keys: str = ""
    first: bool = False
    small: bool = False


class PairRows(QWidget):
    """Painted rows; `chosen` tells the name of the one that was clicked."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pair_rows")
        self.rows: Sequence[PairAnswer] = ()
        self._hovered = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[PairAnswer]) -> None:
        self.rows = rows
        self.setAccessibleName(", ".join(row.title for row in rows))
        self.updateGeometry()
        self.update()

    def place(self, number: int) -> QRectF:
        """Where a row is drawn."""
        y = sum(ROW_CLASS if row.small else ROW_DECISION + GAP for row in self.rows[:number])
        return QRectF(0, y, self.width(), ROW_CLASS if self.rows[number].small else ROW_DECISION)

    def sizeHint(self) -> QSize:
        return QSize(300, int(self.place(len(self.rows) - 1).bottom()) + 1 if self.rows else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def _at(self, event: QMouseEvent) -> int:
        return next((n for n in range(len(self.rows)) if self.place(n).contains(event.position())), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._at(event)
        if at >= 0 and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(self.rows[at].name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = begin(self)
        for number, row in enumerate(self.rows):
            self._draw(painter, self.place(number), row, hovered=number == self._hovered)
        painter.end()

    def _draw(self, painter: QPainter, rect: QRectF, row: PairAnswer, *, hovered: bool) -> None:
        t = tokens()
        plain = t.hover if hovered else t.raised if t.dark else t.surface
        if not row.small or hovered:
            fill, border = (t.soft(t.accent), t.soft_border(t.accent)) if row.first else (plain, t.line)
            draw_box(painter, rect, 6, fill, None if row.small else border)
        if row.digit:
            draw_cap(painter, QRectF(rect.x() + 10, rect.center().y() - 10, 20, 20), row.digit, on_accent=row.first)
        end = rect.right() - 10
        if row.keys:
            size = cap_size(row.keys)
            end -= size.width()
            draw_cap(painter, QRectF(end, rect.center().y() - 10, size.width(), 20), row.keys, on_accent=row.first)
            end -= 8
        x = rect.x() + 40
        if row.small:
            draw_text(painter, QRectF(x, rect.y(), end - x, rect.height()), row.title, t.text, font(13))
            return
        name = next(
            (face for face in (font(15, bold=True), font(14, bold=True)) if text_width(row.title, face) <= end - x),
            font(13, bold=True),
        )
        draw_text(painter, QRectF(x, rect.y() + 5, end - x, 22), row.title, t.text, name)
        draw_text(painter, QRectF(x, rect.y() + 26, end - x, 18), row.sets, t.accent if row.first else t.text2, font(12))
