"""Nothing that is held out says a thing of what is learnt: on labels drawn by lot nothing looks better than chance."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from badcase.progress import Notice, finish
from badcase.project import Project
from badcase.store.run_table import RunRow
from badcase.training.comparison.measure_retrain_gain import expected_gain
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.training_set import TrainingSet
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.enums import Start
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.train import train_in_steps
from badcase.training.tuning.tune import tune_in_steps
from tests.training.projects import noisy_project, taught

HEAD = PRESETS["linear-head"].replace_from({"epochs": 8})
N, CLUSTERS, CHANCE = 600, 20, 1 / 2


@pytest.fixture(scope="module")
def by_lot(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Texts of twenty kinds whose labels a coin has drawn, in half as many for training as for validation."""
    folder, rng = tmp_path_factory.mktemp("lot"), np.random.default_rng(3)
    kinds = ["".join(rng.choice(list("abcdefghijklmnop"), 8)) for _kind in range(CLUSTERS)]
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "label", "split"])
        for i in range(N):
            split = "test" if i % 10 == 0 else "val" if i % 10 < 7 else "train"
            rows.writerow([f"t{i}", f"{i} {kinds[rng.integers(CLUSTERS)]} {rng.integers(10_000)}", "ab"[rng.integers(2)], split])
    project = Project.create(folder / "project", folder / "texts.csv")
    project.predict("chargrams")
    project.rank()
    return project


def tuned(project: Project) -> RunRow:
    return finish(tune_in_steps(project, recipe=HEAD, trials=2, folds=2)).best


WAYS: dict[str, Callable[[Project], RunRow]] = {
    "soft": lambda project: finish(train_in_steps(project, HEAD)),
    "out": lambda project: finish(train_in_steps(project, HEAD.replace_from({"suspects": "out"}))),
    "its own hold-out": lambda project: finish(
        train_in_steps(project, HEAD.replace_from({"suspects": "out", "validation": "stratified", "holdout_share": 0.49}))
    ),
    "folds": lambda project: finish(train_in_steps(project, HEAD.replace_from({"folds": 2}))),
    "tuned": tuned,
}


@pytest.mark.parametrize("way", WAYS)
def test_on_labels_by_lot_no_training_looks_better_than_chance(by_lot: Project, way: str) -> None:
    """The ranking of the project knows the validation labels; a training that goes by it beats chance."""
    row = WAYS[way](by_lot)
    assert row.metrics["accuracy"] < CHANCE + 3 * np.sqrt(CHANCE * (1 - CHANCE) / 264)  # the fewest that measure any
    assert row.metrics["validation_loss"] > np.log(2) - 0.02


def test_on_labels_by_lot_no_gain_is_promised(by_lot: Project) -> None:
    gain = finish(expected_gain(by_lot))
    assert gain is not None and gain.items == 360 and not gain.expected


RECIPES = [
    HEAD.replace_from(changes)
    for changes in (
        {},
        {"suspects": "out"},
        {"suspects": "keep", "unsure": "soft"},
        {"suspects": "keep", "soft_labels": True},
        {"validation": "stratified", "holdout_share": 0.3},
        {"validation": "stratified", "holdout_share": 0.3, "suspects": "out"},
    )
]


def test_what_is_learnt_is_the_same_whatever_is_said_of_the_items_held_out(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path, 300, wrong=0.2)
    with project:
        items = np.flatnonzero(~project.gold & (project.split == 0))
        project.journal.record(items[:5].tolist(), "unsure", who="ann")
        for who, step in (("ann", 1), ("bob", 2)):
            labels = (project.given[items[5:12]] + step) % 3
            project.journal.record(items[5:12].tolist(), "relabel", labels.tolist(), who=who)
        revision = project.revision

        def learnt(recipes: list[Recipe], within: np.ndarray | None = None) -> list[TrainingSet]:
            for kept in project.predictions.current.folder.glob("trust-*"):
                shutil.rmtree(kept)
            specs = [RunSpec(one, Start.PRETRAINED, 0, revision, project.predictions.current, within=within) for one in recipes]
            return [finish(spec.weighed(project)).training_set(project) for spec in specs]

        project.rank()
        for made in (learnt(RECIPES), learnt(RECIPES, items[: len(items) // 2])):
            assert made[0].soft > 0 and made[1].suspects > 0 and made[4].soft > 0 and made[5].suspects > 0
        for recipes in (RECIPES[:4], RECIPES[4:]):  # those that hold out the same items
            before = learnt(recipes)
            held = before[0].validation.items
            for who in ("ann", "bob"):
                project.journal.record(held.tolist(), "relabel", ((project.given[held] + 1) % 3).tolist(), who=who)
            project.rank()
            for one, other in zip(before, learnt(recipes), strict=True):
                np.testing.assert_array_equal(one.validation.items, held)  # and thins none of them out
                for name in ("items", "labels", "weights"):
                    np.testing.assert_array_equal(getattr(one.train, name), getattr(other.train, name))
                if one.soft:
                    np.testing.assert_array_equal(taught(one.train), taught(other.train))
            project.journal.undo()
            project.journal.undo()


def test_where_the_model_in_use_has_learnt_validation_items_that_is_said(tmp_path: Path) -> None:
    """It had divided the items anew; the split of the data, by which the next training is measured, was not asked about."""
    project, _truth = noisy_project(tmp_path, 120, wrong=0.1)
    quick = HEAD.replace_from({"suspects": "keep", "epochs": 1})

    def told(recipe: Recipe, start: str) -> tuple[list[str], RunRow]:
        job, said = train_in_steps(project, recipe, start=start), []
        while True:
            try:
                event = next(job)
            except StopIteration as stop:
                return said, stop.value
            said += [event.text] if isinstance(event, Notice) else []

    with project:
        before, _run = told(quick, "current")
        assert not any("held-out labels" in text for text in before)
        _said, run = told(quick.replace_from({"validation": "stratified"}), "pretrained")
        finish(accept_in_steps(project, run.id))
        after, _run = told(quick, "current")
        assert any("held-out labels" in text for text in after)
