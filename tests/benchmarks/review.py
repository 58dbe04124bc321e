"""What a verdict takes, in keys and in machine time, and whether the item that is shown as next is: `make benchmark-review`.

A scripted person who knows the true classes reviews real data with real keys in the whole window: first what waits, then all
items. Enter where the suggestion is right, Space where the given label is, a digit where the class has one, else its name is
typed. Before each verdict they look at what the strip shows as next; after it that item has to be on the screen, whatever
the verdict has taught. signdigits (photos; its classes are digits) and thucnews (Chinese titles with planted errors) of the
benchmark data; a part of which the data are not there is left out.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import platform
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.project import Project
from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.review.state.class_choices import Choices
from tests.benchmarks.verdict import wait
from tests.part_of_data import part_of_table, part_of_zip
from tests.screenshots import DATA, NEWS, SIGNS
from tests.screenshots import say as saying

LOOKS, PACE_MS = 1000, 20
GIVEN = "label_sym10"


def photos(folder: Path, every: int) -> dict[str, str]:
    """A project of hand signs; the true class of each key."""
    data = part_of_zip(SIGNS, folder / "signs.zip", every=every)
    with zipfile.ZipFile(data) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("truth.csv").decode("utf-8"))))
    with saying(Project.creating(folder / "project", data, label="label_name")) as project:
        saying(project.predicting())
        project.rank()
    return {row["file"]: row["label_true"] for row in rows}


def titles(folder: Path, every: int) -> dict[str, str]:
    """A project of news titles, a tenth of the labels wrong."""
    data = part_of_table(NEWS, folder / "titles.csv.gz", every=every)
    with gzip.open(data, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with saying(Project.creating(folder / "project", data, text="text", label=GIVEN, key="id")) as project:
        saying(project.predicting())
        project.rank()
    return {row["id"]: row["label"] for row in rows}


@dataclass
class Sitting:
    """What came of it: keys by what they did, and milliseconds of the processor a verdict."""

    keys: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    looked: int = 0
    kept: int = 0  # how often the item that was shown as next was next
    fixed: int = 0

    @property
    def verdicts(self) -> int:
        return len(self.took)


class Person:
    """Knows the true class of each item, and judges by keys alone."""

    def __init__(self, page: ReviewPage, truth: dict[str, str]) -> None:
        self._page, self._truth, self.sitting = page, truth, Sitting()

    def judge(self) -> None:
        """One verdict, and a look at whether what came is what was shown."""
        page, sitting = self._page, self.sitting
        item, coming = page.reviewer.current, self._shown_as_next()
        assert item is not None
        true = self._truth[page.session.project.items.key(item)]
        before = time.process_time()
        self._answer(item, true)
        page.repaint()
        sitting.took.append(1000 * (time.process_time() - before))
        sitting.fixed += int(page.session.project.labels[item] != page.session.project.given[item])
        if coming is not None:
            sitting.looked += 1
            sitting.kept += page.reviewer.current == coming

    def _shown_as_next(self) -> int | None:
        """The item behind the current one in the strip; None at the end of the list."""
        listed = self._page.reviewer.worklist
        rows = [row for row, _place in self._page.centre.strip.places() if row > listed.position and listed.open_rows()[row]]
        return int(listed.rows[rows[0]]) if rows else None

    def _answer(self, item: int, true: str) -> None:
        choices, project = self._page.reviewer.choices(), self._page.session.project
        assert isinstance(choices, Choices)
        label = project.classes.index(true)
        if choices.heads()[0].label == label and not self._page.reviewer.blind(item):
            self._press("Enter", Qt.Key.Key_Return)
        elif int(project.given[item]) == label:
            self._press("Space", Qt.Key.Key_Space)
        elif digit := choices.digit(choices.order.index(label)):
            self._press("digit", Qt.Key(int(Qt.Key.Key_0) + int(digit)))
        else:
            self._press("/", Qt.Key.Key_Slash)
            QTest.keyClicks(QApplication.focusWidget(), true)
            self.sitting.keys["letters"] += len(true)
            self._press("Enter", Qt.Key.Key_Return)

    def _press(self, name: str, key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget() or self._page, key)
        self.sitting.keys[name] += 1

    def show_all(self) -> bool:
        """By the button of the empty list, to all items; False where that is what was shown."""
        before = self._page.reviewer.worklist.filter
        QTest.keyClick(QApplication.focusWidget() or self._page, Qt.Key.Key_Escape)
        self._page.queue.queue_chosen.emit("all")
        self._page.reviewer.move(lambda listed: listed.stand_at_waiting())
        return self._page.reviewer.worklist.filter != before


def review(folder: Path, truth: dict[str, str], looks: int) -> Sitting:
    """Until the person has looked so often at what comes next, or has judged all."""
    collector, window = Collector(), MainWindow()
    window.resize(1440, 900)
    window.show()
    window.activateWindow()
    window.open_project(folder / "project")
    page = window.findChild(ReviewPage)
    assert page is not None
    wait(500)
    person = Person(page, truth)
    while person.sitting.looked < looks:
        if page.reviewer.current is None and not person.show_all():
            break
        person.judge()
        wait(PACE_MS)
    window.lane.close()
    window.close()
    collector.stop()
    return person.sitting


PARTS = {"signdigits": (SIGNS, photos, 1), "thucnews": (NEWS, titles, 5)}


def main() -> None:
    parser = argparse.ArgumentParser(description="What a verdict takes, and whether what is shown as next is next.")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--looks", type=int, default=LOOKS, help="at what comes next")
    parser.add_argument("--every", type=int, help="take every n-th item of the data")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    asked = parser.parse_args()
    apply_theme(QApplication([]), "light")
    machine = platform.processor() or platform.machine()
    figures = {}

    def say(line: str) -> None:
        if not asked.json:
            print(line, flush=True)

    say(f"machine: {machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in asked.part:
        source, make, every = PARTS[name]
        if not source.exists():
            say(f"{name}: not in {DATA}")
            continue
        with tempfile.TemporaryDirectory() as temporary:
            os.environ["XDG_CONFIG_HOME"] = str(Path(temporary) / "config")
            truth = make(Path(temporary), asked.every or every)
            done = review(Path(temporary), truth, asked.looks)
        pressed = done.keys.total()
        say(f"{name}: {done.verdicts} verdicts of {len(truth)} items, {done.fixed} labels fixed")
        say(f"  keys a verdict {pressed / done.verdicts:.2f}: {', '.join(f'{key} {n}' for key, n in done.keys.most_common())}")
        middle, late = np.median(done.took), np.percentile(done.took, 99)
        say(f"  processor a verdict, to the next item painted: median {middle:.1f} ms, p99 {late:.1f} ms")
        say(f"  the item shown as next is the next: {done.kept:,} of {done.looked:,}")
        figures[name] = {
            "verdicts": done.verdicts,
            "keys a verdict": pressed / done.verdicts,
            "next, processor, median": float(middle),
            "next, processor, p99": float(late),
            "shown as next and next": done.kept,
            "looked": done.looked,
        }
    if asked.json:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
