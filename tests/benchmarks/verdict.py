"""How long from a verdict's key to the next item on the screen: `make benchmark-verdict`.

images: photograph-sized images, the next one decoded by then. texts: a project of 100,000 texts, ranked, whose queue learns
after every key. Both are judged with the keyboard at a person's fastest pace, in the whole window as it is used. Beside the
time on the wall stands that of the processor, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.project import Project
from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.review.page import ReviewPage

IMAGES, SIZE, PACE_MS, VERDICTS = 240, (1600, 1200), 250, 100
TEXTS, CLASSES, WIDTH = 100_000, 10, 64


def make_images(folder: Path) -> None:
    """Two classes of noisy images, a third of them in the wrong folder, under a prediction set that sees it."""
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        true, wrong = number % 2, number % 3 == 0
        target = folder / "data" / ("dark", "light")[true ^ wrong]
        target.mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 90, (75, 100, 3)) + 160 * true
        Image.fromarray(small.astype(np.uint8)).resize(SIZE, Image.Resampling.BICUBIC).save(target / f"{number:03}.jpg")
    with Project.create(folder / "project", folder / "data") as project:
        truth = np.array([int(project.items.key(i).rsplit("/", 1)[-1][:3]) % 2 for i in range(len(project.items))])
        features = np.eye(2)[truth] * 4 + rng.normal(0, 0.5, (len(truth), 2))
        predict(project, features, np.hstack([features, rng.normal(0, 0.2, (len(truth), 30))]))


def make_texts(folder: Path, n: int = TEXTS) -> None:
    """Ten overlapping classes of made-up words, a tenth of the labels drawn anew."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, CLASSES, n)
    given = np.where(rng.random(n) < 0.1, rng.integers(0, CLASSES, n), true)
    words = rng.integers(0, 3000, (n, 12))
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = ([" ".join(f"word{one}" for one in line), f"class {label}"] for line, label in zip(words, given, strict=True))
        csv.writer(file).writerows([["text", "label"], *rows])
    centres = rng.normal(size=(CLASSES, WIDTH)) * 0.6
    embeddings = centres[true] + rng.normal(size=(n, WIDTH))
    with Project.create(folder / "project", folder / "texts.csv") as project:
        predict(project, embeddings @ centres.T, embeddings)


def predict(project: Project, logits: np.ndarray, embeddings: np.ndarray) -> None:
    """A prediction set made of these arrays, and its ranking."""
    made = project.path / "made"
    made.mkdir()
    np.save(made / "logits.npy", logits.astype(np.float16))
    np.save(made / "embeddings.npy", embeddings.astype(np.float16))
    np.save(made / "trained_on.npy", project.split == 0)
    project.predictions.add(made, {"k": logits.shape[1], "d": embeddings.shape[1]})
    project.rank()


@dataclass(frozen=True, slots=True)
class Judged:
    """Milliseconds on the wall and of the processor, and whether the next item's image was there."""

    wall: float
    processor: float
    image: bool


def wait(ms: int) -> None:
    """Let the window and its threads work; QTest.qWait would hold Python's lock all the while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def judge(page: ReviewPage, key: Qt.Key) -> Judged:
    """One key, until the next item is painted."""
    wall, processor = time.perf_counter(), time.process_time()
    QTest.keyClick(page, key)
    page.repaint()
    wall, processor = 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)
    item = page.reviewer.current
    return Judged(wall, processor, item is None or page.faces.is_text or page.faces.pictures.full(item) is not None)


def measure(make: Callable[[Path], None]) -> list[Judged]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        make(folder)
        collector = Collector()
        window = MainWindow()
        window.resize(1440, 900)
        window.show()
        window.open_project(folder / "project")
        page = window.findChild(ReviewPage)
        assert page is not None
        wait(500)
        results: list[Judged] = []
        while page.reviewer.current is not None and len(results) < VERDICTS:
            blind = page.reviewer.blind(page.reviewer.current)  # there Enter does nothing
            results.append(judge(page, Qt.Key.Key_Space if blind else Qt.Key.Key_Return))
            wait(PACE_MS)
        window.lane.close()
        window.close()
        collector.stop()
        return results


def say(title: str, results: list[Judged]) -> None:
    print(f"{len(results)} verdicts on {title}, one every {PACE_MS} ms, to the next item painted (aimed at: p99 under 50 ms):")
    for name, times in (("on the wall", [one.wall for one in results]), ("processor", [one.processor for one in results])):
        print(f"  {name:12} median {np.median(times):.1f} ms, p99 {np.percentile(times, 99):.1f} ms, most {max(times):.1f} ms")
    print(f"  decoded already: {sum(one.image for one in results)} of {len(results)}", flush=True)


PARTS = {"images": (f"images of {SIZE[0]} x {SIZE[1]}", make_images), "texts": (f"a project of {TEXTS:,} texts", make_texts)}


def main() -> None:
    parser = argparse.ArgumentParser(description="How long from a verdict's key to the next item on the screen.")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS), help="which parts to run; all without")
    asked = parser.parse_args()
    apply_theme(QApplication([]), "dark")
    machine = platform.processor() or platform.machine()
    print(f"machine: {machine}, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
    for part in asked.part:
        title, make = PARTS[part]
        say(title, measure(make))


if __name__ == "__main__":
    main()
