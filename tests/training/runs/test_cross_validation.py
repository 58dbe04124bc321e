"""Cross-validation and several seeds: honest predictions, the mean and its spread, and nothing half when it is stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.progress import Notice, Progress, finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.comparison.compare import compare
from badcase.training.comparison.seed_spread import inside_spread, spread
from badcase.training.data.training_set import build_training_set, outer_folds
from badcase.training.metrics.single_label import log_softmax
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run_files import read_json
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.notes import add_note, read_notes
from badcase.training.runs.plan import plan
from badcase.training.runs.train import train_in_steps
from badcase.training.runs.train_seeds import train_seeds_in_steps
from tests.badcase.prediction.projects import colour_images, trained_image_model
from tests.training.projects import noisy_project

QUICK = PRESETS["linear-head"].replace_from({"epochs": 12, "patience": 0, "minimum_checks": 1}).settled("text")
FOLDS = QUICK.replace_from({"validation": "stratified", "folds": 4})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = noisy_project(tmp_path, 240, wrong=0.2)[0]
    yield made
    made.close()


def stop_in_fold(project: Project, recipe: Recipe, number: int) -> None:
    """Start a cross-validation and close it after the first epoch of its fold `number`."""
    job = train_in_steps(project, recipe)
    while True:
        step = next(job)
        if isinstance(step, Progress) and step.name == f"Fold {number} of 4":
            break
    while "validation_loss" not in getattr(next(job), "values", {}):
        pass
    job.close()


def test_every_item_is_predicted_by_the_model_that_did_not_learn_from_it_and_gold_by_the_mean_of_all(project: Project) -> None:
    origin = project.predictions.current
    run = finish(train_in_steps(project, FOLDS))
    assert run.kind == "cross_validation" and run.state is RunState.DONE
    made, probs = project.predictions.current, []
    assert made.id != origin.id and not made.trained_on.any()
    np.testing.assert_array_equal(made.embeddings, origin.embeddings)
    single = FOLDS.replace_from({"folds": 1})
    for fold in outer_folds(project, FOLDS):
        alone = finish(train_in_steps(project, single, within=fold.train))
        logits = np.load(alone.folder / "logits.npy")
        np.testing.assert_allclose(made.logits[fold.held], logits[fold.held], atol=0.01)
        probs.append(np.exp(log_softmax(logits[project.gold])))
    np.testing.assert_allclose(made.probabilities(project.gold), np.mean(probs, axis=0), atol=0.01)
    # The labels of gold do not matter to any of it.
    assert not np.isin(np.flatnonzero(project.gold), np.concatenate([f.train for f in outer_folds(project, FOLDS)])).any()


def test_a_cross_validation_says_its_mean_and_spread_keeps_no_model_and_can_be_compared(project: Project) -> None:
    current = project.runs.current.id
    run = finish(train_in_steps(project, FOLDS))
    folds = read_json(run.folder / "meta.json")["folds"]
    accuracies = [fold["accuracy"] for fold in folds]
    assert len(folds) == 4 and sum(fold["items"] for fold in folds) == (~project.gold & (project.split < 2)).sum()
    assert run.metrics["accuracy"] == pytest.approx(np.mean(accuracies))
    assert run.metrics["accuracy_spread"] == pytest.approx(np.std(accuracies, ddof=1))
    assert {path.name for path in run.folder.iterdir()} == {
        "belongs_to.json",
        "recipe.toml",
        "meta.json",
        "notes.md",
        "logits.npy",
    }
    assert "± " in (run.folder / "notes.md").read_text(encoding="utf-8")
    assert project.runs.current.id == current
    with pytest.raises(BadcaseError, match="keeps no model"):
        finish(accept_in_steps(project, run.id))
    assert compare(project, 1, run.id).gold == project.gold.sum()


def test_the_ranking_takes_honest_probabilities_and_only_those(project: Project) -> None:
    features = project.rank()
    finish(train_in_steps(project, FOLDS))
    both = project.rank()
    part = np.isfinite(both.suspicion)
    assert not np.array_equal(features.suspicion[part], both.suspicion[part])
    finish(train_in_steps(project, FOLDS, start="current"))  # the model in use has seen the labels that are held out
    assert project.predictions.current.trained_on.any()
    np.testing.assert_array_equal(project.rank().suspicion, features.suspicion)


def test_labels_that_a_brought_model_may_have_learnt_are_no_secret_to_its_folds_and_that_is_said(tmp_path: Path) -> None:
    colour_images(tmp_path / "data", 60)
    trained_image_model(tmp_path / "model", tmp_path / "data")
    with Project.create(tmp_path / "project", tmp_path / "data") as project:
        project.predict(str(tmp_path / "model"))
        for recipe in (FOLDS, QUICK.replace_from({"validation": "stratified"})):
            job = train_in_steps(project, recipe)
            notices = [event.text for event in job if isinstance(event, Notice)]
            assert "The project's first model may have been trained on the held-out labels." in notices
        folds, _training = project.predictions.all()[-1], project.runs.all()[-1]
        assert folds.trained_on.any()
        assert not any("may have been trained" in getattr(event, "text", "") for event in train_in_steps(project, QUICK))


def test_a_plan_knows_of_its_folds(project: Project) -> None:
    one, four = plan(project, FOLDS.replace_from({"folds": 1})), plan(project, FOLDS)
    assert four.seconds > 2 * one.seconds
    run = finish(train_in_steps(project, FOLDS))
    learnt = [len(fold.train) for fold in outer_folds(project, FOLDS)]
    assert four.train_items + four.validation_items == pytest.approx(np.mean(learnt), abs=2)
    assert f"on {four.train_items} items" in " ".join(four.sentences) and run.metrics["folds"] == 4


def test_what_is_distilled_after_a_cross_validation_is_still_the_model_in_use(project: Project) -> None:
    distilling = QUICK.replace_from({"distill": 1.0})
    before = build_training_set(project, distilling).train
    finish(train_in_steps(project, FOLDS))
    after = build_training_set(project, distilling).train
    np.testing.assert_array_equal(after.teacher, before.teacher)
    np.testing.assert_array_equal(after.teacher_weight, before.teacher_weight)


def test_one_that_was_stopped_goes_on_after_its_last_whole_fold_and_ends_the_same(project: Project) -> None:
    whole = finish(train_in_steps(project, FOLDS))
    expected = np.load(whole.folder / "logits.npy")
    sets = len(project.predictions.all())
    other = FOLDS.replace_from({"learning_rate": 0.5})
    stop_in_fold(project, other, 3)
    stopped = project.runs.all()[-1]
    assert stopped.state is RunState.CANCELLED
    assert len(project.predictions.all()) == sets and not (stopped.folder / "fold").exists()
    assert sorted(path.name for path in stopped.folder.glob("fold-*")) == ["fold-1.npz", "fold-2.npz"]
    add_note(project, stopped.id, "stopped for the night")
    steps = []
    job = train_in_steps(project, other)
    while True:
        try:
            steps.append(next(job))
        except StopIteration as stop:
            done = stop.value
            break
    names = {step.name for step in steps if isinstance(step, Progress)}
    assert "Fold 3 of 4" in names and "Fold 1 of 4" not in names
    assert done.id == stopped.id and done.state is RunState.DONE
    assert "stopped for the night" in (notes := read_notes(project, done.id)) and "± " in notes
    again = finish(train_in_steps(project, other))
    assert again.id != done.id
    np.testing.assert_array_equal(np.load(done.folder / "logits.npy"), np.load(again.folder / "logits.npy"))
    assert not np.array_equal(np.load(done.folder / "logits.npy"), expected)


def test_a_label_that_was_corrected_meanwhile_starts_it_anew(project: Project) -> None:
    stop_in_fold(project, FOLDS, 2)
    stopped = project.runs.all()[-1]
    project.journal.record([int(np.flatnonzero(~project.gold)[0])], "keep")
    assert finish(train_in_steps(project, FOLDS)).id != stopped.id


def test_a_class_that_a_fold_cannot_learn_is_told(project: Project) -> None:
    items = np.flatnonzero(~project.gold & (project.split < 2) & (project.labels == 2))
    project.journal.record(items[1:].tolist(), "exclude")
    job, notices = train_in_steps(project, FOLDS), []
    with pytest.raises(StopIteration):
        while True:
            step = next(job)
            notices += [step.text] if isinstance(step, Notice) else []
    assert any("cannot learn it" in text for text in notices)


def test_folds_beside_the_split_of_the_project_are_dealt_anew_and_hold_each_item_out_once(project: Project) -> None:
    recipe = QUICK.replace_from({"folds": 4})
    assert any("4 folds" in sentence for sentence in plan(project, recipe).sentences)
    run = finish(train_in_steps(project, recipe))
    held = np.concatenate([fold.held for fold in outer_folds(project, recipe)])
    np.testing.assert_array_equal(np.sort(held), np.flatnonzero(~project.gold & (project.split != 2)))
    assert run.metrics["folds"] == 4 and not project.predictions.current.trained_on.any()


def test_several_seeds_give_a_run_each_and_their_mean_and_spread(project: Project) -> None:
    runs = finish(train_seeds_in_steps(project, QUICK, seeds=3, seed=5))
    assert [run.seed for run in runs] == [5, 6, 7]
    accuracy = spread(project, runs)[0]
    gold, labels = project.gold, project.labels[project.gold]
    expected = [(np.load(run.folder / "logits.npy")[gold].argmax(1) == labels).mean() for run in runs]
    assert accuracy.values == pytest.approx(expected)
    assert (accuracy.mean, accuracy.spread) == pytest.approx((np.mean(expected), np.std(expected, ddof=1)))
    with pytest.raises(BadcaseError, match="at least one seed"):
        finish(train_seeds_in_steps(project, QUICK, seeds=0))


def test_the_seeds_explain_what_welchs_test_says_they_do() -> None:
    from scipy import stats

    from badcase.training.comparison.seed_spread import Spread

    rng = np.random.default_rng(0)
    for _trial in range(200):
        n, m = rng.integers(2, 7, 2)
        a, b = rng.normal(0.80, 0.01, n), rng.normal(0.80 + rng.choice([0, 0.02, 0.05]), 0.02, m)
        p = stats.ttest_ind(a, b, equal_var=False).pvalue
        inside = inside_spread(*(Spread("accuracy", "accuracy", tuple(one)) for one in (a, b)))
        # Whole degrees of freedom are rounded down, so that in doubt nothing is claimed.
        assert inside or p < 0.05
        assert not inside or p > 0.005
