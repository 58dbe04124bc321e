"""Start the window."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.network import stay_offline
from badcase.shortages import shortage
from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.jobs.worker_lane import JobError
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.settings.door import wear
from badcase.ui.desktop.ui_language import start_again, translate_qt

_log = logging.getLogger(__name__)


def run(project: Path | None = None, demo: str | None = None) -> int:
    """Show the window, on a project or on the demo ("image" or "text"), until it is closed. Returns the exit status."""
    stay_offline()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("badcase")
    app.setDesktopFileName("badcase")
    Collector(app)
    wear(ViewState())
    translate_qt(app)
    window = MainWindow()
    catch_the_unexpected(window)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends the program at once; nothing is lost
    window.show()
    if project is not None:
        window.open_project(project)
    elif demo is not None:
        QTimer.singleShot(0, window, lambda: window.entrance.open_demo(demo))
    status = app.exec()
    if window.again is not None:
        start_again(window.again)
    return status


def catch_the_unexpected(window: MainWindow) -> None:
    """A fault of the program itself shows in the error bar with what to report, and the window lives on."""

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        worded = error if isinstance(error, BadcaseError) else shortage(error)
        if worded is not None:
            window.errors.show_error(worded)
            return
        detail = "".join(traceback.format_exception(kind, error, trace))
        _log.error("%s", detail)
        hint = _("Your verdicts are saved. Copy the details and report them; then go on, or start the program again.")
        window.errors.show_error(JobError(_("something went wrong inside the program"), hint=hint, detail=detail))

    sys.excepthook = on_exception
