"""The lane of heavy jobs, with a real worker process: results, progress, cancelling, and a worker that dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.ui.desktop.jobs.worker_lane import JobError, JobState, Phase, WorkerLane
from tests.projects import write_texts

WAIT_MS = 60_000


class Heard:
    """What one job delivered, in order."""

    def __init__(self, lane: WorkerLane) -> None:
        self.values: list[dict[str, Any]] = []
        self.errors: list[BadcaseError] = []
        self.cancels = 0
        self.states: list[JobState] = []
        lane.state.connect(self.states.append)

    def cancelled(self) -> None:
        self.cancels += 1

    @property
    def over(self) -> bool:
        return bool(self.values or self.errors or self.cancels)

    def start(self, lane: WorkerLane, verb: str, **options: object) -> None:
        lane.start(
            verb, title=verb, options=options, done=self.values.append, failed=self.errors.append, cancelled=self.cancelled
        )


@pytest.fixture
def own_lane(qtbot: QtBot) -> Iterator[WorkerLane]:
    """One whose process is a test's own, to start where it wants it and to end it."""
    made = WorkerLane()
    yield made
    made.close()


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    write_texts(tmp_path / "texts.csv", 400)
    return tmp_path / "texts.csv"


def test_a_job_reports_progress_and_ends_once_with_its_result(
    lane: WorkerLane, qtbot: QtBot, texts: Path, tmp_path: Path
) -> None:
    heard = Heard(lane)
    heard.start(lane, "create", path=str(tmp_path / "p"), data=str(texts))
    assert lane.busy
    qtbot.waitUntil(lambda: heard.over, timeout=WAIT_MS)
    assert heard.values == [{"path": str(tmp_path / "p"), "items": 400, "classes": ["animals", "food", "weather"]}]
    assert not lane.busy
    assert heard.states[0].state is Phase.RUNNING
    assert heard.states[-1].state is Phase.DONE
    assert any(state.name for state in heard.states)


def test_a_folder_of_the_person_may_hold_packages_of_our_names(
    own_lane: WorkerLane, qtbot: QtBot, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("training", "ui", "badcase"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('another program')")
    monkeypatch.chdir(tmp_path)
    heard = Heard(own_lane)
    heard.start(own_lane, "understand", data=str(texts))
    qtbot.waitUntil(lambda: heard.over, timeout=WAIT_MS)
    assert heard.values and not heard.errors


def test_the_worker_stays_warm_between_jobs(lane: WorkerLane, qtbot: QtBot, texts: Path) -> None:
    processes = []
    for _time in range(2):
        heard = Heard(lane)
        heard.start(lane, "understand", data=str(texts))
        qtbot.waitUntil(lambda heard=heard: heard.over, timeout=WAIT_MS)
        processes.append(lane.process_id)
    assert processes[0] == processes[1] != 0


def test_a_failure_is_told_in_words_with_a_remedy_and_a_detail(lane: WorkerLane, qtbot: QtBot, tmp_path: Path) -> None:
    heard = Heard(lane)
    heard.start(lane, "understand", data=str(tmp_path / "not-there.csv"))
    qtbot.waitUntil(lambda: heard.over, timeout=WAIT_MS)
    error = heard.errors[0]
    assert isinstance(error, JobError)
    assert "not-there.csv" in str(error)
    assert error.hint
    assert "Traceback" in error.detail
    assert heard.states[-1].state is Phase.FAILED


def test_a_second_job_is_refused_while_one_runs(lane: WorkerLane, qtbot: QtBot, texts: Path) -> None:
    first, second = Heard(lane), Heard(lane)
    first.start(lane, "understand", data=str(texts))
    second.start(lane, "understand", data=str(texts))
    assert len(second.errors) == 1
    qtbot.waitUntil(lambda: first.over, timeout=WAIT_MS)
    assert len(first.values) == 1


def test_a_cancelled_job_never_delivers_and_leaves_no_project(
    lane: WorkerLane, qtbot: QtBot, texts: Path, tmp_path: Path
) -> None:
    heard = Heard(lane)
    heard.start(lane, "create", path=str(tmp_path / "p"), data=str(texts))
    lane.cancel()
    assert heard.states[-1].state is Phase.STOPPING
    qtbot.waitUntil(lambda: heard.over, timeout=10_000)
    assert (heard.cancels, heard.values, heard.errors) == (1, [], [])
    after = Heard(lane)
    after.start(lane, "understand", data=str(texts))
    qtbot.waitUntil(lambda: after.over, timeout=WAIT_MS)
    assert after.values
    assert heard.values == []


def test_a_worker_that_is_killed_is_reported_once_and_replaced(own_lane: WorkerLane, qtbot: QtBot, texts: Path) -> None:
    heard = Heard(own_lane)
    own_lane.warm()
    heard.start(own_lane, "understand", data=str(texts))
    qtbot.waitUntil(lambda: own_lane.process_id != 0)
    killed = own_lane.process_id
    os.kill(killed, signal.SIGKILL)
    qtbot.waitUntil(lambda: heard.over, timeout=5000)
    assert len(heard.errors) == 1
    assert "the system ended it, perhaps because memory ran out" in str(heard.errors[0])
    assert heard.errors[0].hint
    again = Heard(own_lane)
    again.start(own_lane, "understand", data=str(texts))
    qtbot.waitUntil(lambda: again.over, timeout=WAIT_MS)
    assert again.values
    assert own_lane.process_id != killed


def test_closing_the_lane_leaves_no_process(own_lane: WorkerLane, qtbot: QtBot, texts: Path) -> None:
    heard = Heard(own_lane)
    heard.start(own_lane, "understand", data=str(texts))
    qtbot.waitUntil(lambda: heard.over, timeout=WAIT_MS)
    process = own_lane.process_id
    own_lane.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_quiet_job_shows_no_state_and_gives_way_to_any_other(
    lane: WorkerLane, qtbot: QtBot, texts: Path, tmp_path: Path
) -> None:
    quiet: list[dict[str, Any]] = []
    heard = Heard(lane)
    lane.run_in_background("understand", options={"data": str(texts)}, done=quiet.append, failed=heard.errors.append)
    assert lane.quiet and not lane.busy
    qtbot.waitUntil(lambda: bool(quiet), timeout=WAIT_MS)
    assert heard.states == [] and not lane.quiet
    lane.run_in_background(
        "create", options={"path": str(tmp_path / "a"), "data": str(texts)}, done=quiet.append, failed=heard.errors.append
    )
    heard.start(lane, "understand", data=str(texts))
    qtbot.waitUntil(lambda: heard.over, timeout=WAIT_MS)
    qtbot.wait(100)
    assert len(quiet) == len(heard.values) == 1 and heard.errors == []
