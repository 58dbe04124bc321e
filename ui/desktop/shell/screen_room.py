"""Where the window stands: as it was left, and always on a screen that is there, whole."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from badcase.ui.desktop.session.view_state import ViewState

SMALLEST, USUAL = QSize(1024, 640), QSize(1440, 900)
_FRAME = QSize(0, 40)  # about what the title bar takes, which lies outside the window


def place_window(window: QMainWindow, view: ViewState) -> None:
    """Put a window where it was left, or in the middle of the screen, as large as there is room."""
    window.setMinimumSize(SMALLEST)
    window.resize(USUAL)
    window.restoreGeometry(QByteArray.fromBase64(view.get("geometry", "").encode()))
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if QGuiApplication.platformName() == "offscreen" or not screens:  # nobody looks: any size will do
        return
    room = fitted(window.geometry(), screens)
    window.setMinimumSize(SMALLEST.boundedTo(room.size()))
    if room != window.geometry() and not window.isMaximized() and not window.isFullScreen():
        window.setGeometry(room)


def fitted(wanted: QRect, screens: Sequence[QRect]) -> QRect:
    """The rectangle nearest to the wanted one that lies on one screen: the one it shares most with, else the first."""

    def shared(screen: QRect) -> int:
        both = screen.intersected(wanted)
        return max(0, both.width()) * max(0, both.height())

    screen = max(screens, key=shared)
    size = wanted.size().boundedTo(screen.size() - _FRAME)
    left = min(max(wanted.left(), screen.left()), screen.left() + screen.width() - size.width())
    lowest = screen.top() + screen.height() - size.height()
    top = min(max(wanted.top(), screen.top() + _FRAME.height()), lowest)
    return QRect(left, top, size.width(), size.height())


def remember_place(window: QMainWindow, view: ViewState) -> None:
    view.set("geometry", bytes(window.saveGeometry().toBase64().data()).decode())
