"""Calibration in the middle of a page: of what the honest probabilities call so and so likely, how much is right."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.groups.reliability import STEPS, Reliability, reliability
from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.map.charts.counting import Passing
from badcase.ui.desktop.review.filtering.filters import Facts, Filter
from badcase.ui.desktop.widgets import Label, Segmented
from badcase.ui.desktop.widgets.painting import CENTER, RIGHT, begin, draw_text

NOW, GIVEN = "now", "given"
_LEFT, _TOP, _FOOT, _BARS = 52, 12, 40, 72  # pixels around and beneath the square


class ReliabilityPlot(QWidget):
    """A point for each step of probability with its interval, the diagonal, and below how many items there are. `chosen`
    tells a step that was clicked, `pointed` the one under the pointer, -1 for none."""

    chosen = Signal(int)
    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reliability")
        self._found: Reliability | None = None
        self._asked, self._at = -1, -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_found(self, found: Reliability, asked: int) -> None:
        """asked: the step that the filter asks for, -1 for none."""
        self._found, self._asked = found, asked
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(520, 600)

    @property
    def square(self) -> QRectF:
        side = max(60.0, min(self.width() - 2.0 * _LEFT, self.height() - _TOP - _FOOT - _BARS - 16.0))
        return QRectF((self.width() - side) / 2, _TOP, side, side)

    def step_at(self, point: QPointF) -> int:
        """The step under a place, -1 beside all of them."""
        square = self.square
        step = int(np.floor((point.x() - square.left()) / square.width() * STEPS))
        return step if 0 <= step < STEPS and square.top() <= point.y() <= square.bottom() + _FOOT + _BARS else -1

    def _point_at(self, step: int) -> None:
        if step != self._at:
            self._at = step
            self.pointed.emit(step)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.step_at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        self._point_at(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if (step := self.step_at(event.position())) >= 0:
            self.chosen.emit(step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._point_at(min(max(self._at + step, 0), STEPS - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._at >= 0:
            self.chosen.emit(self._at)
        else:
            super().keyPressEvent(event)

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, square = begin(self), self.square
        self._draw_ground(painter, square)
        if self._found is not None:
            self._draw_bars(painter, square, self._found)
            self._draw_points(painter, square, self._found)
        painter.end()

    def _draw_ground(self, painter: QPainter, square: QRectF) -> None:
        t, step = tokens(), square.width() / STEPS
        for at, ink in ((self._asked, t.soft(t.accent)), (self._at, t.hover)):
            if at >= 0:
                painter.fillRect(QRectF(square.left() + at * step, square.top(), step, square.height() + _FOOT + _BARS), ink)
        for share in np.linspace(0, 1, 6):
            y, x = square.bottom() - share * square.height(), square.left() + share * square.width()
            painter.fillRect(QRectF(square.left(), y, square.width(), 1), t.line)
            draw_text(painter, QRectF(square.left() - 48, y - 8, 40, 16), f"{share:.0%}", t.text3, font(11, figures=True), RIGHT)
            draw_text(painter, QRectF(x - 24, square.bottom() + 4, 48, 16), f"{share:.0%}", t.text3, font(11), CENTER)
        foot = QRectF(square.left(), square.bottom() + 20, square.width(), 16)
        draw_text(painter, foot, _("probability, from a model that had not seen the label"), t.text2, font(12), CENTER)
        painter.save()
        painter.translate(square.left() - 46, square.center().y())
        painter.rotate(-90)
        draw_text(painter, QRectF(-120, -8, 240, 16), _("share that is right"), t.text2, font(12), CENTER)
        painter.restore()
        painter.setPen(QPen(t.line2, 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(square.bottomLeft(), square.topRight())

    def _draw_points(self, painter: QPainter, square: QRectF, found: Reliability) -> None:
        t = tokens()

        def at(said: float, right: float) -> QPointF:
            return QPointF(square.left() + said * square.width(), square.bottom() - right * square.height())

        for step in np.flatnonzero(found.count).tolist():
            said = float(found.said[step])
            ink: QColor = t.accent
            painter.setPen(QPen(ink, 1.5))
            painter.drawLine(at(said, float(found.low[step])), at(said, float(found.high[step])))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            radius = 5.5 if step == self._at else 4
            painter.drawEllipse(at(said, float(found.right[step])), radius, radius)

    def _draw_bars(self, painter: QPainter, square: QRectF, found: Reliability) -> None:
        t, step = tokens(), square.width() / STEPS
        base, most = square.bottom() + _FOOT + _BARS, max(1.0, float(np.sqrt(found.count.max(initial=0))))
        for number, count in enumerate(found.count.tolist()):
            high = np.sqrt(count) / most * (_BARS - 8)
            if count:
                bar = QRectF(square.left() + number * step + 1, base - max(high, 1.0), step - 2, max(high, 1.0))
                painter.fillRect(bar, t.accent if number == self._asked else t.line2)
        painter.fillRect(QRectF(square.left(), base, square.width(), 1), t.line)


class CalibrationChart(QWidget):
    """`filtered` carries the filter that a click on a step asks for."""

    filtered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calibration")
        self._facts: Facts | None = None
        self._passing: Passing | None = None
        self._shown = Filter()
        self._found: Reliability | None = None
        self.against = Segmented([(NOW, _("label now")), (GIVEN, _("given label"))])
        self.against.setAccessibleName(_("Against"))
        self.plot = ReliabilityPlot()
        self._said = Label(ink="text2", px=12)
        self._said.setObjectName("calibration-said")
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        row.addWidget(Label(_("right by the"), ink="text2"))
        row.addWidget(self.against)
        row.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 16, 12)
        foot.addWidget(self._said)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        column.addLayout(foot)
        self.against.chosen.connect(lambda _value: self._count())
        self.plot.chosen.connect(self._choose)
        self.plot.pointed.connect(self._point)

    def show_facts(self, facts: Facts, shown: Filter, passing: Passing) -> None:
        """What passes all of a filter but the probabilities that it asks for."""
        self._facts, self._shown, self._passing = facts, shown, passing
        self._count()

    def _count(self) -> None:
        if self._facts is None or self._passing is None or self._facts.fields is None:
            return
        fields = self._facts.fields
        probs, of = fields.honest
        labels = self._facts.given if self.against.value == GIVEN else fields.kinds("label").of
        chosen = self._passing.beside("honest").mask & (labels >= 0)
        self._found = reliability(probs[chosen], of[chosen] == labels[chosen])
        self.plot.show_found(self._found, self._asked())
        self._point(-1)

    def _asked(self) -> int:
        """The step that the filter asks for, -1 for none; one that was typed or saved is told to two decimals."""
        ranges = [ends for name, *ends in self._shown.ranges if name == "honest"]
        return next((step for step in range(STEPS) if ranges and np.allclose(ranges[0], _ends(step), atol=1e-6)), -1)

    def _choose(self, step: int) -> None:
        asked = self._asked() == step
        self.filtered.emit(self._shown.with_range("honest", *((np.nan, np.nan) if asked else _ends(step))))

    def _point(self, step: int) -> None:
        """Say what a step holds, or what the whole does."""
        found = self._found
        if found is None:
            return
        if step >= 0:
            n = int(found.count[step])
            items = plural("{n} item", "{n} items", n).format(n=wording.count(n))
            parts = [f"{step / STEPS:.0%}–{(step + 1) / STEPS:.0%}", items]
            if n:
                ends = f"{found.low[step]:.0%}–{found.high[step]:.0%}"
                parts.append(_("{right} right, 90 % interval {ends}").format(right=f"{found.right[step]:.1%}", ends=ends))
        else:
            n = int(found.count.sum())
            items = plural("{n} item", "{n} items", n).format(n=wording.count(n))
            parts = [items]
            if n:
                sure = _("on average {much} too sure") if found.excess > 0 else _("on average {much} too unsure")
                parts += [_("calibration error {much}").format(much=f"{found.error:.1%}")]
                parts += [sure.format(much=f"{abs(found.excess):.1%}")]
        words = "  •  ".join(parts)
        self._said.setText(words)
        self.plot.setAccessibleDescription(words)


def _ends(step: int) -> tuple[float, float]:
    """The least and the largest probability of a step, as single numbers hold them."""
    high = (step + 1) / STEPS
    return step / STEPS, 1.0 if step == STEPS - 1 else float(np.nextafter(np.float32(high), np.float32(0)))
