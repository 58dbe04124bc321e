"""A small real project with wrong labels, its session with a real worker process, and the Train page on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.train.page import TrainPage
from tests.training.projects import noisy_project


@pytest.fixture(scope="session")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A folder with a predicted project, to be copied, and the true class of every item."""
    folder = tmp_path_factory.mktemp("noisy")
    project, truth = noisy_project(folder)
    project.rank()
    project.close()
    return folder, truth


@pytest.fixture
def session(noisy: tuple[Path, np.ndarray], tmp_path: Path, qtbot: QtBot, lane: WorkerLane) -> Iterator[Session]:
    shutil.copytree(noisy[0], tmp_path / "here")
    pool = DecodingPool()
    made = Session(Project.open(tmp_path / "here" / "project"), lane, pool, ViewState(tmp_path / "view.json"))
    yield made
    made.close()
    pool.close()


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> Iterator[TrainPage]:
    made = TrainPage(session)
    session.changed.connect(made.refresh)
    made.resize(1440, 820)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    yield made
    shiboken6.delete(made)  # before its session, as the window does
