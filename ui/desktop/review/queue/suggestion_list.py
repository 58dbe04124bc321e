"""The list under the filter field: what may be meant, how many items that leaves, and which Enter takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from badcase.ui import wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import RADIUS_CARD, font, tokens
from badcase.ui.desktop.review.filtering.filter_suggestions import Suggestion
from badcase.ui.desktop.widgets.painting import RIGHT, begin, cap_size, draw_box, draw_cap, draw_text, text_width

ROW, _PAD, _COUNT = 32, 6, 64


class SuggestionList(QWidget):
    """Lies over the window beneath the field, which keeps the keyboard. `taken` tells a row that was clicked."""

    taken = Signal()

    def __init__(self, field: QWidget, line: QWidget) -> None:
        """field: what it lies beneath. line: where one types, which a click on a row must not take the keyboard from."""
        super().__init__(field.window())
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(line)
        self.setObjectName("filter-suggestions")
        self._field = field
        self.rows: Sequence[Suggestion] = ()
        self.picked = -1
        self.setMouseTracking(True)
        self.hide()

    def show_rows(self, rows: Sequence[Suggestion]) -> None:
        """The first that can be taken is marked; without rows it is gone."""
        self.rows = rows
        self.picked = next((number for number, row in enumerate(rows) if row.taken), -1)
        if self.parentWidget() is not self._field.window():
            self.setParent(self._field.window())
        corner = self._field.mapTo(self._field.window(), QPoint(0, self._field.height() + 4))
        self.setGeometry(corner.x(), corner.y(), self._field.width(), len(rows) * ROW + 2 * _PAD)
        self.setVisible(bool(rows))
        self.raise_()
        self.setAccessibleName(", ".join(f"{row.kind} {row.text}".strip() for row in rows))
        self.update()

    def step(self, by: int) -> None:
        """Mark another row that can be taken."""
        places = [number for number, row in enumerate(self.rows) if row.taken]
        if places:
            at = places.index(self.picked) if self.picked in places else -1
            self.picked = places[(at + by) % len(places)]
            self.update()

    @property
    def current(self) -> Suggestion | None:
        return self.rows[self.picked] if self.isVisible() and 0 <= self.picked < len(self.rows) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event)
        if row >= 0 and row != self.picked:
            self.picked = row
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event)
        if row >= 0:
            self.picked = row
            self.taken.emit()

    def _row_at(self, event: QMouseEvent) -> int:
        row = int(event.position().y() - _PAD) // ROW
        return row if 0 <= row < len(self.rows) and self.rows[row].taken else -1

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        draw_box(painter, QRectF(self.rect()), RADIUS_CARD, t.raised, t.control)
        for number, row in enumerate(self.rows):
            rect = QRectF(_PAD, _PAD + number * ROW, self.width() - 2 * _PAD, ROW)
            right = rect.right() - 10
            if number == self.picked:
                draw_box(painter, rect, 6, t.soft(t.accent))
                size = cap_size("Enter")
                draw_cap(painter, QRectF(right - size.width(), rect.y() + 6, size.width(), 20), "Enter", on_accent=True)
            right -= cap_size("Enter").width() + 10
            if row.count is not None:
                count = QRectF(right - _COUNT, rect.y(), _COUNT, ROW)
                draw_text(painter, count, wording.count(row.count), t.text2, font(13, figures=True), RIGHT)
            right -= _COUNT + 8
            draw_icon(painter, row.icon, QRectF(rect.x() + 10, rect.y() + 9, 14, 14), t.text2)
            x = rect.x() + 34
            if row.kind:
                draw_text(painter, QRectF(x, rect.y(), 110, ROW), row.kind, t.text2, font(13))
                x += min(110, text_width(row.kind, font(13))) + 8
            ink = t.text if row.taken else t.text2
            draw_text(painter, QRectF(x, rect.y(), right - x, ROW), row.text, ink, font(13, bool(row.kind)))
        painter.end()
