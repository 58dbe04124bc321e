"""Pictures of the real window on a project, drawn off screen: `python -m badcase.ui.desktop.screenshots PROJECT OUT [--all]`.

Prints the paths as one JSON list. The project must not be open elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.shell.pages import PAGES

SETTLED_MS = 1500  # thumbnails are decoded by then


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a page ("start" has no project, "settings" is no tab), its theme and size, whether Review shows its grid."""

    page: str
    theme: str
    width: int = 1440
    height: int = 900
    grid: bool = False

    @property
    def name(self) -> str:
        return f"{self.page}{'-grid' if self.grid else ''}-{self.theme}-{self.width}x{self.height}.png"


TWO = (Shot("review", "light"), Shot("train", "dark"))
SIZES = ((1280, 800), (1440, 900), (2560, 1440))
ALL = tuple(
    Shot(page, theme, *size, grid)
    for (page, grid), theme, size in product(
        [("start", False), *((page, False) for page in PAGES), ("settings", False), ("review", True)], ("light", "dark"), SIZES
    )
)


def shoot(project: Path, out: Path, shots: Sequence[Shot] = TWO) -> list[Path]:
    """Draw every shot into `out`; returns the files."""
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    collector = Collector()
    apply_theme(app, shots[0].theme)
    window = MainWindow()
    window.show()
    try:
        return list(_pictures(app, window, project, out, shots))
    finally:
        window.close()
        collector.stop()


def _pictures(app: QApplication, window: MainWindow, project: Path, out: Path, shots: Sequence[Shot]) -> Iterable[Path]:
    for shot in shots:
        apply_theme(app, shot.theme)
        window.resize(shot.width, shot.height)
        if shot.page == "start":
            window.close_project()
        else:
            if window.session is None:
                window.open_project(project)
            if window.session is None:
                raise BadcaseError(_("the project cannot be opened"), where=str(project))
            if shot.page == "settings":
                window.show_settings()
            else:
                window.show_page(shot.page)
        if shot.grid:
            _press_g(app, window)
        _settle()
        path = out / shot.name
        window.grab().save(str(path))
        if shot.grid:  # the same key leads back
            _press_g(app, window)
        yield path


def _press_g(app: QApplication, window: MainWindow) -> None:
    QTest.keyClick(app.focusWidget() or window, Qt.Key.Key_G)


def _settle() -> None:
    loop = QEventLoop()
    QTimer.singleShot(SETTLED_MS, loop.quit)
    loop.exec()


def main() -> int:
    """Shoot a project without a screen and without touching the person's own settings."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    project, out, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as settings:
        os.environ["XDG_CONFIG_HOME"] = settings
        files = shoot(Path(project).absolute(), Path(out), ALL if "--all" in rest else TWO)
    print(json.dumps([str(file) for file in files]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
