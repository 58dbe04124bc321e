"""One bar for all stages of a job: it never goes back, and the time left is that of the whole."""

from __future__ import annotations

from itertools import pairwise

import pytest

from badcase.progress import Notice, Progress, finish, in_stage
from badcase.training.worker import verbs
from badcase.ui.desktop.jobs.stages import STAGES, WholeJob


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_bar_goes_through_all_stages_from_nothing_to_all_and_never_back() -> None:
    whole, seen = WholeJob("demo"), [0.0]
    for stage, _weight in STAGES["demo"]:
        for share in (None, 0.0, 0.5, 1.0, 0.2, None):  # a step that begins anew, or of which nobody knows how long it is
            whole.note(stage, share, None)
            seen.append(whole.share or 0.0)
    assert all(after >= before for before, after in pairwise(seen)) and seen[-1] == pytest.approx(1.0)


def test_jobs_that_a_person_waits_for_as_one_share_a_bar() -> None:
    first, then = WholeJob("create", (0.0, 0.25)), WholeJob("predict", (0.25, 1.0))
    first.note("import", 1.0, None)
    assert first.share == pytest.approx(0.25) == then.share
    then.note("predict", 1.0, None)
    then.note("rank", 0.5, None)
    assert then.share == pytest.approx(0.25 + 0.75 * 0.9)


def test_the_time_left_is_that_of_all_stages_and_runs_on_where_a_step_tells_none() -> None:
    clock = Clock()
    whole = WholeJob("predict", clock=clock)
    assert whole.left is None
    whole.note("predict", 0.0, None)
    clock.now = 40.0
    whole.note("predict", 0.5, 40.0)  # 80 s of predicting, and a fifth of all is ranking
    assert whole.left == pytest.approx(40 + 20)
    clock.now = 90.0
    whole.note("rank", None, None)
    assert whole.left == pytest.approx(10)


def test_a_job_without_stages_is_told_by_its_steps() -> None:
    whole = WholeJob("train")
    whole.note("", 0.5, 10.0)
    assert whole.share is None and whole.left is None


def test_every_stage_is_of_a_verb_that_there_is() -> None:
    assert set(STAGES) <= set(verbs.VERBS)


def test_steps_say_their_stage_and_a_job_that_is_stopped_is_closed() -> None:
    closed = []

    def job() -> object:
        try:
            yield Progress("a")
            yield Notice("b")
            yield Progress("c", stage="inner")
        finally:
            closed.append(True)
        return 3

    assert [getattr(event, "stage", None) for event in in_stage("outer", job())] == ["outer", None, "inner"]  # type: ignore[arg-type]
    assert finish(in_stage("outer", job())) == 3  # type: ignore[arg-type,comparison-overlap]
    begun = in_stage("outer", job())  # type: ignore[arg-type]
    next(begun)
    begun.close()
    assert closed == [True] * 3
