"""What the window keeps of items is bounded in bytes, and what was looked at last stays."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.pictures.picture_cache import Deliver, Pictures
from badcase.ui.desktop.review.state.facts import facts_of
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState


@pytest.fixture
def project(texts_project: Path, tmp_path: Path) -> Project:
    shutil.copytree(texts_project, tmp_path / "subjects")
    return Project.open(tmp_path / "subjects")


@pytest.fixture
def faces(project: Project, qtbot: QtBot, lane: WorkerLane) -> Iterator[ProjectFaces]:
    pool = DecodingPool()
    session = Session(project, lane, pool, ViewState())
    yield ProjectFaces(session, facts_of(project, project.any_ranking, project.predictions.current))
    session.close()
    pool.close()


@pytest.fixture
def read(project: Project, monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each text was read; each is a quarter of a megabyte."""
    times = Counter[int]()

    def text(item: int) -> str:
        times[item] += 1
        return str(item % 10) * 250_000

    monkeypatch.setattr(project.items, "text", text)
    return times


def test_texts_take_no_more_room_than_a_few_megabytes(faces: ProjectFaces, read: Counter[int]) -> None:
    """Of 4000 texts each was kept, however long: a gigabyte of these."""
    for item in range(200):
        faces.text(item)
    for item in range(200):
        faces.text(item)
    assert all(times == 2 for times in read.values())
    faces.text(199)
    assert read[199] == 2


def test_a_text_that_is_looked_at_again_and_again_stays(faces: ProjectFaces, read: Counter[int]) -> None:
    for item in range(1, 300):
        faces.text(0)
        faces.text(item)
    assert read[0] == 1


def test_short_texts_that_are_looked_at_stay_beside_thousands_of_others(
    faces: ProjectFaces, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text that was read first went first, though it stood on the screen all the time."""
    times = Counter[int]()
    monkeypatch.setattr(project.items, "text", lambda item: (times.update([item]), "short")[1])
    for item in range(1, 100_000):
        faces.text(0)
        faces.text(item)
    assert times[0] == 1
    faces.text(1)
    assert times[1] == 2


def test_pictures_that_cannot_be_read_do_not_pile_up_for_ever(qtbot: QtBot) -> None:
    asked = Counter[int]()

    def fetch(item: int, _side: int, deliver: Deliver) -> None:
        asked[item] += 1
        deliver(None)

    pictures = Pictures(fetch, budget=100_000)
    for item in range(2000):
        pictures.thumbnail(item, 100)
    pictures.thumbnail(0, 100)
    pictures.thumbnail(1999, 100)
    assert asked[0] == 2 and asked[1999] == 1


def test_a_picture_larger_than_the_budget_is_kept_until_the_next(qtbot: QtBot) -> None:
    asked = Counter[int]()

    def fetch(item: int, _side: int, deliver: Deliver) -> None:
        asked[item] += 1
        deliver(QImage(300, 300, QImage.Format.Format_RGB32))

    pictures = Pictures(fetch, budget=1000)
    for _time in range(3):
        assert pictures.thumbnail(1, 100) is not None or _time == 0
    assert asked[1] == 1
    pictures.thumbnail(2, 100)
    pictures.thumbnail(1, 100)
    assert asked[1] == 2
