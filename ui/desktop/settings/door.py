"""The way into the settings page and out of it: made when it is first wanted, and what it changes is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.look.theme import apply_theme, set_text_size
from badcase.ui.desktop.session.preferences import Preferences
from badcase.ui.desktop.session.view_state import ViewState

if TYPE_CHECKING:
    from badcase.ui.desktop.settings.page import SettingsPage


class SettingsDoor(QObject):
    """`left` asks for what was there before."""

    left = Signal()
    reviewing_changed = Signal()
    check_wanted = Signal()
    restart_wanted = Signal()
    failed = Signal(object)  # BadcaseError

    def __init__(self, view: ViewState, stack: QStackedWidget, lane: WorkerLane, parent: QWidget) -> None:
        super().__init__(parent)
        self._view, self._stack, self._lane = view, stack, lane
        self._choose_device()
        self.page: SettingsPage | None = None

    @property
    def shown(self) -> bool:
        return self.page is not None and self._stack.currentWidget() is self.page

    def open(self) -> None:
        """Bring the page up."""
        if self.page is None:
            from badcase.ui.desktop.settings.page import SettingsPage  # few starts of the window need it

            self.page = SettingsPage(self._view)
            self.page.closed.connect(self.left)
            self.page.look_changed.connect(lambda: wear(self._view))
            self.page.reviewing_changed.connect(self.reviewing_changed)
            self.page.device_changed.connect(self._choose_device)
            self.page.check_wanted.connect(self.check_wanted)
            self.page.restart_wanted.connect(self.restart_wanted)
            self.page.failed.connect(self.failed)
            self._stack.addWidget(self.page)
        self.page.refresh()
        self._stack.setCurrentWidget(self.page)
        self.page.setFocus()

    def _choose_device(self) -> None:
        self._lane.device = Preferences(self._view).device

    def open_at_reviewer(self) -> None:
        """Bring it up where the reviewer is named."""
        self.open()
        assert self.page is not None
        self.page.show_reviewer()


def wear(view: ViewState) -> None:
    """Dress the program as the person wants it."""
    app, wanted = QApplication.instance(), Preferences(view)
    assert isinstance(app, QApplication)
    set_text_size(app, wanted.text_size)
    apply_theme(app, wanted.theme)
