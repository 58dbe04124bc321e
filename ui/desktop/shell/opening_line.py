"""The line that stands where the page will be while a large project is opened."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QStackedWidget

from badcase.i18n import _
from badcase.ui.desktop.widgets import EmptyState

LARGE = 8 << 20  # bytes of items.arrow; a smaller project is there before one could read the line


class OpeningLine:
    """Shows the line in a stack of pages, and takes it away."""

    def __init__(self, stack: QStackedWidget) -> None:
        self._stack, self._before = stack, stack.currentWidget()
        self._line: EmptyState | None = None

    def show(self, project: Path) -> None:
        """Paint it at once: what opens the project does not let Qt come to it."""
        try:
            large = (project / "items.arrow").stat().st_size >= LARGE
        except OSError:  # what is wrong there is said by whoever opens it
            return
        if not large:
            return
        self._line = EmptyState("folder", _("Opening {name}: reading its items, verdicts and ranking").format(name=project.name))
        self._line.setObjectName("opening_line")
        self._stack.addWidget(self._line)
        self._stack.setCurrentWidget(self._line)
        self._stack.window().repaint()

    def hide(self) -> None:
        """Take it away; another page is in front by now, or the first one comes back."""
        if self._line is not None:
            if self._before is not None and self._stack.currentWidget() is self._line:
                self._stack.setCurrentWidget(self._before)
            self._stack.removeWidget(self._line)
            self._line.deleteLater()
            self._line = None
