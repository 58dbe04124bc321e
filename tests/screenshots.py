"""Pictures of every page in both themes, every language and three sizes, from real projects: `make screenshots`.

They go into screenshots/LANGUAGE. Uses the benchmark data where it is, else the embedded demos. The projects are made in a
temporary folder, or with --keep in one that a later call takes up again; --only takes the scenes whose names hold a word.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from tests import ROOT

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import CHOSEN, codes
from badcase.progress import Job, Progress, T
from badcase.project import Project
from badcase.store.verdicts import Verdict
from badcase.training.demo.make_demo import make_demo
from badcase.training.runs.train import train_in_steps
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.map.asking import Asked
from badcase.ui.desktop.map.map_ground import GroundState
from badcase.ui.desktop.map.page import MapPage
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.screenshots import SIZES
from badcase.ui.desktop.update.page import UpdatePage

OUT = ROOT / "screenshots"
DATA = Path(os.environ.get("BADCASE_DATA", ROOT.parent / "shared" / "data"))
SIGNS, NEWS = DATA / "signdigits_planted.zip", DATA / "thucnews_zh.csv.gz"
UNSEEN = ("电动汽车电池回收新规", "新能源车充电桩补贴第", "动力电池产能扩张至")
SETTLED_MS, RESIZED_MS = 1500, 400

Scene = Callable[[MainWindow], object]


def say(job: Job[T]) -> T:
    """Run a job to its end, naming its steps."""
    last = ""
    try:
        while True:
            step = next(job)
            if isinstance(step, Progress) and step.name != last:
                last = step.name
                print("  ", last, flush=True)
    except StopIteration as stop:
        result: T = stop.value
        return result


def make(path: Path, data: Path, demo: str) -> Path:
    """A project in the middle of its first round: predicted, partly reviewed, trained once."""
    if path.exists():
        return path
    print(path.name, flush=True)
    project = say(Project.creating(path, data)) if data.exists() else say(make_demo(path, demo))
    with project:
        if project.predictions.current is None:
            say(project.predicting())
        ranking = project.rank()
        first = ranking.order[ranking.flagged[ranking.order]][:90]
        rng = np.random.default_rng(0)
        for item in first:
            kind = rng.choice(list(Verdict), p=[0.8, 0.12, 0.04, 0.04])
            project.journal.record([int(item)], str(kind), int(ranking.suggested[item]) if kind == Verdict.RELABEL else None)
        say(train_in_steps(project))
        project.rank()
    return path


# --- what is on the pictures ------------------------------------------------------------------------------------------


def press(*keys: str) -> None:
    """Keys where the focus is, as a person presses them."""
    for key in keys:
        pressed = QKeySequence(key)[0]
        target = QApplication.focusWidget() or QApplication.activeWindow()
        QTest.keyClick(target, pressed.key(), pressed.keyboardModifiers())
        settle(60)


def page(name: str, *keys: str) -> Scene:
    """A page, and what some keys make of it."""

    def scene(window: MainWindow) -> None:
        window.show_page(name)
        settle(300)
        press(*keys)

    return scene


def run_command(window: MainWindow, page: str, keys: str) -> None:
    window.show_page(page)
    next(command for command in window.commands() if command.keys == keys).run()


def review(wanted: Filter, *keys: str) -> Scene:
    """What passes a filter, and what some keys make of it."""

    def scene(window: MainWindow) -> None:
        window.show_page("review")
        shown = window.stack.currentWidget()
        assert isinstance(shown, ReviewPage)
        if shown.centre.in_grid:  # as an earlier picture left it
            shown.centre.toggle_grid()
        shown.reviewer.show(wanted)
        settle(200)
        press("Home", *keys)

    return scene


def gold_item(window: MainWindow) -> None:
    assert window.session is not None
    review(Filter(listed=(int(np.flatnonzero(window.session.project.gold)[0]),)))(window)


def gold_check(window: MainWindow) -> None:
    window.show_page("gold")
    settle(200)
    press("Return")


def update_page(*, through: str = "preview") -> Scene:
    """The data as they are now, with rows that came, went and changed: before they are taken in, or what is new about them."""

    def scene(window: MainWindow) -> None:
        assert window.session is not None
        place, folder = window.session.project.path, Path(tempfile.mkdtemp())
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        window.close_project()
        window.open_project(Path(shutil.copytree(place, folder / place.name)))  # the other scenes show it as it was
        table = folder / "titles_2026-11.csv"
        if NEWS.exists():  # else the source is read once more, in which nothing is new
            write_next_titles(window.session.project, table)
        window.show_page("update")
        shown = window.stack.currentWidget()
        assert isinstance(shown, UpdatePage)
        shown.look({"data": str(table)} if table.exists() else {})
        wait_for_jobs(window)
        if through == "news":
            shown.take_in()
            wait_for_jobs(window)
            press("N")
            wait_for_jobs(window)

    return scene


def write_next_titles(project: Project, table: Path) -> None:
    """The titles without some, a few with the labels of others though they were judged, and more that nobody has seen."""
    with gzip.open(NEWS, "rt", encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    told = [place for place, name in enumerate(head) if name.startswith("label")]
    text, judged = head.index("text"), np.flatnonzero(project.verdicts)[:12].tolist()
    rows = rows[: len(project.items)]
    for item in judged[::3]:
        row, other = rows[project.items.row(item) - 1], rows[(item + len(rows) // 2) % len(rows)]
        for place in told:
            row[place] = other[place]
    for i in range(300):
        new = list(rows[i])
        new[head.index("id")] = str(100_000 + i)
        new[text] = f"{UNSEEN[i % len(UNSEEN)]}{i}"
        for place in told if i % 3 else ():
            new[place] = ""
        rows.append(new)
    del rows[40:52]
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def wait_for_jobs(window: MainWindow) -> None:
    settle(300)
    while window.lane.busy:
        settle(200)
    settle(300)


def failure(window: MainWindow) -> None:
    hint = "Take a smaller batch, or choose another device."
    window.errors.show_error(BadcaseError("the model does not fit into memory", where="predict", hint=hint))
    window.toast.tell("7 relabelled", "Z")


def assistant(window: MainWindow) -> None:
    window.close_project()
    window.entrance.show_assistant(SIGNS if SIGNS.exists() else None)


def on_map(*keys: str, colour: str = "given", around: bool = False, hover: bool = False) -> Scene:
    """The map, coloured by a field; with a lasso around its smallest cluster, or the pointer on an item, and then some keys."""

    def scene(window: MainWindow) -> None:
        window.show_page("map")
        shown = window.stack.currentWidget()
        assert isinstance(shown, MapPage)
        while shown.ground.state is GroundState.LOADING:
            settle(100)
        shown.points.colour(colour)
        if around:
            press("L")
            draw_around(shown, shown.canvas.clusters[-1].items.tolist())
        if hover:
            shown.canvas.reveal(int(shown.reviewer.worklist.rows[30]))
        press(*keys)

    return scene


def chart(page: str, name: str, *keys: str) -> Scene:
    """A chart in the middle of a page."""

    def scene(window: MainWindow) -> None:
        window.show_page(page)
        settle(600)
        way = next(one for one in window.stack.currentWidget().findChildren(QWidget, f"open-{name}") if one.isVisibleTo(window))
        QTest.mouseClick(way, Qt.MouseButton.LeftButton)
        settle(200)
        press(*keys)

    return scene


def narrowed(window: MainWindow) -> None:
    """The data beside their charts, one of which narrows them."""
    review(Filter(splits=(0,)).with_range("suspicion", 0.1, 1.0))(window)
    window.show_page("data")


def with_hint(window: MainWindow) -> None:
    """The hint at the first item, which the worker makes."""
    review(Filter(queue=Pile.ALL), "H")(window)
    settle_whole(window, 500)
    while window.lane.busy:
        settle(200)


def sample(window: MainWindow) -> None:
    window.show_page("data")
    settle(200)
    shown = window.stack.currentWidget()
    assert isinstance(shown, DataPage)
    shown.open_sample()


def like_words(window: MainWindow) -> None:
    """What is like typed words, which the worker looks at."""
    on_map()(window)
    shown = window.stack.currentWidget()
    assert isinstance(shown, MapPage)
    words = "股市 上涨"
    shown.search.ask(Asked(words, words))
    while not shown.search.active:
        settle(200)


def draw_around(shown: MapPage, items: list[int]) -> None:
    """A lasso, as the mouse draws it, about the middle of some items."""
    places = np.array([[shown.canvas.place(item).x(), shown.canvas.place(item).y()] for item in items])
    middle, reach = np.median(places, axis=0), 1.6 * np.abs(places - np.median(places, axis=0)).mean(0) + 12
    ways = np.linspace(0, 2 * np.pi, 48)
    corners = [QPoint(*(middle + reach * (np.cos(way), np.sin(way))).astype(int).tolist()) for way in ways]
    QTest.mousePress(shown.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corners[0])
    for corner in corners[1:]:
        at, left = QPointF(corner), Qt.MouseButton.LeftButton
        event = QMouseEvent(QEvent.Type.MouseMove, at, at, left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(shown.canvas, event)
    QTest.mouseRelease(shown.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corners[-1])


IMAGES: dict[str, Scene] = {
    "start": MainWindow.close_project,
    "assistant": assistant,
    "review": review(Filter(), "Right", "Right", "Right"),
    "judged": review(Filter(queue=Pile.REVIEWED)),
    "gold-item": gold_item,
    "grid": review(Filter(), "G"),
    "batch": review(Filter(), "G", "Ctrl+A"),
    "compare": review(Filter(reasons=("conflict",)), "C"),
    "nearest": review(Filter(), "C", "Down"),
    "clusters": page("review", "Alt+C"),
    "pairs": page("review", "Alt+P"),
    "filter": page("review", "Ctrl+F", "t"),
    "map": on_map(hover=True),
    "map-selection": on_map(around=True),
    "map-similar": on_map("S", colour="status", hover=True),
    "map-reviewer": on_map(colour="reviewer"),
    "confusions": chart("map", "confusions"),
    "calibration": chart("map", "calibration"),
    "train": page("train"),
    "comparison": partial(run_command, page="train", keys="Ctrl+D"),
    "tuning": page("train", "Ctrl+T"),
    "data": page("data"),
    "classes": page("classes", "Down"),
    "data-charts": narrowed,
    "sample": sample,
    "hint": with_hint,
    "data-confusions": chart("data", "confusions"),
    "export": partial(run_command, page="data", keys="Ctrl+E"),
    "gold": page("gold"),
    "gold-check": gold_check,
    "settings": MainWindow.show_settings,
    "palette": MainWindow.show_commands,
    "keys": MainWindow.show_keys,
    "bring": MainWindow.bring_predictions,
    "retrain": MainWindow.retrain,
    "error": failure,
}
TEXTS: dict[str, Scene] = {
    "text": review(Filter()),
    "text-grid": review(Filter(), "G"),
    "text-compare": review(Filter(), "C"),
    "text-map": on_map(hover=True),
    "text-map-selection": on_map(around=True),
    "text-data": page("data"),
    "text-hint": with_hint,
    "text-like-words": like_words,
    "text-gold-check": gold_check,
    "update": update_page(),
    "update-news": update_page(through="news"),
}


def shoot(app: QApplication, project: Path, scenes: dict[str, Scene], out: Path) -> None:
    """One window for each scene and theme, with settings of its own, so that none shows what another has left; it is resized
    from the usual size to each."""
    for name, scene in scenes.items():
        for theme in ("light", "dark"):
            os.environ["XDG_CONFIG_HOME"] = str(project.with_name(f"settings of {project.name} {name} {theme}"))
            apply_theme(app, theme)
            window = MainWindow()
            window.resize(1440, 900)
            window.show()
            window.activateWindow()
            window.open_project(project)
            settle(300)
            scene(window)
            settle_whole(window, SETTLED_MS)
            for size in (*SIZES, (1, 1)):  # the last is as small as the window can be
                window.resize(*size)
                settle_whole(window, RESIZED_MS)
                words = "least" if size not in SIZES else f"{size[0]}x{size[1]}"
                window.grab().save(str(out / f"{name}-{theme}-{words}.png"))
            window.lane.close()
            window.close()
        print("  ", name, flush=True)


def settle(ms: int = 2000) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def settle_whole(window: MainWindow, ms: int = 2000) -> None:
    """The same, and until all pictures of items have come, however busy the machine is."""
    settle(ms)
    while window.pool._active:
        settle(100)


def take(folder: Path, out: Path, only: str) -> None:
    """All pictures in the language of this process."""
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    collector = Collector()
    for project, scenes in ((folder / "sign digits", IMAGES), (folder / "新闻标题", TEXTS)):
        shoot(app, project, {name: scene for name, scene in scenes.items() if only in name}, out)
    collector.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="where the projects are, or are made, and stay")
    parser.add_argument("--only", default="", help="scenes whose names hold this")
    parser.add_argument("--language", nargs="+", default=sorted(codes()))
    parser.add_argument("--take", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.take:
            take(folder, OUT / asked.language[0], asked.only)
            return 0
        make(folder / "sign digits", SIGNS, "image")
        make(folder / "新闻标题", NEWS, "text")
        for language in asked.language:  # chosen before the pages are imported: a process each
            command = ["--take", "--keep", str(folder), "--only", asked.only, "--language", language]
            subprocess.run([sys.executable, "-m", "tests.screenshots", *command], env=os.environ | {CHOSEN: language}, check=True)
    print(f"{len(list(OUT.rglob('*.png')))} pictures in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
