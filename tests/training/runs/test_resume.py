"""A run that was stopped goes on as if nothing had been, and a run that ended can be had again to the last digit."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.progress import Notice, Progress, finish
from badcase.project import Project
from badcase.store.run_table import RunRow, RunState
from badcase.store.training_dynamics import read_margins
from badcase.training.data.run_spec import RunSpec
from badcase.training.diagnosis.diagnose import diagnose
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.item_dynamics import ITEM_LOSS
from badcase.training.run_folder.run_files import CHECKPOINT, HISTORY, LOGITS, META, RECIPE, STATE, read_history
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.plan import plan
from badcase.training.runs.resume import TIMED, repeat_in_steps, resume_in_steps, sameness
from badcase.training.runs.train import train_in_steps
from tests import warm
from tests.badcase.prediction.projects import image_project, predicted_images, trained_image_model
from tests.training.projects import noisy_project, rank_and_correct

HEAD = PRESETS["linear-head"].replace_from({"epochs": 8, "patience": 0, "minimum_checks": 1}).settled("text")
FINE = Recipe(epochs=6, head_epochs=1, learning_rate=3e-3, batch_size=16)
SWITCHED = FINE.replace_from({"optimizer": "adam_then_sgd", "switch_epoch": 4})
STAGES = FINE.replace_from({"freeze": "by_stage", "unfreeze_stages": 2, "unfreeze_every": 2, "head_epochs": 1})
HASTY = HEAD.replace_from({"epochs": 30, "patience": 2, "learning_rate": 10})
STALLED = HEAD.replace_from({"optimizer": "adam_then_sgd", "learning_rate": 0.3})
# What is trained, by which recipe, and after which epoch it is stopped.
STOPPED = {
    "a linear head": ("texts", HEAD, 3),
    "a linear head whose epochs do not meet every item": ("texts", HEAD.replace_from({"sampling": "balanced"}), 1),
    "all parts of a network": ("images", FINE, 3),
    "random augmentation": ("images", FINE.replace_from({"flip": True, "mixup": 0.4, "erase": 0.3}), 2),
    "an average of weights": ("images", FINE.replace_from({"averaging": 0.9}), 3),
    "Adam that SGD follows later": ("images", SWITCHED, 2),
    "SGD after Adam": ("images", SWITCHED, 5),
    "Adam that will stall": ("texts", STALLED, 3),
    "SGD that follows where Adam stalled": ("texts", STALLED, 6),
    "the only epoch": ("texts", HEAD.replace_from({"epochs": 1, "checks": 4, "batch_size": 16}), 2),
    "an epoch of several": ("images", FINE.replace_from({"checks": 3, "batch_size": 4}), 7),
    "the head alone": ("images", STAGES, 1),
    "half of the layers": ("images", STAGES, 2),
    "the last stage": ("images", STAGES, 5),
    "adapters, and their average": ("images", FINE.replace_from({"method": "lora", "averaging": 0.9, "accumulate": 2}), 3),
    "a run that patience ends": ("texts", HASTY, 3),
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("texts"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with predicted_images(tmp_path_factory.mktemp("images"), 45) as project:
        yield project


@pytest.fixture
def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each epoch leave its state, however short it is beside the writing."""
    monkeypatch.setattr("badcase.training.run_folder.run.WRITING", math.inf)


def stopped_after(project: Project, recipe: Recipe, epoch: int, seed: int = 0) -> RunRow:
    """A run that was cancelled in the epoch after this one."""
    job = train_in_steps(project, recipe, seed=seed)
    while not over(next(job), epoch):
        pass
    for _step in range(2):
        next(job)
    job.close()
    row = project.runs.all()[-1]
    assert row.state is RunState.CANCELLED and (row.folder / STATE).exists()
    return row


def over(event: Progress | Notice, epoch: int) -> bool:
    return isinstance(event, Progress) and "validation_loss" in event.values and event.done >= epoch


def numbers(row: RunRow) -> list[dict[str, float]]:
    return [{name: value for name, value in epoch.items() if name not in TIMED} for epoch in read_history(row.folder)]


def assert_same(project: Project, first: RunRow, second: RunRow) -> None:
    assert numbers(first) == numbers(second)
    for name in (LOGITS, ITEM_LOSS):
        np.testing.assert_array_equal(np.load(first.folder / name), np.load(second.folder / name))
    margins = [read_margins(project, row) for row in (first, second)]
    assert margins[0] is not None and margins[0].shape[1] == math.ceil(numbers(first)[-1]["epoch"])
    np.testing.assert_array_equal(*margins)
    clock = {"seconds": 0.0}
    assert first.metrics | clock == second.metrics | clock
    assert "the same numbers" in sameness(first, second)


