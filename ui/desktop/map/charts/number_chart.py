"""A chart of a number of the items: it shows what passes the filter and narrows it by a brush."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.map.charts.counting import Counted, Counts, SomeItems
from badcase.ui.desktop.review.filtering.filter_syntax import range_text
from badcase.ui.desktop.review.filtering.item_fields import field_words
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_box, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

BINS = 26
_BARS = QRectF(0, 22, 208, 44)
_GRIP = 5  # pixels around an edge of the brush in which it is meant


class Binned:
    """The numbers (n,) of a field in `BINS` steps of equal width; what has no number is in none."""

    def __init__(self, name: str, values: npt.NDArray[np.float32]) -> None:
        self.name, self.values = name, values
        known = values[np.isfinite(values)]
        shares = name in ("suspicion", "confidence", "honest")
        self.low = 0.0 if shares or not len(known) else float(known.min())
        self.high = 1.0 if shares or not len(known) else float(known.max())
        width = max(self.high - self.low, 1e-12)
        steps = np.nan_to_num((values - np.float32(self.low)) * np.float32(BINS / width), nan=BINS, posinf=BINS, neginf=0)
        steps[(steps >= BINS) & np.isfinite(values)] = BINS - 1
        self._counted = Counted(np.where(steps < BINS, steps, -1).astype(np.int8), BINS)

    @property
    def whole(self) -> Counts:
        """(BINS,) how many of all items lie in each step."""
        return self._counted.whole

    def among(self, chosen: SomeItems) -> Counts:
        """The same of some of them."""
        return self._counted.among(chosen)


class NumberChart(QWidget):
    """A histogram of 94 pixels: everything, what passes, and what lies in the brush. Heights are square roots of counts.

    `brushed` tells a range, NaN where it was cleared.
    """

    brushed = Signal(float, float)

    def __init__(self, binned: Binned, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"chart-{binned.name}")
        words = field_words(binned.name)
        self._title = words[:1].upper() + words[1:]
        self.setAccessibleName(self._title)
        self._binned = binned
        self._all = binned.whole
        self._passing = self._all
        self._range: tuple[float, float] | None = None
        self._drag: tuple[float, float] | None = None  # the fixed and the moving end, in numbers
        self._moved: tuple[float, float, float] | None = None  # the brush as it was, and where it was taken
        self.setFixedHeight(94)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(208, 94)

    def show_counts(self, passing: npt.NDArray[np.int64], chosen: tuple[float, float] | None) -> None:
        """passing (BINS,) of what passes all other conditions; chosen: the range of this one."""
        self._passing, self._range = passing, chosen
        said = _("all") if chosen is None else range_text(*chosen)
        self.setAccessibleDescription(said)
        self.update()

    # --- the mouse --------------------------------------------------------------------------------------------------

    def _room(self) -> QRectF:
        return QRectF(_BARS.x(), _BARS.y(), self.width(), _BARS.height())

    def _number(self, x: float) -> float:
        share = min(max((x - self._room().left()) / self._room().width(), 0.0), 1.0)
        return self._binned.low + share * (self._binned.high - self._binned.low)

    def place(self, number: float) -> float:
        """The pixel of a number."""
        width = max(self._binned.high - self._binned.low, 1e-12)
        return self._room().left() + min(max((number - self._binned.low) / width, 0.0), 1.0) * self._room().width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, chosen = event.position().x(), self._range
        at = self._number(x)
        self._moved, self._drag = None, (at, at)
        if chosen is not None:
            low, high = (self.place(end) for end in chosen)
            if abs(x - low) <= _GRIP:
                self._drag = (chosen[1], at)
            elif abs(x - high) <= _GRIP:
                self._drag = (chosen[0], at)
            elif low < x < high:
                self._moved = (*chosen, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            return
        at = self._number(event.position().x())
        if self._moved is not None:
            low, high, taken = self._moved
            by = min(max(at - taken, self._binned.low - low), self._binned.high - high)
            self._range = low + by, high + by
        else:
            self._drag = self._drag[0], at
            self._range = min(self._drag), max(self._drag)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._drag, self._moved = self._drag, None, None
        if dragged is None or self._range is None:
            return
        low, high = self._range
        if self.place(high) - self.place(low) >= 2:
            self.brushed.emit(round(low, 4), round(high, 4))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag = self._range = None
        self.brushed.emit(float("nan"), float("nan"))

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            place = int(np.clip((event.pos().x() - self._room().left()) / self._room().width() * BINS, 0, BINS - 1))
            n = int(self._passing[place])
            words = plural("{n} item", "{n} items", n).format(n=wording.count(n))
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, room = tokens(), begin(self), self._room()
        chosen = self._range
        right = draw_text(
            painter, QRectF(0, 0, self.width(), 18), _("all") if chosen is None else range_text(*chosen),
            t.text3 if chosen is None else t.accent, font(12, chosen is not None), RIGHT,
        )  # fmt: skip
        draw_text(painter, QRectF(0, 0, self.width() - right - 8, 18), self._title, t.text, font(12))
        if chosen is not None:
            soft = QColor(t.accent)
            soft.setAlphaF(0.07)
            low, high = (self.place(end) for end in chosen)
            painter.fillRect(QRectF(low, room.top(), high - low, room.height()), soft)
        self._paint_bars(painter, room)
        painter.fillRect(QRectF(room.left(), room.bottom(), room.width(), 1), t.line)
        ends = range_text(self._binned.low, self._binned.high).split("–")
        foot = QRectF(0, room.bottom() + 4, self.width(), 16)
        draw_text(painter, foot, ends[0], t.text3, font(11))
        draw_text(painter, foot, ends[-1], t.text3, font(11), RIGHT)
        if chosen is not None:
            for end in chosen:
                self._paint_edge(painter, self.place(end), room)
        painter.end()

    def _paint_bars(self, painter: QPainter, room: QRectF) -> None:
        t, most = tokens(), max(1.0, float(np.sqrt(self._all.max(initial=0))))
        step = room.width() / BINS
        for place in range(BINS):
            middle = self._binned.low + (place + 0.5) / BINS * (self._binned.high - self._binned.low)
            inside = self._range is not None and self._range[0] <= middle <= self._range[1]
            for count, ink in ((self._all[place], t.track), (self._passing[place], t.accent if inside else t.line2)):
                high = float(np.sqrt(count)) / most * (room.height() - 2)
                if count:
                    bar = QRectF(room.left() + place * step, room.bottom() - max(high, 1.0), step - 1, max(high, 1.0))
                    painter.fillRect(bar, ink)

    def _paint_edge(self, painter: QPainter, x: float, room: QRectF) -> None:
        t = tokens()
        painter.setPen(QPen(t.text, 1.5))
        painter.drawLine(QPointF(x, room.top() - 2), QPointF(x, room.bottom()))
        draw_box(painter, QRectF(x - 2.5, room.center().y() - 6.5, 5, 13), 2.5, t.raised, t.text)
