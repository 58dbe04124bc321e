"""Opens the window from the command line, or says in words why it cannot."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _

# Debian's names for what Qt loads; `setup.sh` installs them.
SYSTEM_PACKAGES = (
    "libgl1 libegl1 libxkbcommon0 libglib2.0-0 libfontconfig1 libfreetype6 libdbus-1-3 "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
)


def start_window(project: Path | None = None, demo: str | None = None) -> None:
    """Run the window, on a project or on a demo ("image" or "text"); BadcaseError where it cannot start."""
    if obstacle := window_obstacle():
        raise obstacle
    from badcase.ui.desktop.ui_language import speak

    speak()  # before the pages are imported
    from badcase.ui.desktop.app import run

    sys.exit(run(project, demo))


def window_obstacle() -> BadcaseError | None:
    """What keeps the window from starting on this machine, or None."""
    if not has_screen():
        return BadcaseError(
            _("there is no screen to open the window on"),
            expected=_("DISPLAY or WAYLAND_DISPLAY in the environment"),
            hint=_("Every verb works without one: badcase --help."),
        )
    try:
        importlib.import_module("PySide6.QtWidgets")
        if sys.platform == "linux" and "WAYLAND_DISPLAY" not in os.environ and not _offscreen():
            ctypes.CDLL("libxcb-cursor.so.0")  # without it Qt ends the process
    except (ImportError, OSError) as error:
        return BadcaseError(
            _("the window cannot start"),
            got=error,
            hint=_("On Debian or Ubuntu: sudo apt-get install {packages}").format(packages=SYSTEM_PACKAGES),
        )
    return None


def has_screen() -> bool:
    """Whether a window could be seen (or a Qt platform was named on purpose)."""
    if sys.platform != "linux":
        return True
    return _offscreen() or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _offscreen() -> bool:
    return bool(os.environ.get("QT_QPA_PLATFORM"))
