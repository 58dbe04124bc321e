"""The worker as a real process: one JSON event a line, cancelled at a safe point, gone when its window is."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from badcase.project import Project
from badcase.store.opening.lock import ProjectLock
from badcase.store.run_table import RunState
from badcase.training.worker import verbs
from badcase.training.worker.__main__ import Events, Requests, serve
from tests import warm
from tests.training.projects import noisy_project


class Worker:
    """The window's end of the pipe."""

    def __init__(self) -> None:
        self.process = warm.Python("-m", "badcase.training.worker", stdin=warm.PIPE, stdout=warm.PIPE, stderr=warm.DEVNULL)
        assert self.receive() == {"event": "ready"}

    def send(self, **request: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        event: dict[str, Any] = json.loads(self.process.stdout.readline())
        return event

    def until_over(self, number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The event that ends a request, and those before it."""
        before = []
        while (event := self.receive())["event"] not in ("result", "error", "cancelled"):
            assert event["id"] == number
            before.append(event)
        assert event["id"] == number
        return event, before

    def close(self) -> None:
        """Let go of its input, as a window that is gone does; the output stays open until it has left."""
        self.process.communicate(timeout=10)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("worker"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    if made.process.poll() is None:
        made.close()


def test_a_training_reports_and_ends_in_a_run_while_the_window_holds_the_project(worker: Worker, project: Project) -> None:
    worker.send(id=1, verb="train", options={"project": str(project.path), "set": {"label_smoothing": "0.05"}})
    end, events = worker.until_over(1)
    assert end["event"] == "result", end
    project.reload()
    run = project.runs.get(end["value"]["run"])
    assert run.state is RunState.DONE and run.recipe["label_smoothing"] == 0.05
    epochs = [event["values"]["epoch"] for event in events if "validation_loss" in event.get("values", {})]
    assert epochs == list(range(1, len(epochs) + 1)) and len(epochs) == run.metrics["epochs"]
    worker.send(id=2, verb="accept", options={"project": str(project.path), "run": run.id})
    assert worker.until_over(2)[0]["value"]["run"] == run.id
    assert project.runs.current is not None and project.runs.current.id == run.id


def test_cancel_is_honoured_within_a_second_and_the_worker_goes_on(worker: Worker, project: Project) -> None:
    endless = {"epochs": 10_000, "patience": 0, "minimum_checks": 1}
    worker.send(id=3, verb="train", options={"project": str(project.path), "set": endless})
    while "validation_loss" not in worker.receive().get("values", {}):
        pass
    began = time.monotonic()
    worker.send(cancel=3)
    assert worker.until_over(3)[0] == {"event": "cancelled", "id": 3}
    assert time.monotonic() - began < 1
    assert project.runs.all()[-1].state is RunState.CANCELLED
    worker.send(id=4, verb="rank", options={"project": str(project.path)})
    assert worker.until_over(4)[0]["event"] == "result"


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"verb": "dance"}, "no such job"),
        ({"verb": "train", "options": {"project": "/nowhere"}}, "not a badcase project"),
        ({"verb": "rank", "options": {"projekt": "/nowhere"}}, "projekt"),
    ],
)
def test_a_failure_is_an_event_with_words_a_remedy_and_a_detail(worker: Worker, request_: dict[str, Any], says: str) -> None:
    worker.send(id=5, **request_)
    event, _events = worker.until_over(5)
    assert event["event"] == "error" and says in event["text"] and "Traceback" in event["detail"]


def test_what_a_users_module_prints_does_not_get_between_the_events(worker: Worker, project: Project) -> None:
    model = "tests.training.printing:network"
    worker.send(id=6, verb="predict", options={"project": str(project.path), "model": model})
    event, _events = worker.until_over(6)
    assert event["event"] == "error" and "no such model" not in event["text"]


def test_the_worker_leaves_when_its_window_is_gone_even_in_the_middle_of_a_job(worker: Worker, project: Project) -> None:
    """It is the last test of the worker that all share."""
    worker.send(
        id=7, verb="train", options={"project": str(project.path), "set": {"epochs": 10_000, "patience": 0, "minimum_checks": 1}}
    )
    while "validation_loss" not in worker.receive().get("values", {}):
        pass
    worker.close()
    assert worker.process.returncode == 0
    assert project.runs.all()[-1].state is RunState.CANCELLED


def test_a_killed_worker_loses_no_verdict_and_its_run_is_marked_when_the_next_one_trains(project: Project) -> None:
    worker = Worker()
    worker.send(
        id=1, verb="train", options={"project": str(project.path), "set": {"epochs": 10_000, "patience": 0, "minimum_checks": 1}}
    )
    while "validation_loss" not in worker.receive().get("values", {}):
        pass
    item = int(np.flatnonzero(project.split == 0)[0])
    project.journal.record([item], "keep")
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.close()
    killed = project.runs.all()[-1]
    assert killed.state is RunState.RUNNING
    assert (killed.folder / "best.safetensors").exists()
    path = project.path
    with pytest.raises(ValueError, match="has the project open already"):
        ProjectLock(path)
    project.close()
    with Project.open(path) as again:
        assert again.runs.get(killed.id).state is RunState.FAILED
        assert again.verdicts[item] and again.rank() is not None


@pytest.mark.parametrize(
    ("error", "says"),
    [(MemoryError(), "ran out of memory"), (OSError(28, "No space left on device", "/x/y"), "disk is full")],
    ids=["memory", "disk"],
)
def test_what_the_machine_lacks_is_told_as_that_and_not_as_a_fault(
    error: Exception, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking() -> Iterator[None]:
        raise error
        yield

    monkeypatch.setitem(verbs.VERBS, "understand", lacking)
    sent = io.StringIO()
    asked, window = os.pipe()
    with os.fdopen(asked), os.fdopen(window, "w"):
        serve({"id": 1, "verb": "understand"}, Requests(asked), Events(sent))
    event = json.loads(sent.getvalue())
    assert event["event"] == "error" and says in event["text"] and event["hint"]
    assert "should not" not in event["text"]
