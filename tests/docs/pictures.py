"""The pictures of the README and the docs, of the real window on the demo data: `make screenshots` writes them anew.

They are small, in a palette of 256 colours. Nothing but the two demos is seen in them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests import ROOT
from tests.screenshots import run_command, say, settle_whole  # first: it asks Qt for no screen

# isort: split
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.project import Project
from badcase.training.demo.make_demo import make_demo, read_truth, simulate_review
from badcase.training.runs.train import train_in_steps
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.page import ReviewPage

OUT = ROOT / "docs" / "pictures"
SIZE, COLOURS = (1440, 900), 256
FIRST_REVIEW, SECOND_REVIEW = 40, 140  # of 144 planted errors

Scene = Callable[[MainWindow], object]


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key)


def first_suspect(window: MainWindow) -> None:
    """Past the twins of what was judged last, which come first, to an item whose label is likely wrong."""
    page = window.findChild(ReviewPage)
    assert isinstance(page, ReviewPage) and window.session is not None
    ranking = window.session.project.ranking
    assert ranking is not None
    while page.reviewer.current is not None and not ranking.flagged[page.reviewer.current]:
        press(window, Qt.Key.Key_Right)


def grid(window: MainWindow) -> None:
    first_suspect(window)
    press(window, Qt.Key.Key_G)


def clusters(window: MainWindow) -> None:
    first_suspect(window)
    run_command(window, "review", "Alt+C")


REVIEWING: dict[str, Scene] = {"review": first_suspect, "clusters": clusters, "grid": grid}
TRAINED: dict[str, Scene] = {
    "train": partial(MainWindow.show_page, page="train"),
    "comparison": partial(run_command, page="train", keys="Ctrl+D"),
    "export": partial(run_command, page="data", keys="Ctrl+E"),
    "commands": MainWindow.show_commands,
}


def shoot(app: QApplication, project: Path, scenes: Mapping[str, Scene]) -> None:
    """One window for each picture, with settings of its own, so that none shows what another has left."""
    for name, scene in scenes.items():
        os.environ["XDG_CONFIG_HOME"] = str(project.with_name(f"settings of {project.name} {name}"))
        apply_theme(app, "light")
        window = MainWindow()
        window.resize(*SIZE)
        window.show()
        window.open_project(project)
        settle_whole(window)
        scene(window)
        settle_whole(window)
        path = OUT / f"{name}.png"
        window.grab().save(str(path))
        window.lane.close()
        window.close()
        shrink(path)
        print(f"  {path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def shrink(path: Path) -> None:
    """The same picture in a palette, a third as large. No dithering, which would make its plain areas noisy and large; and
    the method that keeps rare colours, because the few that stand out are what a person should see.
    """
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def review(path: Path, n: int) -> None:
    with Project.open(path) as project:
        simulate_review(project, read_truth(project), n)
        project.rank()


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.gettempdir()) / "badcase-demo"  # plain, because the picture of the export shows it
    folder.mkdir()
    try:
        _take(folder)
    finally:
        shutil.rmtree(folder)
    return 0


def _take(folder: Path) -> None:
    digits, texts = folder / "digits", folder / "docstrings"
    app = QApplication(sys.argv[:1])
    say(make_demo(digits)).close()
    review(digits, FIRST_REVIEW)
    shoot(app, digits, REVIEWING)
    review(digits, SECOND_REVIEW)
    with Project.open(digits) as project:
        say(train_in_steps(project))
    shoot(app, digits, TRAINED)
    say(make_demo(texts, "text")).close()
    shoot(app, texts, {"texts": first_suspect})


if __name__ == "__main__":
    sys.exit(main())
