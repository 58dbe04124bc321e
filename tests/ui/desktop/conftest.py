"""Tests of the window never touch the user's own settings, and start from the light theme."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.jobs.worker_lane import DecodingPool, WorkerLane
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from tests import ROOT
from tests.projects import write_texts


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test: recent projects, window sizes and the demos live there."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    return home


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
    """A lane whose worker process has imported what is slow already, as in a window that is open a while."""

    command = ("-c", f"import sys; sys.path[0] = {str(ROOT)!r}; from tests import warm; warm.be('-m', 'badcase.training.worker')")


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[WorkerLane]:
    """A lane of this test alone: its worker has the settings of the test."""
    made = WarmLane()
    yield made
    made.close()


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
        gc.collect()
        gc.freeze()  # what outlives a test outlives the next: half a million objects of the libraries, looked through each time
        gc.enable()
