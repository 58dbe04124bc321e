"""A tuning within outer folds: nothing inside sees what it is measured on, and its honest figure stands by the inner one."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.i18n import percent
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.data.training_set import outer_folds
from badcase.training.recipe import PRESETS
from badcase.training.tuning.nested_validation import tune_nested_in_steps
from badcase.training.tuning.quasi_random import Space
from badcase.training.tuning.tuning_folder import listed, trials_of
from tests.training.projects import noisy_project, rank_and_correct, write_noisy_texts

QUICK = PRESETS["linear-head"].replace_from({"epochs": 4, "patience": 0, "minimum_checks": 1})


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nested")
    write_noisy_texts(folder / "texts.csv", 240, wrong=0.2)
    with (folder / "texts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with (folder / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*rows[0], "day"], *([*row, day] for day, row in enumerate(rows[1:]))])
    made = Project.create(folder / "project", folder / "texts.csv", time="day")
    made.predict("chargrams")
    made.rank()
    made.close()
    return folder / "project"


@pytest.fixture
def project(origin: Path, tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(origin, tmp_path / "project")
    with Project.open(tmp_path / "project") as opened:
        yield opened


def inner(project: Project, tuning: int) -> list[tuple[object, ...]]:
    """All that came of the trials of one tuning."""
    return [(run.recipe, run.metrics) for run in trials_of(project.runs.all(), tuning)]


def test_the_outer_fold_is_seen_by_nothing_inside(project: Project) -> None:
    """Other labels on all that a fold holds out, and a ranking that knows them, change nothing within it.

    Folds by time are the same whatever the labels are.
    """
    by_time = QUICK.replace_from({"validation": "time"})
    space = Space({"suspects": ("keep", "out"), "learning_rate": (0.3, 1.0)})
    before = finish(tune_nested_in_steps(project, 2, recipe=by_time, space=space, trials=4, folds=2))
    held = outer_folds(project, by_time.replace_from({"folds": 2}))[-1].held
    flagged = project.any_ranking.flagged.copy()
    for item in held:
        project.journal.record([int(item)], "relabel", (int(project.labels[item]) + 1) % len(project.classes))
    project.rank()
    assert (project.any_ranking.flagged != flagged)[np.setdiff1d(np.arange(len(flagged)), held)].any()
    after = finish(tune_nested_in_steps(project, 2, recipe=by_time, space=space, trials=4, folds=2))
    assert any(recipe["suspects"] == "out" for recipe, _metrics in inner(project, before.folds[-1].tuning))
    assert inner(project, after.folds[-1].tuning) == inner(project, before.folds[-1].tuning)
    assert after.folds[-1].inner_accuracy == before.folds[-1].inner_accuracy
    assert after.folds[-1].outer_accuracy < before.folds[-1].outer_accuracy - 0.2  # but it is judged by those labels


def test_the_honest_figure_stands_beside_the_inner_one_and_its_tunings_are_one_line_in_the_list(project: Project) -> None:
    recipe = QUICK.replace_from({"validation": "stratified"})
    job = tune_nested_in_steps(project, 3, recipe=recipe, trials=2)
    while len([run for run in project.runs.all() if run.kind == "tuning"]) < 2:
        next(job)
    job.close()
    [stopped] = [run for run in project.runs.all() if run.kind == "nested_tuning"]
    assert stopped.state is RunState.CANCELLED
    found = finish(tune_nested_in_steps(project, 3, recipe=recipe, trials=2))
    assert found.run.id == stopped.id and found.run.state is RunState.DONE  # it went on
    assert len(found.folds) == 3 and len({one.tuning for one in found.folds}) == 3
    assert len([run for run in project.runs.all() if run.kind == "tuning"]) == 3
    m = found.run.metrics
    assert m["accuracy"] == pytest.approx(np.mean([one.outer_accuracy for one in found.folds]))
    assert m["hope"] == pytest.approx(np.mean([one.inner_accuracy - one.outer_accuracy for one in found.folds]))
    told = f"{percent(m['accuracy'], 1)} ± {percent(m['accuracy_spread'], 1)}"
    assert told in found.sentence and "optimistic" in found.sentence
    assert sum(one.items for one in found.folds) == int((~project.gold & (project.split != 2)).sum())
    assert [run.kind for run in listed(project.runs.all())] == ["initial", "nested_tuning"]
    with pytest.raises(BadcaseError, match="outer"):
        finish(tune_nested_in_steps(project, 1))


def test_one_that_was_stopped_goes_on_whatever_the_list_suspects_since(tmp_path: Path) -> None:
    """What a fold suspects is told by a ranking of what it may see, and that depends on the labels alone."""
    project = noisy_project(tmp_path, 240, wrong=0.2)[0]
    with project:
        rank_and_correct(project)
        job = tune_nested_in_steps(project, 2, recipe=QUICK, trials=1, folds=2)
        while not [run for run in project.runs.all() if run.kind == "trial"]:
            next(job)
        job.close()
        project.rank()
        finish(tune_nested_in_steps(project, 2, recipe=QUICK, trials=1, folds=2))
        assert [run.state for run in project.runs.all() if run.kind == "nested_tuning"] == [RunState.DONE]
