"""One bar for all stages of a job: it never goes back, and the time left is that of the whole."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from badcase.progress import Notice, Progress, finish, in_stage
from badcase.training.worker import verbs
from badcase.ui.desktop.jobs.stages import STAGES, StepTimes, WholeJob


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_bar_goes_through_all_steps_from_nothing_to_all_and_never_back() -> None:
    whole, seen = WholeJob("demo"), [0.0]
    for stage, steps in STAGES["demo"].items():
        for number in range(len(steps)):
            for share in (None, 0.0, 0.5, 1.0, 0.2, None):  # a step that begins anew, or of which nobody knows how long it is
                whole.note(stage, f"step {'abcdefghij'[number]}", share, None)
                seen.append(whole.share or 0.0)
    assert all(after >= before for before, after in pairwise(seen)) and 0.9 < seen[-1] <= 1.0
    assert len(set(seen)) > 2 * sum(map(len, STAGES["demo"].values()))  # it moves in each step


def test_a_step_that_ends_does_not_end_its_stage() -> None:
    """The bar of accepting stood at its end as soon as the nearest items were found, with all the learning to come."""
    whole = WholeJob("accept", "image")
    whole.note("predict", "Predicting", 1.0, None)
    whole.note("rank", "Preparing the features", None, None)
    whole.note("rank", "Finding the nearest items", 1.0, None)
    assert (whole.share or 0.0) < 0.9
    whole.note("rank", "Learning from the labels", 0.5, None)
    half = whole.share or 0.0
    whole.note("rank", "Learning from the labels", 1.0, None)
    assert half < (whole.share or 0.0) < 1.0


def test_jobs_that_a_person_waits_for_as_one_share_a_bar() -> None:
    chain = ("create", "check_model", "predict")
    one, two, three = (WholeJob(verb, "text", chain=chain) for verb in chain)
    assert one.share == 0.0
    for step in ("Reading", "Looking for duplicates", "Writing"):
        one.note("import", step, 1.0, None)
    assert one.share == pytest.approx(two.share)
    two.note("check", "Loading the model", None, None)
    two.note("check", "Checking", 1.0, None)
    assert two.share == pytest.approx(three.share) and 0 < (three.share or 0) < 1


def test_the_time_left_is_that_of_all_steps_and_runs_on_where_a_step_tells_none() -> None:
    clock = Clock()
    whole = WholeJob("bring", times=StepTimes({"bring ": {"bring": [80.0], "rank": [10.0, 10.0]}}), clock=clock)
    assert whole.left is None
    whole.note("bring", "Reading", 0.0, None)
    clock.now = 40.0
    whole.note("bring", "Reading", 0.5, 40.0)  # 80 s of it, and a fifth of all is ranking
    assert whole.left == pytest.approx(40 + 20)
    clock.now = 90.0
    whole.note("rank", "Preparing", None, None)
    assert whole.left == pytest.approx(10)


def test_what_a_job_took_is_what_the_next_of_its_kind_is_believed_to_take() -> None:
    clock, kept = Clock(), {}  # type: ignore[var-annotated]
    times = StepTimes(kept)
    first = WholeJob("bring", "text", times=times, clock=clock)
    for stage, step, seconds in (("bring", "a", 1.0), ("rank", "b 1 of 2", 2.0), ("rank", "b 2 of 2", 3.0), ("rank", "c", 4.0)):
        first.note(stage, step, None, None)
        clock.now += seconds
    first.end()
    times.learn("bring", "text", first.took)
    assert first.took == {"bring": [1.0], "rank": [5.0, 4.0]}
    again = StepTimes(json.loads(json.dumps(kept)))
    second = WholeJob("bring", "text", times=again)
    second.note("rank", "b 1 of 2", 1.0, None)
    assert second.share == pytest.approx(0.6)
    assert again.of("bring", "image") == StepTimes().of("bring", "image")  # another kind takes what it takes
    for spoilt in ({"bring text": {"rank": "x"}}, {"bring text": {"rank": [-1, "y"]}}, {"bring text": 3}):
        assert StepTimes(spoilt).of("bring", "text") == StepTimes().of("bring", "text")  # type: ignore[arg-type]


def test_a_job_without_stages_is_told_by_its_steps() -> None:
    whole = WholeJob("train")
    whole.note("", "Epoch 1", 0.5, 10.0)
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


def test_what_a_network_takes_for_texts_is_not_told_again_for_each_later_step() -> None:
    """Two minutes of predicting were told as "about 47 min left": the plan was that of counted features, which take a moment."""
    clock = Clock()
    whole = WholeJob("predict", "text", clock=clock)
    for at, step in ((0.0, "Loading the model"), (2.0, "Checking"), (3.0, "Predicting")):
        clock.now = at
        whole.note("predict", step, None, None)
    clock.now = 103.0
    whole.note("predict", "Predicting", 0.25, 300.0)
    assert whole.left is not None and 300 < whole.left < 1000
