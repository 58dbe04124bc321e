"""A training that looks at its validation items several times an epoch: the same steps, more looks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.progress import Progress, finish
from badcase.project import Project
from badcase.store.training_dynamics import read_margins
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.epoch_parts import parts
from badcase.training.run_folder.run_files import read_history
from badcase.training.runs.plan import plan
from badcase.training.runs.train import train_in_steps
from tests.training.projects import noisy_project

ONE_EPOCH = (
    PRESETS["linear-head"]
    .replace_from({"epochs": 1, "batch_size": 8, "patience": 0, "minimum_checks": 1, "learning_rate": 1.0})
    .settled("text")
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("parts"))
    yield made
    made.close()


def test_the_parts_of_an_epoch_have_each_of_its_batches_once() -> None:
    for items, size, accumulate, checks in itertools.product((1, 7, 100, 101), (1, 8, 64), (1, 3), (1, 2, 5)):
        recipe = Recipe(epochs=2, batch_size=size, accumulate=accumulate, checks=checks)
        batches = -(-items // size)
        steps = -(-batches // accumulate)
        if checks > steps:
            continue
        made = parts(recipe, items)
        sizes = [len(one) for one in np.array_split(np.arange(items), batches)]
        assert [part.number for part in made] == list(range(1, 2 * checks + 1))
        for epoch in (1, 2):
            own = [part for part in made if part.epoch == epoch]
            assert [place for part in own for place in range(part.begin, part.end)] == list(range(batches))
            assert all(part.begin % accumulate == 0 and part.begin < part.end for part in own)
            assert [part.items for part in own] == [(epoch - 1) * items + sum(sizes[: part.begin]) for part in own]
            assert [part.steps for part in own] == [(epoch - 1) * steps + part.begin // accumulate for part in own]


def test_a_single_epoch_is_looked_at_on_its_way_and_ends_where_it_would_have(project: Project) -> None:
    plain, often = (finish(train_in_steps(project, ONE_EPOCH.replace_from({"checks": checks}))) for checks in (1, 5))
    one, looks = read_history(plain.folder), read_history(often.folder)
    assert len(one) == 1 and len(looks) == 5
    assert [look["epoch"] for look in looks] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0], abs=0.05)
    assert looks[-1]["epoch"] == 1.0 and looks[-1]["step"] == one[0]["step"]
    for name in ("validation_loss", "accuracy", "learning_rate"):
        assert looks[-1][name] == one[0][name], "it is the same training"
    best = min(looks, key=lambda look: look["validation_loss"])
    assert often.metrics["best_epoch"] == best["epoch"] and often.metrics["validation_loss"] == best["validation_loss"]
    margins = [read_margins(project, run) for run in (plain, often)]
    np.testing.assert_array_equal(*margins)  # an epoch has one row, however often it is looked at


def test_a_single_epoch_stops_early(project: Project) -> None:
    hasty = ONE_EPOCH.replace_from({"checks": 10, "patience": 2, "learning_rate": 10.0, "plateau_guard": False})
    run = finish(train_in_steps(project, hasty))
    assert 0 < run.metrics["best_epoch"] < run.metrics["epochs"] < 1
    assert len(read_history(run.folder)) < 10 and np.isfinite(np.load(run.folder / "logits.npy")[project.gold]).all()


def test_progress_never_goes_back_within_an_epoch(project: Project) -> None:
    job = train_in_steps(project, ONE_EPOCH.replace_from({"checks": 4, "epochs": 2}))
    steps = [event for event in job if isinstance(event, Progress) and "step" in event.values]
    at = [event.values["epoch"] for event in steps]
    assert at == sorted(at) and at[-1] == 2.0
    assert [event.values["step"] for event in steps] == sorted(event.values["step"] for event in steps)


def test_more_checks_than_steps_are_refused_before_anything_is_trained(project: Project, tmp_path: Path) -> None:
    for ask in (plan, train_in_steps):
        with pytest.raises(BadcaseError, match="more checks than steps") as caught:
            made = ask(project, ONE_EPOCH.replace_from({"checks": 900}))
            finish(made)
        assert caught.value.where == "checks" and caught.value.hint
