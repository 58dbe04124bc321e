"""A training: better after correction, the same twice, whole when it ends and nothing lost when it does not."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from badcase.errors import BadcaseError
from badcase.progress import Notice, Progress, finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.comparison.compare import compare
from badcase.training.data.training_set import build_training_set
from badcase.training.diagnosis.diagnose import diagnose
from badcase.training.metrics.single_label import measure
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run_files import read_history
from badcase.training.run_folder.user_function import trust_typed
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.plan import plan
from badcase.training.runs.resume import recover_in_steps
from badcase.training.runs.train import train_in_steps
from tests import warm
from tests.badcase.models.networks import save_image_model, save_text_model
from tests.badcase.prediction.projects import colour_images, image_project, trained_image_model
from tests.training.projects import correct, noisy_project, take

QUICK = Recipe(epochs=4, head_epochs=1, learning_rate=3e-3, batch_size=16)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, np.ndarray]:
    project, truth = noisy_project(tmp_path_factory.mktemp("texts"))
    yield project, truth
    project.close()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("images")
    project = image_project(folder, 60)
    trained_image_model(folder / "model", folder / "data")
    project.predict(str(folder / "model"))
    yield project
    project.close()


def test_retraining_after_correction_beats_the_first_model_on_gold_it_never_saw(tmp_path: Path) -> None:
    project, truth = noisy_project(tmp_path, 600)
    with project:
        correct(project, truth, np.flatnonzero(~project.gold))
        assert plan(project).corrections == project.journal.counts().fixed > 100
        run = finish(train_in_steps(project))
        found = compare(project, 1, run.id)
        print("accuracy on gold before and after:", found.measures[0].a, found.measures[0].b)
        assert found.better, found.verdict
        assert run.state is RunState.DONE and run.parent == 1 and run.revision == project.revision


def test_a_run_is_a_folder_that_says_all_that_is_needed_to_repeat_it(texts: tuple[Project, np.ndarray]) -> None:
    project, _truth = texts
    run = finish(train_in_steps(project, seed=3))
    names = {path.name for path in run.folder.iterdir()}
    assert names >= {"recipe.toml", "history.jsonl", "meta.json", "notes.md", "model", "logits.npy"}
    assert "best.safetensors" not in names and not [name for name in names if name.endswith(".tmp")]
    assert Recipe.load(run.folder / "recipe.toml").values() == run.recipe
    meta = json.loads((run.folder / "meta.json").read_text())
    assert (meta["seed"], meta["revision"], meta["device"]) == (3, project.revision, "cpu")
    assert meta["precision"] == "float32" and "It ran in float32 on cpu." in (run.folder / "notes.md").read_text()
    assert set(meta["versions"]) >= {"torch", "python", "numpy"}
    history = read_history(run.folder)
    assert [epoch["epoch"] for epoch in history] == list(range(1, len(history) + 1))
    assert set(history[0]) >= {
        "train_loss",
        "validation_loss",
        "accuracy",
        "macro_f1",
        "learning_rate",
        "gradient_norm",
        "rate",
        "step",
    }
    logits = np.load(run.folder / "logits.npy")
    assert logits.dtype == np.float16 and np.isfinite(logits[project.split != 0]).all()
    assert np.isnan(logits[project.split == 0]).all()
    assert "Parent: run 1" in (run.folder / "notes.md").read_text()


def test_one_seed_decides_everything(texts: tuple[Project, np.ndarray], images: Project) -> None:
    head = PRESETS["linear-head"]
    for project, recipe in ((texts[0], head), (texts[0], head.replace_from({"dropout": 0.2})), (images, QUICK)):
        first, again, other = (finish(train_in_steps(project, recipe, seed=seed)) for seed in (7, 7, 8))
        logits = [np.load(run.folder / "logits.npy") for run in (first, again, other)]
        np.testing.assert_array_equal(logits[0], logits[1])
        assert not np.array_equal(logits[0], logits[2], equal_nan=True)


def test_the_seed_decides_augmentation_too_and_the_number_of_loader_threads_nothing(images: Project) -> None:
    recipe = QUICK.replace_from({"flip": True, "crop": 0.2, "epochs": 3})
    cores = os.sched_getaffinity(0)
    made = []
    for allowed in (cores, {min(cores)}):
        os.sched_setaffinity(0, allowed)
        try:
            made.append(np.load(finish(train_in_steps(images, recipe, seed=4)).folder / "logits.npy"))
        finally:
            os.sched_setaffinity(0, cores)
    np.testing.assert_array_equal(*made)
    other = np.load(finish(train_in_steps(images, recipe.replace_from({"flip": False}), seed=4)).folder / "logits.npy")
    assert not np.array_equal(made[0], other, equal_nan=True)


def test_accepting_makes_the_model_current_and_its_predictions_those_of_the_run(texts: tuple[Project, np.ndarray]) -> None:
    project, _truth = texts
    run = finish(train_in_steps(project, seed=5))
    assert project.runs.current is not None and project.runs.current.id != run.id
    made = finish(accept_in_steps(project, run.id, alone=True))
    assert project.runs.current.id == run.id and project.predictions.current.id == made.id
    assert project.runs.get(run.id).accepted
    held = project.split != 0
    np.testing.assert_allclose(np.load(run.folder / "logits.npy")[held], made.logits[held], atol=0.02)
    back = finish(accept_in_steps(project, 1))
    assert project.runs.current.id == 1 and back.id == made.id + 1


@pytest.mark.parametrize("start", ["current", "pretrained", "scratch"])
def test_a_network_trains_from_every_start_and_loads_again_with_transformers(images: Project, start: str) -> None:
    recipe = QUICK if start != "scratch" else QUICK.replace_from({"freeze": "nothing"}).settled("image")
    run = finish(train_in_steps(images, recipe, start=start))
    assert run.metrics["accuracy"] > 0.6
    from transformers import AutoModelForImageClassification

    network = AutoModelForImageClassification.from_pretrained(run.folder / "model")
    assert tuple(network.config.id2label.values()) == images.classes


def test_the_head_of_a_users_own_network_can_be_trained_alone(images: Project) -> None:
    run = finish(train_in_steps(images, PRESETS["linear-head"]))
    made = finish(accept_in_steps(images, run.id))
    held = images.split != 0
    np.testing.assert_allclose(np.load(run.folder / "logits.npy")[held], made.logits[held], atol=0.05)
    assert "linear head" in run.title and run.recipe["method"] == "linear_head"
    finish(accept_in_steps(images, 1))


def test_a_model_with_its_classes_in_another_order_is_trained_in_the_projects(tmp_path: Path) -> None:
    colour_images(tmp_path / "data", 60)
    trained_image_model(tmp_path / "model", tmp_path / "data", ["red", "blue", "green"])
    with Project.create(tmp_path / "project", tmp_path / "data") as project:
        project.predict(str(tmp_path / "model"))
        for recipe, start in ((QUICK, "current"), (PRESETS["linear-head"], "current")):
            run = finish(train_in_steps(project, recipe, start=start))
            assert run.metrics["accuracy"] > 0.9
            made = finish(accept_in_steps(project, run.id))
            assert (made.logits.argmax(1) == project.labels).mean() > 0.9


def test_a_text_network_trains(tmp_path: Path) -> None:
    from tests.training.projects import write_noisy_texts

    write_noisy_texts(tmp_path / "texts.csv", 90, wrong=0.0)
    save_text_model(tmp_path / "model", "Bert", ["animals", "food", "weather"])
    with Project.create(tmp_path / "project", tmp_path / "texts.csv") as project:
        project.predict(str(tmp_path / "model"))
        run = finish(
            train_in_steps(project, QUICK.replace_from({"dropout": 0.0, "accumulate": 2, "learning_rate": 1e-2, "epochs": 40}))
        )
        history = read_history(run.folder)
        assert history[-1]["train_loss"] < 0.9 * history[0]["train_loss"]  # it knows two words in six


def test_a_network_without_dropout_refuses_the_knob_and_the_run_says_so(tmp_path: Path) -> None:
    colour_images(tmp_path / "data", 30)
    save_image_model(tmp_path / "model", "ResNet", ["blue", "green", "red"])
    with Project.create(tmp_path / "project", tmp_path / "data") as project:
        project.predict(str(tmp_path / "model"))
        with pytest.raises(BadcaseError, match="dropout"):
            finish(train_in_steps(project, QUICK.replace_from({"dropout": 0.5})))
        failed = project.runs.all()[-1]
        assert failed.state is RunState.FAILED and "dropout" in failed.error
        run = finish(train_in_steps(project, QUICK.replace_from({"learning_rate": 1e-6, "head_learning_rate": 1e-6})))
        remedies = [remedy for finding in diagnose(project, run.id) for remedy in finding.remedies]
        assert remedies and not any("dropout" in remedy.changes for remedy in remedies)


def test_a_start_that_makes_no_sense_is_refused_before_a_run_is_made(images: Project) -> None:
    before = len(images.runs.all())
    for recipe, start, where in (
        (PRESETS["linear-head"], "scratch", "start"),
        (QUICK, "scratch", "freeze"),
        (QUICK, "anew", "start"),
    ):
        with pytest.raises(BadcaseError) as caught:
            finish(train_in_steps(images, recipe, start=start))
        assert caught.value.where == where
    assert len(images.runs.all()) == before


def test_a_loss_that_is_not_finite_ends_the_run_by_the_name_of_its_step(images: Project) -> None:
    wild = QUICK.replace_from(
        {
            "learning_rate": 10.0,
            "optimizer": "sgd",
            "gradient_clip": 0.0,
            "epochs": 40,
            "freeze": "nothing",
            "momentum": 0.99,
            "warmup": 0.0,
        }
    ).settled("image")
    wild = wild.replace_from({"weight_decay": 10.0})
    with pytest.raises(BadcaseError, match="not finite") as caught:
        finish(train_in_steps(images, wild))
    assert "step" in caught.value.where and "learning rate" in caught.value.hint
    assert images.runs.all()[-1].state is RunState.FAILED and "step" in images.runs.all()[-1].error


def test_a_cancelled_run_is_marked_and_its_best_checkpoint_makes_a_whole_run(images: Project) -> None:
    job = train_in_steps(images, QUICK.replace_from({"epochs": 50}))
    while "validation_loss" not in getattr(step := next(job), "values", {}):
        assert isinstance(step, Progress | Notice)
    take(job, 3)
    job.close()
    row = images.runs.all()[-1]
    assert row.state is RunState.CANCELLED and row.finished
    assert (row.folder / "best.safetensors").exists()
    whole = finish(recover_in_steps(images, row.id))
    assert whole.state is RunState.DONE and whole.metrics["epochs"] == len(read_history(row.folder))
    assert (row.folder / "model" / "model.safetensors").exists()
    assert np.isfinite(np.load(row.folder / "logits.npy")[images.gold]).all()


def test_a_head_is_recovered_on_the_features_it_learnt_from_though_another_model_is_in_use_now(tmp_path: Path) -> None:
    with image_project(tmp_path, 60) as project:
        trained_image_model(tmp_path / "model", tmp_path / "data")
        project.predict(str(tmp_path / "model"))
        job = train_in_steps(project, PRESETS["linear-head"].replace_from({"learning_rate": 5, "epochs": 1000}))
        while getattr(next(job), "values", {}).get("epoch") != 12:
            pass
        job.close()
        stopped = project.runs.all()[-1]
        other = QUICK.replace_from({"freeze": "nothing", "learning_rate": 0.02}).settled("image")
        finish(accept_in_steps(project, finish(train_in_steps(project, other, start="scratch")).id))
        whole = finish(recover_in_steps(project, stopped.id))
        rows = build_training_set(project, Recipe().replace_from(stopped.recipe)).validation
        kept = measure(np.load(whole.folder / "logits.npy")[rows.items], rows.labels)
        assert kept["validation_loss"] == pytest.approx(whole.metrics["validation_loss"], abs=2e-3)


def test_a_run_cancelled_before_its_first_checkpoint_cannot_be_accepted(images: Project) -> None:
    job = train_in_steps(images, QUICK)
    take(job, 2)
    job.close()
    with pytest.raises(BadcaseError, match="no model to accept"):
        finish(accept_in_steps(images, images.runs.all()[-1].id))


def test_killing_the_process_in_the_middle_leaves_the_project_whole_and_the_best_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path
    with image_project(folder, 45) as project:
        trained_image_model(folder / "model", folder / "data")
        project.predict(str(folder / "model"))
        item = int(np.flatnonzero(project.split == 0)[0])
        project.journal.record([item], "exclude")
    code = (
        "import sys; from badcase.project import Project; from badcase.progress import finish\n"
        "from badcase.training.runs.train import train_in_steps; from badcase.training.recipe import Recipe\n"
        f"p = Project.open({str(folder / 'project')!r})\n"
        "finish(train_in_steps(p, Recipe(epochs=5000, patience=0, learning_rate=1e-3)))"
    )
    process = warm.Python("-c", code)
    history = folder / "project" / "runs" / "2" / "history.jsonl"
    try:
        ends = time.monotonic() + 60
        while not history.exists() or len(history.read_text().splitlines()) < 3:
            assert process.poll() is None and time.monotonic() < ends
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with Project.open(folder / "project") as project:
        row = project.runs.get(2)
        assert row.state is RunState.FAILED and row.error
        assert project.journal.counts().excluded == 1
        assert (row.folder / "best.safetensors").exists() and len(read_history(row.folder)) >= 3
        finish(accept_in_steps(project, 2))
        assert project.runs.current is not None and project.runs.current.id == 2


MEMORY: dict[str, Any] = {"holds": 1000, "refused": []}  # how many items have room, and how many were too many


def within_memory(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    if len(logits) > MEMORY["holds"]:
        MEMORY["refused"].append(len(logits))
        raise torch.OutOfMemoryError("CUDA out of memory")
    return torch.nn.functional.cross_entropy(logits, targets, reduction="none")


def test_memory_that_runs_out_costs_smaller_parts_and_not_the_epoch(images: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device is the one thing that is pretended here: a CPU does not run out of memory when asked to."""
    own = {"loss": "own", "loss_function": f"{__name__}:within_memory", "label_smoothing": 0.0}
    trust_typed(own, images.path)
    whole = finish(train_in_steps(images, QUICK.replace_from(own), seed=1))
    monkeypatch.setitem(MEMORY, "holds", 4)
    parts = finish(train_in_steps(images, QUICK.replace_from(own), seed=1))
    assert MEMORY["refused"] == [16, 8]
    a, b = (np.load(run.folder / "logits.npy")[images.gold] for run in (whole, parts))
    np.testing.assert_allclose(a, b, atol=0.01)


