"""What a machine or the data do to a training: a sentence with a remedy, and the best checkpoint so far survives."""

from __future__ import annotations

import csv
import json
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.data.training_set import build_training_set
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.failures import named_faults
from badcase.training.run_folder.run_files import read_history
from badcase.training.runs.resume import recover_in_steps
from badcase.training.runs.train import train_in_steps
from badcase.training.tuning.trial_judge import TrialJudge
from badcase.training.tuning.trials import is_judged
from tests import warm
from tests.badcase.prediction.projects import image_project, trained_image_model

QUICK = Recipe(epochs=3, head_epochs=1, learning_rate=3e-3, batch_size=16)
NETWORK = Recipe(epochs=1, batch_size=16, freeze="nothing").settled("text")
ITEMS = dict.fromkeys(("bread", "rain", "dog"), "ttttttvvgg")
HEAD = PRESETS["linear-head"].replace_from({"epochs": 3, "patience": 0, "minimum_checks": 1}).settled("text")


@pytest.fixture
def images(tmp_path: Path) -> Project:
    with image_project(tmp_path, 45) as project:
        trained_image_model(tmp_path / "model", tmp_path / "data")
        project.predict(str(tmp_path / "model"))
        yield project


def texts(folder: Path, splits: dict[str, str]) -> Project:
    """A project of texts; splits: of each class, the split of each of its items by its first letter."""
    letters = {"t": "train", "v": "val", "g": "test"}
    rows = [
        [f"{name}{i}", f"{name} stands in line {i * 7}", name, letters[split]]
        for name, places in splits.items()
        for i, split in enumerate(places)
    ]
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label", "split"], *rows])
    project = Project.create(folder / "project", folder / "texts.csv")
    project.predict("chargrams")
    return project