@pytest.mark.usefixtures("every_epoch")
@pytest.mark.parametrize("what", list(STOPPED))
def test_what_was_stopped_ends_as_if_it_had_not_been(what: str, request: pytest.FixtureRequest) -> None:
    kind, recipe, epoch = STOPPED[what]
    project: Project = request.getfixturevalue(kind)
    whole = finish(train_in_steps(project, recipe, seed=2))
    stopped = stopped_after(project, recipe, epoch, seed=2)
    assert epoch < len(numbers(whole)) and (numbers(whole)[-1]["epoch"] < recipe.epochs) == (recipe is HASTY)
    resumed = finish(resume_in_steps(project, stopped.id))
    assert resumed.id == stopped.id and resumed.state is RunState.DONE and not resumed.error
    assert_same(project, whole, resumed)
    assert not (resumed.folder / STATE).exists()
    done = round(numbers(whole)[epoch - 1]["epoch"], 2)
    assert f"went on after epoch {done:g}." in (resumed.folder / "notes.md").read_text()


def test_a_run_that_was_stopped_at_its_very_end_is_only_concluded(texts: Project) -> None:
    whole = finish(train_in_steps(texts, HEAD))
    job = train_in_steps(texts, HEAD)
    while getattr(next(job), "name", "") != "Predicting the hold-out":
        pass
    job.close()
    stopped = texts.runs.all()[-1]
    assert len(read_history(stopped.folder)) == HEAD.epochs
    assert_same(texts, whole, finish(resume_in_steps(texts, stopped.id)))


