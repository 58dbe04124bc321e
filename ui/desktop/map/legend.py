"""What the colours of the map mean: a row for each sort, with how many pass the filter. A click filters, Ctrl-click adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.map.colouring import Sort
from badcase.ui.desktop.map.map_layers import colour_of
from badcase.ui.desktop.map.map_marks import draw_mark
from badcase.ui.desktop.review.queue.reason_list import adds
from badcase.ui.desktop.widgets import Label, PaintedButton
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_bar, draw_box, draw_ring, draw_text, text_width

_HIGH = 24
MOST_ROWS = 40  # of more sorts those with most items are shown


class LegendRow(PaintedButton):
    """Mark, name, a bar as a share of the largest sort, count. `pointed` tells whether the pointer is on it."""

    pointed = Signal(bool)

    def __init__(self, sort: Sort, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sort, self._ink, self._count, self._share = sort, sort.ink, 0, 0.0
        self._room = 0
        self.setText(sort.name)
        self.setCheckable(True)
        self.setEnabled(sort.choose is not None)
        self.setFixedHeight(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, count: int, share: float, ink: str, room: int, *, chosen: bool) -> None:
        """room: what the longest name of the legend takes; where it leaves none for bars there are none."""
        self._room = room
        self._count, self._share, self._ink = count, share, ink
        self.setChecked(chosen)
        self.setAccessibleName(f"{self.text()} {wording.count(count)}")
        self.update()

    def nextCheckState(self) -> None:
        """Whoever listens decides what is chosen."""

    def sizeHint(self) -> QSize:
        return QSize(160, _HIGH)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(False)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        if self.isChecked():
            draw_box(painter, rect, 6, t.soft(t.accent))
        elif self.underMouse() and self.isEnabled():
            draw_box(painter, rect, 6, t.hover)
        if self.rings:
            draw_ring(painter, rect, 6)
        middle = rect.center().y()
        draw_mark(painter, QPointF(13.5, middle), 11 if self._sort.size < 5 else 9, self._sort.shape, colour_of(self._ink))
        numbers = font(13, figures=True)
        words = wording.count(self._count)
        right = rect.right() - 8
        draw_text(painter, QRectF(0, 0, right, _HIGH), words, t.text2, numbers, RIGHT)
        bar = QRectF(max(28.0 + self._room + 12, right - 140), middle - 1.5, 0, 3)
        bar.setRight(right - 56)
        name = QRectF(28, 0, (bar.left() if bar.width() > 20 else right - text_width(words, numbers)) - 36, _HIGH)
        draw_text(painter, name, self.text(), t.text, font(13, self.isChecked()))
        if bar.width() > 20:
            draw_bar(painter, bar, self._share, t.line2)
        painter.end()


class Legend(QWidget):
    """`chosen` tells the place of a sort and whether it is added; `lit` the place of the one under the pointer, -1 for none."""

    chosen = Signal(int, bool)
    lit = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self._rows: dict[int, LegendRow] = {}
        self._more = Label(ink="text3", px=12)
        self._more.setObjectName("legend-more")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 0, 8, 0)
        self._column.setSpacing(0)

    def show_sorts(self, sorts: Sequence[Sort], counts: npt.NDArray[np.int64]) -> None:
        """Other sorts; of very many those with most items, in their own order."""
        self._more.setParent(None)
        empty(self._column)
        places = np.sort(np.argsort(-counts, kind="stable")[:MOST_ROWS]).tolist()
        self._rows = {}
        for place in places:
            row = LegendRow(sorts[place])
            row.setObjectName(f"legend-{place}")
            row.clicked.connect(lambda _on=False, place=place: self.chosen.emit(place, adds(QGuiApplication.keyboardModifiers())))
            row.pointed.connect(lambda on, place=place: self.lit.emit(place if on else -1))
            self._rows[place] = row
            self._column.addWidget(row)
        rest = len(sorts) - len(places)
        self._more.setText(plural("{n} more", "{n} more", rest).format(n=wording.count(rest)) if rest else "")
        self._column.addWidget(self._more)  # first: shown without a parent it would be a window, and take the focus
        self._more.setVisible(rest > 0)

    def show_counts(self, counts: npt.NDArray[np.int64], inks: Sequence[str], chosen: Sequence[bool]) -> None:
        """counts (sorts,) of what passes the filter; inks as points have them; chosen: whether the filter asks for each."""
        most = max(1, int(counts.max(initial=0)))
        room = max((text_width(row.text(), font(13, True)) for row in self._rows.values()), default=0)
        for place, row in self._rows.items():
            row.show_values(int(counts[place]), counts[place] / most, inks[place], room, chosen=chosen[place])
