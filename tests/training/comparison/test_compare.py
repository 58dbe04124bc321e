"""Comparing two runs: the figures of the textbooks, and no claim that the gold cannot carry."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score, log_loss

from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunKind
from badcase.training.comparison.compare import Comparison, compare
from badcase.training.comparison.paired_measures import paired_bootstrap
from badcase.training.comparison.seed_spread import siblings
from badcase.training.metrics.single_label import log_softmax, macro_f1
from badcase.training.recipe import PRESETS
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.train import train_in_steps
from tests import ROOT
from tests.training.projects import noisy_project, write_noisy_texts

RNG = np.random.default_rng(0)


def logits_for(labels: np.ndarray, k: int, skill: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(len(labels), k)) + skill * np.eye(k)[labels]


def test_the_measures_are_scikit_learns() -> None:
    labels = RNG.integers(0, 5, 300)
    a, b = logits_for(labels, 5, 1.5, 1), logits_for(labels, 5, 2.0, 2)
    accuracy, f1, loss = paired_bootstrap(a, b, labels, resamples=10)
    assert accuracy.a == pytest.approx(accuracy_score(labels, a.argmax(1)))
    assert f1.b == pytest.approx(f1_score(labels, b.argmax(1), average="macro"))
    assert loss.a == pytest.approx(log_loss(labels, np.exp(log_softmax(a)), labels=range(5)))
    assert accuracy.difference == pytest.approx(accuracy.b - accuracy.a)


def test_macro_f1_counts_the_classes_that_occur_as_scikit_learn_does() -> None:
    labels, predicted = np.array([0, 0, 1, 4]), np.array([0, 2, 1, 1])
    assert macro_f1(predicted, labels, 6)[0] == pytest.approx(f1_score(labels, predicted, average="macro"))
    counts = RNG.multinomial(4, np.full(4, 0.25), 5)
    for row, value in zip(counts, macro_f1(predicted, labels, 6, counts), strict=True):
        chosen = np.repeat(np.arange(4), row)
        expected = f1_score(labels[chosen], predicted[chosen], average="macro")
        assert value == pytest.approx(expected)


def test_the_interval_of_a_mean_is_scipys_paired_bootstrap() -> None:
    labels = RNG.integers(0, 3, 400)
    a, b = logits_for(labels, 3, 1.0, 3), logits_for(labels, 3, 1.4, 4)
    losses = [-log_softmax(logits)[np.arange(400), labels] for logits in (a, b)]
    theirs = stats.bootstrap(
        losses,
        lambda x, y, axis: y.mean(axis) - x.mean(axis),
        paired=True,
        method="percentile",
        n_resamples=4000,
        rng=np.random.default_rng(1),
        vectorized=True,
    ).confidence_interval
    ours = paired_bootstrap(a, b, labels)[2]
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("compare")
    write_noisy_texts(folder / "texts.csv", 400, wrong=0.2)
    made = Project.create(folder / "project", folder / "texts.csv")
    yield made
    made.close()


def add_run(project: Project, logits: np.ndarray | None, **values: object) -> int:
    number = project.runs.add(kind=RunKind.TRAINING, title="made", **values)
    if logits is not None:
        np.save(project.runs.get(number).folder / "logits.npy", logits.astype(np.float16))
    return number


def compared(project: Project, a: np.ndarray, b: np.ndarray) -> Comparison:
    return compare(project, add_run(project, a), add_run(project, b))


def test_the_same_model_twice_is_no_difference(project: Project) -> None:
    logits = logits_for(project.labels, 3, 2.0, 5)
    found = compared(project, logits, logits)
    assert not found.better and not found.worse and found.mcnemar_p == 1
    assert "No difference is visible on this gold set" in found.verdict
    assert (found.fixed, found.broke) == ([], [])
    accuracy, f1, loss = found.measures
    assert accuracy.low < -0.03 and accuracy.high > 0.03, "that no item flipped is no proof that none would"
    assert f1.low < 0 < f1.high and loss.low == loss.high == 0


def test_a_difference_inside_the_noise_is_not_called_one(project: Project) -> None:
    found = compared(project, logits_for(project.labels, 3, 2.0, 6), logits_for(project.labels, 3, 2.05, 7))
    assert "No difference" in found.verdict


def test_a_much_better_model_is_called_better_and_the_other_way_worse(project: Project) -> None:
    weak, strong = logits_for(project.labels, 3, 0.5, 8), logits_for(project.labels, 3, 6.0, 9)
    found = compared(project, weak, strong)
    assert found.better and "is better than" in found.verdict
    assert all(row.beyond_noise for row in found.measures)
    assert (found.measures[2].difference < 0) is not found.measures[2].higher_is_better
    back = compared(project, strong, weak)
    assert back.worse and "is worse than" in back.verdict
    assert back.fixed == found.broke and back.broke == found.fixed


def flipped(project: Project, fixed: int, broke: int) -> Comparison:
    """Two models that are right on gold but for some items, each of which one alone answers rightly."""
    right = 4.0 * np.eye(3)[project.labels]
    gold = np.flatnonzero(project.gold)
    a, b = right.copy(), right.copy()
    a[gold[:fixed]] = np.roll(right, 1, axis=1)[gold[:fixed]]
    b[gold[fixed : fixed + broke]] = np.roll(right, 1, axis=1)[gold[fixed : fixed + broke]]
    return compared(project, a, b)


@pytest.mark.parametrize(("fixed", "broke"), [(f, b) for f in range(0, 15, 2) for b in (0, 1, 3, 5, 8)])
def test_sentence_test_and_interval_say_one_thing(project: Project, fixed: int, broke: int) -> None:
    found = flipped(project, fixed, broke)
    main = found.measures[0]
    assert (main.p < 0.05) == main.beyond_noise == (found.better or found.worse)
    assert ("is better than" in found.verdict) == found.better == (main.low > 0)
    assert ("is worse than" in found.verdict) == found.worse == (main.high < 0)
    assert ("No difference" in found.verdict) == ("No difference" in found.title) == (main.p >= 0.1)
    assert ("perhaps" in found.verdict) == ("perhaps" in found.title) == (0.05 <= main.p < 0.1)


def test_what_is_near_is_called_near_with_its_counts(project: Project) -> None:
    found = flipped(project, 10, 3)
    assert not found.better and found.title.endswith("is perhaps better")
    assert "10 fixed, 3 broke, p = 0.057; not enough to call it" in found.verdict


def test_surer_answers_are_told_apart_from_other_answers(project: Project) -> None:
    timid = logits_for(project.labels, 3, 3.0, 5)
    found = compared(project, timid, timid * 2)
    assert found.surer and not found.better
    assert "No difference" in found.verdict and "more confident" in found.verdict


def test_only_gold_is_looked_at_and_every_gold_item_has_its_place(project: Project) -> None:
    found = compared(project, logits_for(project.labels, 3, 0.5, 8), logits_for(project.labels, 3, 6.0, 9))
    assert project.gold[found.fixed].all() and project.gold[found.broke].all()
    total = len(found.fixed) + len(found.broke) + found.both_right + found.both_wrong
    assert total == found.gold == project.gold.sum()


def test_gold_is_judged_by_the_labels_that_hold_now(project: Project) -> None:
    logits = logits_for(project.labels, 3, 9.0, 1)
    before = compared(project, logits, logits)
    item = int(np.flatnonzero(project.gold)[0])
    project.journal.record([item], "relabel", int((project.labels[item] + 1) % 3))
    assert compared(project, logits, logits).both_right == before.both_right - 1
    project.journal.record([item], "exclude")
    assert compared(project, logits, logits).gold == before.gold - 1
    project.journal.undo()
    project.journal.undo()


def test_a_comparison_says_when_two_things_changed(project: Project) -> None:
    from badcase.training.recipe import Recipe

    logits, one = logits_for(project.labels, 3, 1.0, 1), Recipe()
    a = add_run(project, logits, recipe=one.values(), start="current")
    b = add_run(project, logits, recipe=one.replace_from({"dropout": 0.3}).values(), start="current", seed=1)
    assert len(compare(project, a, b).changed) == 2
    assert len(compare(project, a, a).changed) == 0


def test_a_comparison_names_what_the_model_in_use_and_the_ranking_gave_to_the_runs(tmp_path: Path) -> None:
    """From the weights in use: another model was, so weights differ."""
    made, _truth = noisy_project(tmp_path, 150, wrong=0.2)
    believing = PRESETS["linear-head"].replace_from({"epochs": 3, "minimum_checks": 1, "suspects": "keep"})
    soft = believing.replace_from({"suspects": "soft"})
    with made as project:
        first, doubting = finish(train_in_steps(project, believing, start="current")), finish(train_in_steps(project, soft))
        finish(accept_in_steps(project, first.id))
        project.rank()
        again = finish(train_in_steps(project, believing, start="current"))
        decayed = finish(train_in_steps(project, believing.replace_from({"weight_decay": 0.01}), start="current"))
        assert compare(project, first.id, again.id).changed == ["starting weights"]
        assert "starting weights" in compare(project, first.id, decayed.id).caution
        assert [run.id for run in siblings(project, first)] == [first.id]
        assert [run.id for run in siblings(project, again)] == [again.id]
        folds = believing.replace_from({"validation": "stratified", "folds": 2})
        crossed = [finish(train_in_steps(project, folds, seed=seed)) for seed in (0, 1)]  # the predictions of each are ranked
        assert siblings(project, crossed[0]) == crossed
        project.rank()
        # What a training believes comes from its own items alone, so another ranking of the project changes nothing.
        assert not compare(project, doubting.id, finish(train_in_steps(project, soft)).id).changed
        assert not compare(project, again.id, finish(train_in_steps(project, believing, start="current")).id).changed
        plain = finish(train_in_steps(project, believing))
        copytree(project.predictions.current.folder, tmp_path / "set")
        project.predictions.add(tmp_path / "set", project.predictions.current.meta | {"embedding_id": "of another network"})
        assert compare(project, plain.id, finish(train_in_steps(project, believing)).id).changed == ["features"]
        job = train_in_steps(project, believing)
        next(job)
        with Project.open(project.path, attached=True) as elsewhere:  # as the window, while its worker trains
            elsewhere.journal.record(np.flatnonzero(~project.gold)[:2].tolist(), "exclude")
        judged, told = finish(job), "2 verdicts were given while run {run} was trained: it has not learnt them."
        project.reload()
        assert told.format(run=judged.id) in compare(project, plain.id, judged.id).stands_on
        after = finish(train_in_steps(project, believing))
        assert "was trained" not in compare(project, plain.id, after.id).stands_on, "which has learnt them"


def test_a_run_without_predictions_is_refused_with_a_way_on(project: Project) -> None:
    with pytest.raises(BadcaseError) as caught:
        compare(project, add_run(project, logits_for(project.labels, 3, 1.0, 1)), add_run(project, None))
    assert caught.value.hint


def test_damaged_predictions_are_named_with_a_remedy(project: Project) -> None:
    damaged, whole = (add_run(project, logits_for(project.labels, 3, 2.0, seed)) for seed in (5, 6))
    file = project.runs.get(damaged).folder / "logits.npy"
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(BadcaseError, match=r"logits\.npy: this file of a run is damaged") as caught:
        compare(project, damaged, whole)
    assert "from a copy" in caught.value.hint


def test_comparing_needs_no_torch() -> None:
    import subprocess
    import sys

    rooms = ("comparison.compare", "runs.plan", "diagnosis.diagnose", "runs.train", "worker.__main__")
    modules = ", ".join(f"badcase.training.{room}" for room in rooms)
    code = f"import sys, {modules}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_difference_inside_the_spread_of_the_seeds_is_not_called_better(project: Project) -> None:
    """One seed of each alone is far apart; over the seeds both recipes are the same."""
    skills = {"a": (0.5, 6.0, 1.0), "b": (6.0, 0.6, 1.1)}
    runs = {
        name: [
            add_run(
                project,
                logits_for(project.labels, 3, skill, 20 + seed),
                state="done",
                seed=seed,
                recipe={"learning_rate": rate},
                start="pretrained",
            )
            for seed, skill in enumerate(values)
        ]
        for (name, values), rate in zip(skills.items(), (0.1, 0.2), strict=True)
    }
    found = compare(project, runs["a"][0], runs["b"][0])
    assert found.measures[0].low > 0 and found.mcnemar_p < 0.05  # as one run against one, it would be
    assert not found.better and not found.worse
    assert "within the spread of 3 seeds" in found.verdict and "is better than" not in found.verdict
    for seed in (7, 8, 9):
        add_run(project, logits_for(project.labels, 3, 6.0, seed), state="done", seed=seed, recipe={"epochs": 9})
    strong = [run for run in project.runs.all() if run.recipe == {"epochs": 9}]
    for seed in (7, 8, 9):
        add_run(project, logits_for(project.labels, 3, 0.5, seed), state="done", seed=seed, recipe={"epochs": 8})
    weak = [run for run in project.runs.all() if run.recipe == {"epochs": 8}]
    found = compare(project, weak[0].id, strong[0].id)
    assert found.seeds is not None and not found.seeds.inside
    assert found.better and "is better than" in found.verdict
