"""A side panel that scrolls where the window is too low for it, with a thin sign of where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.widgets.painting import begin, draw_box

_WIDE, _SHORTEST = 3, 28


def needed_height(parts: Iterable[QWidget]) -> int:
    """How high some parts are together, measured anew: what layouts remember of parts that are hidden may be old."""
    high = 0
    for part in parts:
        layout = part.layout()
        assert layout is not None
        _forget(layout)
        high += layout.totalSizeHint().height()
        layout.update()  # else it is taken for laid out, and stays as it was until something else moves
    return high


def _forget(layout: QLayout) -> None:
    layout.invalidate()
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item is not None and (inner := item.layout()) is not None:
            _forget(inner)


class SideScroll(QScrollArea):
    """Scrolls by the wheel. A bar of Qt's own would take width from the panel and move its rows; this lies over it."""

    def __init__(self, part: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(part)
        self.sign = _Sign(self)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self.sign.update)
        bar.rangeChanged.connect(self.sign.show_range)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.sign.setGeometry(self.width() - _WIDE - 2, 4, _WIDE, self.height() - 8)
        self.sign.raise_()


class _Sign(QWidget):
    """Where the part that is seen lies in the whole; nothing where all is seen."""

    def __init__(self, area: SideScroll) -> None:
        super().__init__(area)
        self._bar = area.verticalScrollBar()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_range(self, _low: int, high: int) -> None:
        self.setVisible(high > 0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        whole = self._bar.maximum() + self._bar.pageStep()
        high = max(_SHORTEST, self.height() * self._bar.pageStep() / whole)
        top = (self.height() - high) * self._bar.value() / max(1, self._bar.maximum())
        painter = begin(self)
        draw_box(painter, QRectF(0, top, self.width(), high), self.width() / 2, tokens().control)
        painter.end()
