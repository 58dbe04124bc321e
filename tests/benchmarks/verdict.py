"""How long a verdict takes, with all that follows from its key: `make benchmark-verdict`.

images: photograph-sized images, the next one decoded by then. texts: a project of texts, ranked, whose queue learns after
every key, judged on the piles To review and All; then many at once in the grid, and that taken back. All with the keyboard,
single verdicts at a person's fastest pace, in the whole window as it is used.

next: from the key to the next item painted. window: what the window's own thread works from the key until nothing is left to
do, what timers and threads bring it included. Beside the time on the wall stands that of the processor, which other work on the
machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.page import ReviewPage
from tests.benchmarks.made_projects import SIZE, judge, make_images, texts

PACE_MS, PAUSE_MS, VERDICTS, TEXTS, BULK = 250, 1000, 100, 100_000, 8_000
PILES = {"To review": Pile.TO_REVIEW, "All": Pile.ALL}
Figures = dict[str, float]


class Clocks:
    """The wall, the processor and the window's own thread, in milliseconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time(), time.thread_time()

    def __call__(self) -> tuple[float, float, float]:
        now = time.perf_counter(), time.process_time(), time.thread_time()
        wall, processor, own = (1000 * (end - begin) for end, begin in zip(now, self._began, strict=True))
        return wall, processor, own


def wait(ms: int) -> None:
    """Let the window and its threads work; QTest.qWait would hold Python's lock all the while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


@contextmanager
def window_on(project: Path) -> Iterator[MainWindow]:
    """The window with a project open, as a person has it, with settings of its own."""
    with tempfile.TemporaryDirectory() as settings:
        os.environ["XDG_CONFIG_HOME"] = settings
        collector = Collector()
        window = MainWindow()
        window.resize(1440, 900)
        window.show()
        window.open_project(project)
        yield window
        window.lane.close()
        window.close()
        collector.stop()


@contextmanager
def window_of(project: Path) -> Iterator[ReviewPage]:
    """The review of a project in the window, ready for a key."""
    with window_on(project) as window:
        page = window.findChild(ReviewPage)
        assert page is not None
        wait(PAUSE_MS)
        while page.faces.words is not None and not page.faces.words.ready:  # counted whenever there is time, not for a key
            wait(PACE_MS)
        yield page


def press(page: ReviewPage, key: Qt.Key, pause: int = PACE_MS) -> tuple[float, float, float]:
    """One key: milliseconds to the next item painted on the wall and of the processor, and those of the window in all."""
    clocks = Clocks()
    QTest.keyClick(page, key)
    page.repaint()
    wall, processor, _own = clocks()
    wait(pause)
    return wall, processor, clocks()[2]


def single(page: ReviewPage, verdicts: int) -> Figures:
    """One after the other."""
    taken, decoded = [], 0
    while page.reviewer.current is not None and len(taken) < verdicts:
        blind = page.reviewer.blind(page.reviewer.current)  # there Enter does nothing
        taken.append(press(page, Qt.Key.Key_Space if blind else Qt.Key.Key_Return))
        item = page.reviewer.current
        decoded += item is None or page.faces.is_text or page.faces.pictures.full(item) is not None
    figures: Figures = {"verdicts": len(taken), "decoded": decoded}
    for name, times in zip(("next, wall", "next, processor", "window"), np.transpose(taken), strict=True):
        figures |= {f"{name}, median": float(np.median(times)), f"{name}, p99": float(np.percentile(times, 99))}
    figures["window, pause after"] = rest(page)
    return figures


def rest(page: ReviewPage) -> float:
    """What the window's thread does in a pause: what was put off until nobody presses a key."""
    own = time.thread_time()
    wait(PAUSE_MS)
    return 1000 * (time.thread_time() - own)


def many(page: ReviewPage, items: int) -> Figures:
    """Judge many at once in the grid, and take that back."""
    page.reviewer.show(Filter(queue=Pile.ALL))
    page.centre.toggle_grid()
    page.reviewer.select(lambda listed: listed.select_to(min(items, len(listed)) - 1))
    wait(PAUSE_MS)
    figures: Figures = {"items": int(page.reviewer.worklist.selected.sum())}
    for name, key in (("bulk", Qt.Key.Key_Space), ("undo", Qt.Key.Key_Z)):
        wall, processor, own = press(page, key, PAUSE_MS)
        figures |= {f"{name}, wall": wall, f"{name}, processor": processor, f"{name}, window": own}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a verdict takes, with all that follows from its key.")
    parser.add_argument("--part", nargs="+", choices=("images", "texts"), default=["images", "texts"])
    parser.add_argument("--items", type=int, default=TEXTS, help="texts")
    parser.add_argument("--judged", type=int, default=0, help="texts that have a verdict already")
    parser.add_argument("--verdicts", type=int, default=VERDICTS)
    parser.add_argument("--bulk", type=int, default=BULK, help="texts that are judged at once")
    parser.add_argument("--keep", type=Path, help="make the projects in this folder, or take those that are there")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    asked = parser.parse_args()
    app = QApplication([])
    apply_theme(app, "dark")
    figures: dict[str, Figures] = {}

    def tell(title: str, told: Figures) -> None:
        figures[title] = told
        if not asked.json:
            print(title)
            for name, value in told.items():
                print(f"  {name:28}{value:10,.1f}{'' if name in ('verdicts', 'decoded', 'items') else ' ms'}", flush=True)

    if not asked.json:
        machine = platform.processor() or platform.machine()
        print(f"machine: {machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(f"one verdict every {PACE_MS} ms; aimed at: p99 of next and of window under 50 ms", flush=True)
    if "images" in asked.part:
        with tempfile.TemporaryDirectory() as temporary:
            make_images(Path(temporary))
            with window_of(Path(temporary) / "project") as page:
                tell(f"images of {SIZE[0]} x {SIZE[1]}", single(page, asked.verdicts))
    if "texts" in asked.part:
        with texts(asked.items, asked.keep) as folder:
            judge(folder / "project", asked.judged)
            with window_of(folder / "project") as page:
                for title, pile in PILES.items():
                    page.reviewer.show(Filter(queue=pile))
                    wait(PAUSE_MS)
                    tell(f"{asked.items:,} texts, {title}", single(page, asked.verdicts))
                tell(f"{asked.items:,} texts, {asked.bulk:,} at once", many(page, asked.bulk))
    if asked.json:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
