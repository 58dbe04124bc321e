"""The session: one broadcast for each change, errors in one place, and what is remembered of the window."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.changes import Area, Changes
from badcase.ui import operations
from badcase.ui.desktop.app import catch_the_unexpected
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState


@pytest.fixture
def session(texts_project: Path, tmp_path: Path, qtbot: QtBot, lane: WorkerLane) -> Iterator[Session]:
    shutil.copytree(texts_project, tmp_path / "subjects")
    pool = DecodingPool()
    made = Session(Project.open(tmp_path / "subjects"), lane, pool, ViewState())
    yield made
    made.close()
    pool.close()


def test_an_operation_is_broadcast_once_with_what_it_touched(session: Session) -> None:
    heard: list[Changes] = []
    session.changed.connect(heard.append)
    session.apply(operations.relabel, items=[3, 5], label=1)
    session.apply(operations.undo)
    assert [changes.areas for changes in heard] == [frozenset({Area.LABELS})] * 2
    assert heard[0].items <= {3, 5}
    assert session.apply(operations.redo) is not None
    assert session.apply(operations.redo) is None


def test_a_batch_is_told_with_the_key_that_undoes_it_and_a_single_verdict_is_not(session: Session) -> None:
    told: list[tuple[str, str]] = []
    session.toast.connect(lambda text, key: told.append((text, key)))
    session.apply(operations.keep, items=[1])
    assert told == []
    session.apply(operations.exclude, items=[1, 2, 3])
    assert told == [("3 excluded", "Z")]
    session.apply(operations.undo)
    assert told[1][1] == ""


def test_what_goes_wrong_goes_to_one_place_and_changes_nothing(session: Session) -> None:
    errors: list[BadcaseError] = []
    session.failed.connect(errors.append)
    before = session.project.revision
    assert session.apply(operations.relabel, items=[3], label=99) is None
    assert session.project.revision == before
    assert len(errors) == 1


def test_the_window_remembers_its_state_and_survives_a_damaged_file(tmp_path: Path) -> None:
    state = ViewState(tmp_path / "window.json")
    state.set("columns", [240, 800, 364])
    state.save()
    assert ViewState(tmp_path / "window.json").get("columns") == [240, 800, 364]
    for damage in ("{", "[]", ""):
        (tmp_path / "window.json").write_text(damage)
        assert ViewState(tmp_path / "window.json").get("columns", "none") == "none"


def test_a_fault_of_the_program_shows_in_the_error_bar_with_a_detail(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    catch_the_unexpected(window)
    try:
        raise KeyError("nobody thought of this")
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert window.errors.isVisible()
    assert "report" in window.errors.hint.text()
    assert "nobody thought of this" in caplog.text
    window.close()
