"""How long from a verdict's key to the next item on the screen, its decoded image included: `make benchmark-verdict`.

A real project of photograph-sized images is judged with the keyboard at a person's fastest pace.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from badcase.project import Project
from ui.desktop.jobs import Lane, Pool
from ui.desktop.review.page import ReviewPage
from ui.desktop.session import Session
from ui.desktop.theme import apply_theme
from ui.desktop.viewstate import ViewState

IMAGES, SIZE, PACE_MS = 240, (1600, 1200), 250


def make_project(folder: Path) -> Project:
    """Two classes of noisy images, a third of them in the wrong folder, under a prediction set that sees it."""
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        true, wrong = number % 2, number % 3 == 0
        target = folder / "data" / ("dark", "light")[true ^ wrong]
        target.mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 90, (75, 100, 3)) + 160 * true
        Image.fromarray(small.astype(np.uint8)).resize(SIZE, Image.Resampling.BICUBIC).save(target / f"{number:03}.jpg")
    project = Project.create(folder / "project", folder / "data")
    truth = np.array([int(project.items.key(i).rsplit("/", 1)[-1][:3]) % 2 for i in range(len(project.items))])
    made = project.path / "made"
    made.mkdir()
    features = (np.eye(2)[truth] * 4 + rng.normal(0, 0.5, (len(truth), 2))).astype(np.float16)
    np.save(made / "logits.npy", features)
    np.save(made / "embeddings.npy", np.hstack([features, rng.normal(0, 0.2, (len(truth), 30)).astype(np.float16)]))
    np.save(made / "trained_on.npy", project.split == 0)
    project.add_prediction_set(made, {"k": 2, "d": 32})
    project.rank()
    return project


def wait(ms: int) -> None:
    """Let the window and its threads work; QTest.qWait would hold Python's lock all the while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def judge(page: ReviewPage) -> tuple[float, bool]:
    """One Enter: milliseconds until the next item is painted, and whether its image was there."""
    start = time.perf_counter()
    QTest.keyClick(page, Qt.Key.Key_Return)
    page.repaint()
    took = 1000 * (time.perf_counter() - start)
    item = page.reviewer.current
    return took, item is None or page.faces.pictures.full(item) is not None


def main() -> None:
    app = QApplication([])
    apply_theme(app, "dark")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        lane, pool = Lane(), Pool()
        session = Session(make_project(folder), lane, pool, ViewState(folder / "view.json"))
        page = ReviewPage(session)
        session.changed.connect(page.refresh)
        page.resize(1440, 820)
        page.show()
        QTest.qWaitForWindowExposed(page)
        wait(500)
        results = []
        while page.reviewer.current is not None and len(results) < 100:
            results.append(judge(page))
            wait(PACE_MS)
        times, there = [took for took, _there in results], [there for _took, there in results]
        machine = platform.processor() or platform.machine()
        print(f"machine: {machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(f"{len(times)} verdicts on images of {SIZE[0]} x {SIZE[1]}, one every {PACE_MS} ms:")
        print(f"  to the next item painted: median {np.median(times):.1f} ms, p99 {np.percentile(times, 99):.1f} ms")
        print(f"  its image was decoded already: {sum(there)} of {len(there)}")
        page.close()
        session.close()
        pool.close()
        lane.close()


if __name__ == "__main__":
    main()
