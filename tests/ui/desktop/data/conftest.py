"""A small real project with corrections and a set-aside row, its session, and the Data page on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.classes.page import ClassesPage
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from tests.projects import write_texts

P = TypeVar("P", DataPage, ClassesPage)


@pytest.fixture
def session(tmp_path: Path, qtbot: QtBot, lane: WorkerLane) -> Iterator[Session]:
    write_texts(tmp_path / "texts.csv")
    with (tmp_path / "texts.csv").open("a", encoding="utf-8") as file:
        file.write("t999,,food\n")
    pool = DecodingPool()
    project = Project.create(tmp_path / "project", tmp_path / "texts.csv")
    made = Session(project, lane, pool, ViewState(tmp_path / "view.json"))
    yield made
    made.close()
    pool.close()


def on_screen(made: P, qtbot: QtBot) -> Iterator[P]:
    """A page of Data as the window shows it; it goes before its session, as there."""
    made.session.changed.connect(made.refresh)
    made.resize(1280, 760)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    yield made
    shiboken6.delete(made)


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> Iterator[DataPage]:
    yield from on_screen(DataPage(session), qtbot)
