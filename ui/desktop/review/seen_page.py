"""A page on a list that other pages show too: it follows while it is seen, and catches up when it comes up again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget


class SeenPage(QWidget):
    """`hear` goes between a signal of the list and what shows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._away = self._missed = False

    def hear(self, show: Callable[[], None]) -> None:
        """Show it at once where the page is seen; else all that was missed is shown when it comes up."""
        self._missed = self._missed or self._away
        if not self._away:
            show()

    def catch_up(self) -> None:
        """Show what another page made of the list."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._away, missed, self._missed = False, self._missed, False
        if missed:
            self.catch_up()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._away = not event.spontaneous()
