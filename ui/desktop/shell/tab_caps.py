"""Holding Ctrl shows the keys of the tabs after a moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from badcase.ui.desktop.shell.top_bar import TopBar

HELD_MS = 400


class TabCaps(QObject):
    """Hears the window's keys; any other key or a release hides the caps again."""

    def __init__(self, top: TopBar) -> None:
        super().__init__(top)
        self._top = top
        self._timer = QTimer(self, singleShot=True, interval=HELD_MS)
        self._timer.timeout.connect(lambda: top.show_caps(True))

    def press(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Control:
            self._timer.start()
        else:
            self.release()

    def release(self) -> None:
        self._timer.stop()
        self._top.show_caps(False)
