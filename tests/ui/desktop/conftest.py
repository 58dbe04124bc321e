"""Tests of the window never touch the user's own settings, and start from the light theme."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from tests import ROOT
from tests.projects import write_texts


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def own_settings(_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for each test: recent projects, window sizes and the demos live there.

    It is at one place for all, since the worker that serves them all knows the one that it was started with.
    """
    shutil.rmtree(_home)
    _home.mkdir()
    monkeypatch.setenv("HOME", str(_home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(_home / "config"))
    return _home


@pytest.fixture(autouse=True)
def light(qapp: object, qtbot: QtBot) -> None:
    apply_theme(qapp, "light")  # type: ignore[arg-type]


class _Folders(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Path] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.seen.append(Path(url.toLocalFile()))


@pytest.fixture
def shown_folders(qapp: object) -> Iterator[list[Path]]:
    """Folders that the program has the desktop show, in their order; no file manager comes up."""
    taker = _Folders()
    QDesktopServices.setUrlHandler("file", taker, "take")
    yield taker.seen
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def pool(qtbot: QtBot) -> Iterator[DecodingPool]:
    """A pool of one thread."""
    made = DecodingPool(threads=1)
    yield made
    made.close()


class WarmLane(WorkerLane):
    """The lane of all tests: its worker process imports nothing that is slow, as in a window that is open a while."""

    errors: tuple[BadcaseError, ...] = ()  # of all jobs that failed
    command = ("-c", f"import sys; sys.path[0] = {str(ROOT)!r}; from tests import warm; warm.be('-m', 'badcase.training.worker')")

    def start(self, verb: str, *, failed: Callable[[BadcaseError], None], **options: Any) -> None:
        def on_failed(error: BadcaseError) -> None:
            self.errors += (error,)
            failed(error)

        super().start(verb, failed=on_failed, **options)

    def close(self) -> None:
        """Keep an idle worker for the next test; one that is at work has to leave."""
        self.cancel_background()
        if self.busy:
            self.leave()  # the next job starts another process

    def leave(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def _warm_lane(qapp: object) -> Iterator[WarmLane]:
    made = WarmLane()
    yield made
    made.leave()


@pytest.fixture
def lane(_warm_lane: WarmLane) -> Iterator[WorkerLane]:
    yield _warm_lane
    _warm_lane.close()


_ANSWERED = 1.0  # seconds in which a failed job leads to what a test waits for, where it does


@pytest.fixture
def qtbot(qtbot: QtBot, _warm_lane: WarmLane, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """The one of pytest-qt, whose `waitUntil` ends with the error of a job that nobody expected to fail."""
    wait, lane = qtbot.waitUntil, _warm_lane

    def wait_until(condition: Callable[[], bool | None], *, timeout: int = 5000) -> None:
        known, failed_at = len(lane.errors), 0.0

        def met() -> bool | None:
            nonlocal failed_at
            done = condition()
            if done is not False or len(lane.errors) == known or lane.busy:
                failed_at = 0.0
            elif not failed_at:
                failed_at = time.monotonic()
            elif time.monotonic() > failed_at + _ANSWERED:
                raise lane.errors[-1]
            return done

        wait(met, timeout=timeout)

    monkeypatch.setattr(qtbot, "waitUntil", wait_until)
    return qtbot


def shown_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr("badcase.ui.desktop.main_window.WARM_MS", 1_000_000)  # few tests need the worker
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.lane.close()
    made.close()


@pytest.fixture
def window(qtbot: QtBot, lane: WorkerLane, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The whole window, in which the worker is warm."""
    monkeypatch.setattr("badcase.ui.desktop.main_window.WorkerLane", lambda _window: lane)
    yield from shown_window(qtbot, monkeypatch)


@pytest.fixture
def cold_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The whole window with a worker of its own, which its first job starts."""
    yield from shown_window(qtbot, monkeypatch)


@pytest.fixture(scope="session")
def texts_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small predicted project of texts; copy it before changing it."""
    folder = tmp_path_factory.mktemp("texts")
    write_texts(folder / "subjects.csv", 240, wrong=16)
    with Project.create(folder / "subjects", folder / "subjects.csv") as project:
        project.predict("chargrams")
        project.rank()
    return folder / "subjects"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A window that a test leaves behind is freed in this thread: no thread of this or of a later test may do it."""
    gc.disable()
    try:
        return (yield)
    finally:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        gc.freeze()  # what outlives a test outlives the next: half a million objects of the libraries, looked through each time
        gc.enable()
