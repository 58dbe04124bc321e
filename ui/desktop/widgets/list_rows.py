"""Rows and bars: the list row of a side panel, the plain bar, the row of a running job."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import BUTTON_BAR, ROW_LIST, font, tokens
from badcase.ui.desktop.widgets.buttons import Button, PaintedButton
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_bar, draw_box, draw_ring, draw_text, text_width
from badcase.ui.desktop.widgets.text_labels import Label


class Bar(QWidget):
    """A bar from 0 to 1 in the colour of a token."""

    def __init__(self, value: float = 0.0, ink: str = "line2", thickness: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value, self._ink_name = value, ink
        self.setFixedHeight(thickness)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_value(self, value: float) -> None:
        self._value = value
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = begin(self)
        draw_bar(painter, QRectF(self.rect()), self._value, tokens().ink(self._ink_name))
        painter.end()


class ListRow(PaintedButton):
    """Icon, name, count at the right, and beneath a thin bar as a share of the largest. A click chooses it.

    `pressed_with` carries the modifiers too: Ctrl-click adds to a filter.
    """

    pressed_with = Signal(Qt.KeyboardModifier)

    def __init__(
        self, icon: str | None, name: str, count: str = "", bar: float | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.icon_name, self.count, self.bar = icon, count, bar
        self.setText(name)
        self.setAccessibleName(f"{name} {count}")
        self.setCheckable(True)
        self.setFixedHeight(ROW_LIST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, count: str, bar: float | None = None) -> None:
        self.count, self.bar = count, bar
        self.setAccessibleName(f"{self.text()} {count}")
        self.update()

    def nextCheckState(self) -> None:
        """Whoever listens decides what is chosen."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if inside and event.button() == Qt.MouseButton.LeftButton:
            self.pressed_with.emit(event.modifiers())

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.text(), font(13, True)) + text_width(self.count, font(13)) + 60, ROW_LIST)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, ROW_LIST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = tokens(), begin(self)
        rect, holds = QRectF(self.rect()), self.isChecked()
        if holds:
            draw_box(painter, rect, 6, t.soft(t.accent))
        elif self.underMouse() and self.isEnabled():
            draw_box(painter, rect, 6, t.hover)
        if self.rings:
            draw_ring(painter, rect, 6)
        x = 10.0
        if self.icon_name:
            draw_icon(painter, self.icon_name, QRectF(x, 7, 14, 14), t.text2)
            x += 24
        ink = t.text if self.isEnabled() else t.disabled
        numbers = font(13, figures=True)
        wide = text_width(self.count, numbers)
        draw_text(painter, QRectF(x, 0, self.width() - 10 - x, ROW_LIST), self.count, t.text2, numbers, RIGHT)
        name = QRectF(x, 0, self.width() - 10 - x - wide - 8, ROW_LIST)
        draw_text(painter, name, self.text(), ink, font(13, holds))
        if self.bar is not None:
            draw_box(painter, QRectF(x, ROW_LIST - 3, max(2.0, (name.width() + 2) * self.bar), 2), 1, t.line2)
        painter.end()


class ProgressRow(QWidget):
    """A running job on one line: name, step, bar, rate, time left, and Stop with Esc."""

    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = Label(bold=True)
        self._step = Label(ink="text2")
        self._bar = Bar(0.0, "accent")
        self._bar.setMinimumWidth(80)
        self._pace = Label(ink="text2")
        self._stop = Button(_("Stop"), keys="Esc", height=BUTTON_BAR)
        self._stop.setObjectName("stop_job")
        self._stop.clicked.connect(self._on_stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for part in (self._name, self._step):
            row.addWidget(part)
        row.addWidget(self._bar, 1)
        row.addWidget(self._pace)
        row.addWidget(self._stop)

    def show_state(self, name: str, step: str, share: float | None, pace: str) -> None:
        """share None: nobody knows how much there is, the bar stays empty."""
        self._name.setText(name)
        self._step.setText(step)
        self._bar.set_value(share or 0.0)
        self._pace.setText(pace)

    def set_stopping(self, stopping: bool) -> None:
        """Stop answers at once, before the job has."""
        self._stop.setText(_("stopping") if stopping else _("Stop"))
        self._stop.setEnabled(not stopping)

    def _on_stop(self) -> None:
        self.set_stopping(True)
        self.stopped.emit()