def test_what_a_kill_left_goes_on(tmp_path: Path) -> None:
    with image_project(tmp_path, 45) as project:
        trained_image_model(tmp_path / "model", tmp_path / "data")
        project.predict(str(tmp_path / "model"))
        whole = finish(train_in_steps(project, FINE, seed=3))
        path = project.path
    code = (
        "import os, signal, sys; from badcase.project import Project; from badcase.training.recipe import Recipe\n"
        "from badcase.training.runs.train import train_in_steps\n"
        f"job = train_in_steps(Project.open({str(path)!r}), Recipe(**{FINE.values()!r}), seed=3)\n"
        "while not (getattr(step := next(job), 'values', {}).get('epoch', 0) > 3.2):\n    pass\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert warm.run("-c", code).returncode == -signal.SIGKILL
    with Project.open(path) as project:
        left = project.runs.all()[-1]
        assert left.state is RunState.FAILED and len(read_history(left.folder)) == 3
        assert_same(project, whole, finish(resume_in_steps(project, left.id)))


def test_a_run_goes_on_by_the_labels_it_began_with(texts: Project) -> None:
    whole = finish(train_in_steps(texts, HEAD))
    stopped = stopped_after(texts, HEAD, 1)
    items = np.flatnonzero((texts.split == 0) & ~texts.gold)[:5]
    for item in items:
        texts.journal.record([int(item)], "relabel", int((texts.labels[item] + 1) % 3))
    assert_same(texts, whole, finish(resume_in_steps(texts, stopped.id)))
    for _item in items:
        texts.journal.undo()


def test_what_cannot_go_on_is_refused_with_a_remedy(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path, 90)
    with project:
        done = finish(train_in_steps(project, HEAD))
        with pytest.raises(BadcaseError, match="finished") as caught:
            finish(resume_in_steps(project, done.id))
        assert f"--repeat {done.id}" in caught.value.hint
        with pytest.raises(BadcaseError, match="only the training of one model"):
            finish(repeat_in_steps(project, 1))
        job = train_in_steps(project, HEAD)
        for _step in range(3):
            next(job)
        job.close()
        with pytest.raises(BadcaseError, match="no checkpoint to resume from") as caught:
            finish(resume_in_steps(project, done.id + 1))
        assert caught.value.hint and project.runs.get(done.id + 1).state is RunState.CANCELLED
        project.journal.record([int(np.flatnonzero(project.split == 0)[0])], "unsure")
        stopped = stopped_after(project, HEAD.replace_from({"unsure": "soft"}), 1)
        project.journal.record([int(np.flatnonzero(project.split == 0)[1])], "keep")
        (stopped.folder / "doubts.npz").unlink()
        project.rank()  # what is believed comes from it where the run does not know
        with pytest.raises(BadcaseError, match="cannot be rebuilt") as caught:
            finish(resume_in_steps(project, stopped.id))
        assert "other items, labels or weights" in str(caught.value) and "accept" in caught.value.hint
        assert (stopped.folder / STATE).exists(), "what is refused is not lost"


@pytest.mark.usefixtures("every_epoch")
def test_a_damaged_file_of_a_run_is_named_with_a_remedy_and_keeps_no_other_training_from_its_work(tmp_path: Path) -> None:
    with noisy_project(tmp_path, 90)[0] as project:
        row = stopped_after(project, HEAD, 3)
        going_on = {META: resume_in_steps, STATE: resume_in_steps, HISTORY: resume_in_steps, CHECKPOINT: resume_in_steps}
        for name, go_on in [*going_on.items(), (HISTORY, accept_in_steps), (CHECKPOINT, accept_in_steps)]:
            whole = (row.folder / name).read_bytes()
            (row.folder / name).write_bytes(whole[:40])
            with pytest.raises(BadcaseError, match=name) as caught:
                finish(go_on(project, row.id))
            assert "damaged" in str(caught.value) and str(row.folder / RECIPE) in caught.value.hint
            (row.folder / name).write_bytes(whole)
        (row.folder / META).write_text("{", encoding="utf-8")
        assert plan(project, HEAD).seconds is not None
        assert finish(train_in_steps(project, Recipe.load(row.folder / RECIPE))).state is RunState.DONE


def test_what_an_unsure_item_teaches_is_kept_with_the_run_whatever_has_been_ranked_since(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path, 90)
    with project:
        project.rank()
        unsure = np.flatnonzero((project.split == 0) & ~project.gold)[:5]
        project.journal.record(unsure.tolist(), "unsure")
        recipe = HEAD.replace_from({"unsure": "soft", "suspects": "keep"})
        whole = finish(train_in_steps(project, recipe, seed=2))
        project.journal.record([int(item) for item in np.flatnonzero(project.split == 0)[20:30]], "relabel", 1)
        project.rank()
        project.journal.undo()
        again = finish(repeat_in_steps(project, whole.id))
        assert np.isin(unsure, RunSpec.of(project, again).training_set(project).train.items).all()
        assert_same(project, whole, again)


def test_a_repetition_gives_the_same_numbers_and_is_a_run_of_its_own(texts: Project, images: Project) -> None:
    for project, recipe in ((texts, HEAD), (images, FINE.replace_from({"epochs": 3}))):
        first = finish(train_in_steps(project, recipe, seed=5))
        job = repeat_in_steps(project, first.id)
        notices = [event.text for event in events(job) if isinstance(event, Notice)]
        again = project.runs.all()[-1]
        assert (again.parent, again.seed, again.title) == (first.id, 5, f"run {first.id} again")
        assert_same(project, first, again)
        assert notices[-1] == sameness(first, again)


def test_two_runs_part_where_their_numbers_do_and_it_is_told_what_was_not_the_same(texts: Project) -> None:
    first, other, longer = (
        finish(train_in_steps(texts, HEAD.replace_from(changed), seed=seed))
        for changed, seed in (({}, 0), ({}, 1), ({"epochs": 9, "schedule": "constant"}, 0))
    )
    said = sameness(first, other)
    assert f"Run {other.id} differs from run {first.id} in epoch 1" in said and "are the same" in said
    texts.journal.record([int(np.flatnonzero((texts.split == 0) & ~texts.gold)[0])], "exclude")
    relabelled = finish(train_in_steps(texts, HEAD))
    texts.journal.undo()
    assert "items and labels" in sameness(first, relabelled)
    constant = finish(train_in_steps(texts, HEAD.replace_from({"schedule": "constant"})))
    assert "the number of epochs: 8, then 9" in sameness(constant, longer)


def events(job: object) -> Iterator[Progress | Notice]:
    yield from job  # type: ignore[misc]


@pytest.mark.usefixtures("every_epoch")
def test_what_was_doubted_is_kept_so_that_another_ranking_since_changes_no_repetition(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path, 240, wrong=0.2)
    with project:
        first = finish(train_in_steps(project, HEAD))
        stopped = stopped_after(project, HEAD, 1)
        assert HEAD.suspects == "soft" and first.revision == stopped.revision
        rank_and_correct(project)
        project.rank()
        assert_same(project, first, finish(repeat_in_steps(project, first.id)))
        assert_same(project, first, finish(resume_in_steps(project, stopped.id)))
        fresh = finish(train_in_steps(project, HEAD))
        assert numbers(fresh) != numbers(first)


def test_a_run_goes_on_where_it_stood_however_seldom_the_disk_was_written(texts: Project) -> None:
    """Epochs were short beside the writing of a state, so what was stopped in the seventh went on after the second."""
    stopped = stopped_after(texts, HEAD, 6)
    (found,) = (finding for finding in diagnose(texts, stopped.id) if finding.name == "stopped")
    assert "after epoch 6 of 8" in found.text and f"--resume {stopped.id}" in found.text
    said = [event.text for event in resume_in_steps(texts, stopped.id) if isinstance(event, Notice)]
    assert f"Run {stopped.id} goes on after epoch 6." in said
    assert "stopped" not in [finding.name for finding in diagnose(texts, stopped.id)]
    assert_same(texts, finish(train_in_steps(texts, HEAD)), texts.runs.get(stopped.id))
