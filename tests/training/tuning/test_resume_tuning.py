"""A tuning that was stopped, killed or short of time goes on with what it had, and is refused where that is worth nothing."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.progress import Job, Notice, finish
from badcase.project import Project
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.recipe import PRESETS
from badcase.training.recipe.enums import Start
from badcase.training.tuning.finders import find_batch, find_rate
from badcase.training.tuning.quasi_random import Space
from badcase.training.tuning.tune import TuningResult, resume_tuning_in_steps, tune_in_steps
from badcase.training.tuning.tuning_folder import Tuning
from tests import warm
from tests.training.projects import noisy_project, rank_and_correct

QUICK = PRESETS["linear-head"].replace_from({"epochs": 6})


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    noisy_project(folder, 180, wrong=0.1)[0].close()
    return folder / "project"


@pytest.fixture
def project(origin: Path, tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(origin, tmp_path / "project")
    with Project.open(tmp_path / "project") as opened:
        yield opened


def trials(project: Project) -> list[RunRow]:
    return [run for run in project.runs.all() if run.kind == "trial"]


def told(found: TuningResult) -> list[tuple[object, ...]]:
    """What a tuning comes down to, whichever numbers its runs have."""
    return [(run.recipe, run.metrics, run.state, run.title) for run in (*found.trials, found.best)] + [
        (found.run.recipe, {name: value for name, value in found.run.metrics.items() if name != "seconds"})
    ]


def parts(run: RunRow) -> dict[str, int]:
    """When each part of a trial was written."""
    return {path.name: path.stat().st_mtime_ns for path in run.folder.glob("part-*.npz")}


def test_a_killed_tuning_ends_as_if_it_had_not_been_and_trains_no_judged_part_again(
    origin: Path, project: Project, tmp_path: Path
) -> None:
    whole = finish(tune_in_steps(project, recipe=QUICK, space=Space.around(QUICK), trials=5))
    killed_one = tmp_path / "killed"
    shutil.copytree(origin, killed_one)
    words = ["tune", str(killed_one), "--search", "around", "--trials", "5", "--set", "epochs=6"]
    killed = warm.Python("-m", "badcase.ui.cli", *words, stderr=warm.DEVNULL)
    while len(list(killed_one.glob("runs/*/part-1.npz"))) < 3 and killed.poll() is None:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    with Project.open(killed_one) as opened:
        before = {run.id: parts(run) for run in trials(opened)}
        assert 3 <= len(before) <= 5  # the kill comes a little later than the third
        found = finish(resume_tuning_in_steps(opened))
        for number, written in before.items():
            assert written.items() <= parts(opened.runs.get(number)).items()
        assert told(found) == told(whole)
        assert found.tuning.state is RunState.DONE and not found.tuning.error


def test_a_guided_tuning_that_was_cancelled_keeps_what_its_finders_found_and_each_trial(project: Project) -> None:
    job = tune_in_steps(project, recipe=QUICK, trials=5)
    while len(trials(project)) < 3:
        next(job)
    job.close()
    [stopped] = [run for run in project.runs.all() if run.kind == RunKind.TUNING]
    assert stopped.state is RunState.CANCELLED
    rows, kept = trials(project), (stopped.folder / "tuning.json").read_text()
    found = finish(resume_tuning_in_steps(project))
    assert [run.id for run in found.trials[:3]] == [run.id for run in rows] and len(found.trials) == 5
    assert [run.recipe for run in found.trials[:3]] == [run.recipe for run in rows]
    assert found.tuning.id == stopped.id
    before, after = json.loads(kept), json.loads((stopped.folder / "tuning.json").read_text())
    assert before["batch"] == after["batch"] and before["rate"] == after["rate"]
    assert after["spent"] > before["spent"] > 0


def test_the_training_at_the_end_goes_on_too(project: Project) -> None:
    job = tune_in_steps(project, recipe=QUICK.replace_from({"patience": 0, "minimum_checks": 1}), trials=1)
    while not (project.runs.all()[-1].folder / "state.pt").exists() or project.runs.all()[-1].kind != "training":
        next(job)
    job.close()
    begun = project.runs.all()[-1]
    found = finish(resume_tuning_in_steps(project))
    assert found.run.id == begun.id and found.run.state is RunState.DONE and len(found.trials) == 1


def test_the_training_at_the_end_says_that_it_comes_late(project: Project) -> None:
    def late(job: Job[TuningResult]) -> Iterator[bool]:
        yield from (isinstance(event, Notice) and "longer than the time that is left" in event.text for event in job)

    job = tune_in_steps(project, recipe=QUICK, trials=1)
    said = late(job)
    while not project.runs.all() or project.runs.all()[-1].kind != "training":
        assert not next(said), "there is no budget to exceed"
    job.close()
    assert sum(late(resume_tuning_in_steps(project, seconds=1e-3))) == 1
    assert project.runs.all()[-1].state is RunState.DONE


def test_one_that_used_its_budget_goes_on_with_more_and_says_so_without(project: Project) -> None:
    first = finish(tune_in_steps(project, recipe=QUICK, trials=2))
    with pytest.raises(BadcaseError, match="used up its budget"):
        finish(resume_tuning_in_steps(project))
    more = finish(resume_tuning_in_steps(project, trials=4))
    assert [run.id for run in more.trials[:2]] == [run.id for run in first.trials] and len(more.trials) == 4
    if more.best.id == first.best.id:  # the model that is there is the one that it would train
        assert more.run.id == first.run.id


def test_what_no_longer_compares_is_refused_by_what_changed(project: Project) -> None:
    with pytest.raises(BadcaseError, match="no tuning"):
        finish(resume_tuning_in_steps(project))
    rank_and_correct(project)
    finish(tune_in_steps(project, recipe=QUICK, trials=2))
    project.rank()  # who is suspected judges no trial
    finish(resume_tuning_in_steps(project, trials=3))
    item = int(np.flatnonzero(~project.gold)[0])
    project.journal.record([item], "keep", int(project.labels[item]))
    with pytest.raises(BadcaseError, match="revision"):
        finish(resume_tuning_in_steps(project, trials=4))


def test_a_finder_that_takes_too_long_is_given_up_and_asked_again_when_there_is_time(project: Project) -> None:
    tuning = Tuning.begin(project, QUICK, Start.PRETRAINED, 0, folds=3, trials=0, seconds=1.0, space=None)
    look = find_rate(project, QUICK, seeds=50)
    assert finish(tuning.finding("rate", look, time.monotonic() + 0.1)).changes == {}
    found = finish(tuning.finding("rate", find_rate(project, QUICK, seeds=1), float("inf")))
    assert found.changes["learning_rate"] > 0
    again = finish(tuning.finding("rate", find_rate(project, QUICK, seeds=50), 0.0))
    assert again == found


def test_a_batch_size_that_was_not_found_in_time_stays_so_because_trials_began_without_it(project: Project) -> None:
    tuning = Tuning.begin(project, QUICK, Start.PRETRAINED, 0, folds=3, trials=0, seconds=1.0, space=None)
    silent = finish(tuning.finding("batch", find_batch(project, QUICK), 0.0, once=True))
    assert silent.changes == {} and "no time" in silent.why
    assert finish(tuning.finding("batch", find_batch(project, QUICK), float("inf"), once=True)) == silent


def test_with_no_room_for_a_second_trial_no_time_is_spent_on_its_rate(project: Project) -> None:
    found = finish(tune_in_steps(project, recipe=QUICK, trials=1))
    assert "rate" not in json.loads((found.tuning.folder / "tuning.json").read_text())
    more = finish(resume_tuning_in_steps(project, trials=2))
    assert "rate" in json.loads((more.tuning.folder / "tuning.json").read_text()) and len(more.trials) == 2


def test_one_that_tried_all_is_over(project: Project, tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text("schedule = ['cosine', 'constant']")
    first = finish(tune_in_steps(project, recipe=QUICK, space=Space.load(tmp_path / "space.toml"), trials=5, folds=2))
    assert not list(project.path.glob("runs/*/part-*"))
    with pytest.raises(BadcaseError, match="tried every change"):
        finish(resume_tuning_in_steps(project, trials=9))
    assert first.tuning.metrics["ended"] and len(first.trials) == 2  # the recipe itself, and the one other point


def test_asked_for_fewer_trials_than_it_has_it_tries_no_more_and_still_knows_its_best(project: Project) -> None:
    slow = QUICK.replace_from({"learning_rate": 1e-5})
    first = finish(tune_in_steps(project, recipe=slow, space=Space({"learning_rate": (0.3, 1.0)}), trials=2))
    assert first.best.id == first.trials[1].id and first.tuning.metrics["best"] == first.best.id
    again = finish(resume_tuning_in_steps(project, trials=1))
    assert again.trials == first.trials and again.run.id == first.run.id  # what a trial measured stays as it was too
    assert again.tuning.metrics == first.tuning.metrics and again.tuning.title == first.tuning.title
