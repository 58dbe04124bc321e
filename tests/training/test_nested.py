"""A tuning within outer folds: what it is measured on is seen by nothing inside, and the honest figure stands beside the inner one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.journal import VerdictCode
from badcase.progress import finish
from badcase.project import Project
from badcase.runs import RunState
from tests.training.projects import noisy_project
from training.nested import tune_nested
from training.recipe import PRESETS
from training.search import Space
from training.tunings import listed, trials_of

QUICK = PRESETS["linear-head"].replace_from({"epochs": 4, "patience": 0, "minimum_epochs": 1})


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nested")
    made, _truth = noisy_project(folder, 240, wrong=0.2)
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
    return [(run.recipe, run.metrics, run.title) for run in trials_of(project.runs(), tuning)]


def test_the_outer_fold_is_seen_by_nothing_inside(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other labels on all that a fold holds out change nothing within it, the ranking's suspects among what is tried."""
    space = Space({"suspects": ("keep", "out"), "learning_rate": (0.3, 1.0)})
    before = finish(tune_nested(project, 2, recipe=QUICK, space=space, trials=4))
    first = before.folds[0]
    held = held_out(project)
    names = len(project.classes)
    for item in held:
        project.record([int(item)], "relabel", (int(project.labels[item]) + 1) % names)
    assert (project.verdicts[held] == VerdictCode.RELABEL).all()
    # Folds are drawn by class: the same ones again, although classes have changed.
    monkeypatch.setattr("training.nested.outer_folds", lambda *_a, _made=parts(project, held), **_k: _made)
    after = finish(tune_nested(project, 2, recipe=QUICK, space=space, trials=4))
    assert any(recipe["suspects"] == "out" for recipe, _m, _t in inner(project, first.tuning))
    assert [row[:2] for row in inner(project, after.folds[0].tuning)] == [row[:2] for row in inner(project, first.tuning)]
    assert after.folds[0].inner_accuracy == first.inner_accuracy
    assert after.folds[0].outer_accuracy < first.outer_accuracy - 0.2  # and it is judged by those labels


def held_out(project: Project) -> np.ndarray:
    from training.folding import outer_folds

    return outer_folds(project, QUICK.replace_from({"validation": "stratified", "folds": 2}))[0].held


def parts(project: Project, held: np.ndarray) -> list[object]:
    from training.division import Division

    usable = np.flatnonzero(~project.gold & (project.split != 2))
    rest = np.setdiff1d(usable, held)
    return [Division(rest, held), Division(held, rest)]


def test_the_honest_figure_stands_beside_the_inner_one_and_its_tunings_are_one_line_in_the_list(project: Project) -> None:
    job = tune_nested(project, 3, recipe=QUICK, trials=2)
    while len([run for run in project.runs() if run.kind == "tuning"]) < 2:
        next(job)
    job.close()
    [stopped] = [run for run in project.runs() if run.kind == "nested_tuning"]
    assert stopped.state is RunState.CANCELLED
    found = finish(tune_nested(project, 3, recipe=QUICK, trials=2))
    assert found.run.id == stopped.id and found.run.state is RunState.DONE  # it went on
    assert len(found.folds) == 3 and len({one.tuning for one in found.folds}) == 3
    assert len([run for run in project.runs() if run.kind == "tuning"]) == 3
    m = found.run.metrics
    assert m["accuracy"] == pytest.approx(np.mean([one.outer_accuracy for one in found.folds]))
    assert m["hope"] == pytest.approx(np.mean([one.inner_accuracy - one.outer_accuracy for one in found.folds]))
    assert f"{m['accuracy']:.4f} ± {m['accuracy_spread']:.4f}" in found.sentence and "hopeful" in found.sentence
    assert sum(one.items for one in found.folds) == int((~project.gold & (project.split != 2)).sum())
    assert [run.kind for run in listed(project.runs())] == ["initial", "nested_tuning"]
    with pytest.raises(BadcaseError, match="outer"):
        finish(tune_nested(project, 1))