def test_a_full_disk_a_read_only_one_and_no_memory_are_named_and_cost_no_epoch(images: Project, tmp_path: Path) -> None:
    if not shutil.which("unshare") or subprocess.run(["unshare", "--map-root-user", "--mount", "true"], check=False).returncode:
        pytest.skip("this machine lets no process have a file system of its own")
    images.close()
    (tmp_path / "mount").mkdir()
    done = warm.run("-m", "tests.training.short_of_everything", str(images.path), str(tmp_path / "mount"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert "the disk is full" in told["full"]["said"] and "--resume" in told["full"]["hint"]
    assert "cannot be written to" in told["read_only"]["said"] and "--resume" in told["read_only"]["hint"]
    assert "ran out of memory" in told["memory"]["said"] and "batch_size" in told["memory"]["hint"]
    for one in told.values():
        assert one["state"] == "failed" and one["kept"] and not one["half"]
        assert "the same numbers" in one["sameness"], "and it went on as if nothing had been"


@contextmanager
def small_files() -> Iterator[None]:
    """No file may grow as large as a checkpoint of NETWORK: to who writes one, that is a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("folds", [1, 2])
def test_a_disk_too_full_for_the_first_checkpoint_is_named_with_a_way_on_that_there_is(folds: int, tmp_path: Path) -> None:
    with texts(tmp_path, ITEMS) as project:
        recipe = NETWORK.replace_from({"validation": "stratified", "folds": folds})
        with small_files(), pytest.raises(BadcaseError, match="the disk is full") as caught:
            finish(train_in_steps(project, recipe, start="scratch"))
        assert "start the same command again" in caught.value.hint and "train PROJECT --resume" not in caught.value.hint
        assert "the disk is full" in project.runs.all()[-1].error
        assert finish(train_in_steps(project, recipe, start="scratch")).state is RunState.DONE


def test_a_full_disk_ends_a_tuning_and_is_no_result_of_the_trial_that_it_met(tmp_path: Path) -> None:
    with texts(tmp_path, ITEMS) as project:
        judge = TrialJudge(project, NETWORK, Start.SCRATCH, folds=2, seed=0, device=None, ends=float("inf"))
        best, rival = (judge.begin(NETWORK.replace_from({"epochs": epochs}), "", None) for epochs in (1, 2))
        finish(judge.measure(best, parts=1))
        with small_files(), pytest.raises(BadcaseError, match="the disk is full") as caught:
            finish(judge.race(best, rival))
        assert "badcase tune PROJECT --resume" in caught.value.hint
        row = project.runs.get(rival.run)
        assert row.state is RunState.FAILED and not is_judged(row), "so it is trained when the tuning goes on"


@pytest.mark.parametrize("take", [lambda: np.empty(1 << 50, np.uint8), lambda: torch.empty(1 << 50)])
def test_memory_that_there_is_not_is_named_whoever_asked_for_it(take: Callable[[], object], tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="ran out of memory"), named_faults(tmp_path):
        take()


def test_what_is_no_fault_of_the_machine_keeps_its_own_name(tmp_path: Path) -> None:
    for error in (RuntimeError("a mistake"), FileNotFoundError(2, "gone", "elsewhere"), PermissionError(13, "no", "/x")):
        with pytest.raises(type(error)), named_faults(tmp_path):
            raise error


def test_weights_that_ran_away_leave_the_checkpoint_from_before(images: Project) -> None:
    wild = {
        "learning_rate": 3.0,
        "optimizer": "sgd",
        "gradient_clip": 0.0,
        "epochs": 60,
        "freeze": "nothing",
        "momentum": 0.99,
        "warmup": 0.9,
        "weight_decay": 1.0,
    }
    with pytest.raises(BadcaseError, match="not finite"):
        finish(train_in_steps(images, QUICK.replace_from(wild).settled("image")))
    row = images.runs.all()[-1]
    assert row.state is RunState.FAILED and len(read_history(row.folder)) >= 1
    whole = finish(recover_in_steps(images, row.id))
    assert whole.state is RunState.DONE and np.isfinite(whole.metrics["validation_loss"])
    assert np.isfinite(np.load(whole.folder / "logits.npy")[images.gold]).all()


@pytest.mark.parametrize("changed", [{}, {"sampling": "balanced"}, {"class_weights": "balanced"}, {"label_smoothing": 0.1}])
def test_one_item_of_each_class_is_enough_to_train(changed: dict[str, object], tmp_path: Path) -> None:
    with texts(tmp_path, {"bread": "tvg", "rain": "tvg", "dog": "tvg"}) as project:
        for recipe, start in ((HEAD, "pretrained"), (QUICK.replace_from({"freeze": "nothing"}).settled("text"), "scratch")):
            run = finish(train_in_steps(project, recipe.replace_from(changed), start=start))
            assert run.state is RunState.DONE and all(np.isfinite(list(run.metrics.values())))


def test_a_class_that_only_gold_or_only_validation_has_leaves_every_measure_finite(tmp_path: Path) -> None:
    with texts(tmp_path, {"bread": "tttvg", "rain": "tttvg", "dog": "ggg", "fish": "vv"}) as project:
        for changed in ({}, {"sampling": "balanced"}, {"class_weights": "balanced"}):
            run = finish(train_in_steps(project, HEAD.replace_from(changed)))
            assert run.state is RunState.DONE and all(np.isfinite(list(run.metrics.values())))
            assert np.isfinite(np.load(run.folder / "logits.npy")[project.gold]).all()


def test_one_item_of_each_class_and_no_more_trains_on_what_it_does_not_judge_by(tmp_path: Path) -> None:
    with texts(tmp_path, {"bread": "t", "rain": "t", "dog": "t"}) as project:
        training_set = build_training_set(project, HEAD)
        assert len(training_set.train) + len(training_set.validation) == 3 and len(training_set.validation) >= 1
        run = finish(train_in_steps(project, HEAD))
        assert run.state is RunState.DONE and all(np.isfinite(list(run.metrics.values())))
