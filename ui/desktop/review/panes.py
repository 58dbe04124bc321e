"""The three columns of the page: sides that a person can move, remembered, and reset with a double click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from badcase.ui.desktop.session.view_state import ViewState

_LEFT, _RIGHT = (200, 320), (300, 480)
_NAME = "review.columns"


def usual_widths(window: int) -> tuple[int, int]:
    """Left and right for a window's width, as LOOK draws them."""
    if window < 1360:
        return 208, 320
    return (240, 364) if window < 1920 else (280, 440)


class Panes(QSplitter):
    """Left, centre, right. The centre takes what is left."""

    def __init__(self, left: QWidget, centre: QWidget, right: QWidget, view: ViewState) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("columns")
        self._view = view
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for part, bounds in ((left, _LEFT), (centre, None), (right, _RIGHT)):
            self.addWidget(part)
            if bounds is not None:
                part.setMinimumWidth(bounds[0])
                part.setMaximumWidth(bounds[1])
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.setStretchFactor(2, 0)
        for number in (1, 2):
            self.handle(number).installEventFilter(self)
        self.splitterMoved.connect(self._remember)

    def _remember(self) -> None:
        left, _centre, right = self.sizes()
        self._view.set(_NAME, [left, right])

    def _place(self) -> None:
        match self._view.get(_NAME):
            case [int(left), int(right)]:
                pass
            case _:
                left, right = usual_widths(self.width())
        self.setSizes([left, max(1, self.width() - left - right - 2), right])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self._view.set(_NAME, None)
            self._place()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