def test_early_stopping_waits_for_its_minimum_and_keeps_the_best(texts: tuple[Project, np.ndarray]) -> None:
    hasty = PRESETS["linear-head"].replace_from({"patience": 1, "learning_rate": 10, "minimum_checks": 6})
    run = finish(train_in_steps(texts[0], hasty))
    history = read_history(run.folder)
    assert 6 <= len(history) < hasty.epochs
    best = min(range(len(history)), key=lambda i: history[i]["validation_loss"])
    assert run.metrics["best_epoch"] == best + 1
    rows = build_training_set(texts[0], hasty).validation
    kept = measure(np.load(run.folder / "logits.npy")[rows.items], rows.labels)
    assert kept["validation_loss"] == pytest.approx(history[best]["validation_loss"], abs=1e-3)


def test_the_plan_tells_of_batches_and_of_two_cures_for_one_ill(texts: tuple[Project, np.ndarray]) -> None:
    head = PRESETS["linear-head"]

    def told(**changes: object) -> str:
        return " ".join(plan(texts[0], head.replace_from(changes)).sentences)

    assert "learns from 96 items: 3 batches of 32" in told(batch_size=32, accumulate=3)
    assert "no multiple of 16" in told(batch_size=50) and "than at 48" in told(batch_size=50)
    assert "twice over" in told(sampling="balanced", class_weights="balanced")
    plain = told(batch_size=32, sampling="balanced") + told(batch_size=8)
    assert not any(words in plain for words in ("learns from", "multiple of 16", "twice over"))
    with pytest.raises(BadcaseError, match="never act") as caught:
        plan(texts[0], head.replace_from({"epochs": 5, "minimum_checks": 6}))
    assert caught.value.where == "minimum_checks"
    plan(texts[0], head.replace_from({"epochs": 5}))  # whose preset asks for ten


def test_the_plan_says_what_the_training_then_does(texts: tuple[Project, np.ndarray]) -> None:
    project, _truth = texts
    said = plan(project, PRESETS["linear-head"].replace_from({"label_smoothing": 0.1}))
    run = finish(train_in_steps(project, said.recipe))
    assert run.title == said.title and run.start == said.start
    meta = json.loads((run.folder / "meta.json").read_text())
    assert meta["items_seen"] == said.train_items * len(read_history(run.folder))
    assert said.seconds is not None and said.seconds > 0
    assert any(str(said.train_items) in sentence for sentence in said.sentences)
