"""Training where an item may have any number of labels: the corrections go in, gold says what it gained, the next round."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase import BadcaseError, Project
from badcase.progress import finish
from badcase.store.run_table import RunState
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.compare import compare
from badcase.training.comparison.measure_retrain_gain import expected_gain
from badcase.training.data.splitting import divide, hold_out
from badcase.training.data.training_set import build_training_set
from badcase.training.diagnosis.diagnose import diagnose
from badcase.training.recipe import Recipe, default_for
from badcase.training.recipe.enums import Validation
from badcase.training.run_folder.run_files import read_history
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.plan import plan
from badcase.training.runs.resume import repeat_in_steps, resume_in_steps
from badcase.training.runs.train import train_in_steps
from badcase.training.tuning.finders import find_rate
from badcase.training.tuning.tune import tune_in_steps
from tests.badcase.models.networks import TEXT_ARCHITECTURES, tokenizer
from tests.badcase.ranking.multilabel.texts import TOPICS, correct, predicted_project, write
from tests.training.projects import taught
from tests.ui.command_line.conftest import Badcase, badcase

__all__ = ["badcase"]
HEAD = default_for({"kind": "linear_head"}, "text", task="multilabel")
SHORT = HEAD.replace_from({"epochs": 12, "patience": 0, "minimum_checks": 1}).settled("text", task="multilabel")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A folder with a predicted project, to be copied, and the true labels of its items."""
    folder = tmp_path_factory.mktemp("several")
    project, true = predicted_project(folder)
    project.close()
    return folder, true


@pytest.fixture
def project(made: tuple[Path, np.ndarray], tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(made[0] / "my", tmp_path / "my")
    with Project.open(tmp_path / "my") as opened:
        yield opened


def test_corrections_make_a_better_model_and_it_is_accepted_for_the_next_round(
    project: Project, made: tuple[Path, np.ndarray]
) -> None:
    # Tuned thresholds make up for half of what forgotten labels do here, and soft suspects for most of the rest.
    plain = HEAD.replace_from({"thresholds": "half", "suspects": "keep"})
    before = finish(train_in_steps(project, plain))
    corrected = correct(project, made[1])
    assert plan(project, plain).corrections == len(corrected) > 40
    after = finish(train_in_steps(project, plain))
    found = compare(project, before.id, after.id)
    assert found.better and [one.name for one in found.measures] == ["micro_f1", "macro_f1", "accuracy", "log_loss"]
    assert "micro F1" in found.verdict
    assert found.changed == [f"{len(corrected)} verdicts"]

    logits = np.load(after.folder / "logits.npy"), np.load(before.folder / "logits.npy")
    gold = np.flatnonzero(project.gold)
    assert logits[0].shape == (len(project.items), len(TOPICS))
    learnt = np.setdiff1d(np.flatnonzero(~np.isfinite(logits[0]).all(1)), gold)
    assert not (project.split[learnt] == 2).any() and len(learnt)
    wrong = [((values[gold] > 0) != project.taxonomy.matrix(project.labels)[gold]).sum(1) for values in (logits[1], logits[0])]
    assert set(found.fixed) == set(gold[wrong[1] < wrong[0]]) and set(found.broke) == set(gold[wrong[1] > wrong[0]])
    assert found.labels is not None and found.labels[0] - found.labels[1] == wrong[0].sum() - wrong[1].sum()

    finish(accept_in_steps(project, after.id))
    project.rank()
    assert project.runs.current is not None and project.runs.current.id == after.id
    assert project.predictions.current is not None and project.predictions.current.meta["k"] == len(TOPICS)
    finish(train_in_steps(project, start="current"))  # and the round after it


def test_what_a_run_reports_and_keeps(project: Project) -> None:
    run = finish(train_in_steps(project, SHORT))
    epochs = read_history(run.folder)
    names = {"validation_loss", "accuracy", "macro_f1", "micro_f1", "mean_ap", "train_loss"}
    assert len(epochs) == 12 and all(names <= set(epoch) for epoch in epochs)
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"] < np.log(2)
    assert names <= set(run.metrics)
    kept = json.loads((run.folder / "meta.json").read_text())
    assert kept["classes"] == sorted(TOPICS)
    card = (run.folder / "model" / "README.md").read_text()
    assert "any number of these 4 labels" in card and "mean average precision" in card and "| cooking |" in card
    assert "micro F1" in (run.folder / "notes.md").read_text()
    again = finish(repeat_in_steps(project, run.id))
    np.testing.assert_array_equal(np.load(run.folder / "logits.npy"), np.load(again.folder / "logits.npy"))
    assert {finding.name for finding in diagnose(project, run.id)} <= {"cut_short", "overfitting", "validation_small"}


def test_a_stopped_run_goes_on_as_if_it_had_never_been_interrupted(project: Project) -> None:
    whole = finish(train_in_steps(project, SHORT))
    job = train_in_steps(project, SHORT)
    for event in job:
        if getattr(event, "values", {}).get("validation_loss") and len(read_history(project.runs.all()[-1].folder)) == 5:
            break
    job.close()
    stopped = project.runs.all()[-1]
    assert stopped.state is RunState.CANCELLED
    gone_on = finish(resume_in_steps(project, stopped.id))
    np.testing.assert_array_equal(np.load(whole.folder / "logits.npy"), np.load(gone_on.folder / "logits.npy"))


def test_excluded_and_unsure_items_stay_out_and_gold_is_never_learnt(project: Project) -> None:
    training_set = build_training_set(project, HEAD)
    out, doubtful = training_set.train.items[0], training_set.train.items[1]
    project.journal.record([int(out)], "exclude")
    project.journal.record([int(doubtful)], "unsure")
    now = build_training_set(project, HEAD)
    assert not np.isin([out, doubtful], np.union1d(now.train.items, now.validation.items)).any()
    assert not project.gold[np.union1d(now.train.items, now.validation.items)].any()
    np.testing.assert_array_equal(now.train.labels, project.taxonomy.matrix(project.labels[now.train.items]))


def test_unsure_items_and_several_reviewers_teach_the_chance_of_each_label(project: Project) -> None:
    recipe = HEAD.replace_from({"unsure": "soft", "soft_labels": True})
    first, second = (int(item) for item in build_training_set(project, HEAD).train.items[:2])
    both, one = project.taxonomy.id_of("cooking;travel"), project.taxonomy.id_of("cooking")
    project.journal.record([first], "relabel", both, who="ann")
    project.journal.record([first], "relabel", one, who="bob")
    project.journal.record([second], "unsure", who="ann")
    training_set = build_training_set(project, recipe)
    assert training_set.soft == 2 and training_set.train.soft is not None
    of_first, of_second = (taught(training_set.train)[training_set.train.items == item][0] for item in (first, second))
    names = list(project.label_names)
    assert of_first[names.index("cooking")] > 0.95 and 0.2 < of_first[names.index("travel")] < 0.8
    assert of_first[names.index("garden")] < 0.1
    ranking = project.any_ranking
    assert ranking is not None
    expected = 0.5 * ranking.probs[second] + 0.5 * project.taxonomy.matrix(project.labels[[second]])[0]
    np.testing.assert_allclose(of_second, expected, atol=1e-3)
    finish(train_in_steps(project, recipe.replace_from({"epochs": 2, "patience": 0, "minimum_checks": 1})))


def test_only_answers_that_are_right_and_nobody_changed_are_kept_label_by_label(project: Project) -> None:
    recipe = HEAD.replace_from({"distill": 2.0})
    training_set = build_training_set(project, recipe)
    assert project.predictions.current is not None and training_set.train.teacher_weight is not None
    said = project.predictions.current.logits[training_set.train.items] > 0
    np.testing.assert_array_equal(training_set.train.teacher_weight, said == training_set.train.labels)
    item = int(training_set.train.items[0])
    project.journal.record([item], "relabel", project.taxonomy.id_of("garden"))
    assert not build_training_set(project, recipe).train.teacher_weight[0].any()  # type: ignore[index]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"loss": "cross_entropy"}, "loss"),
        ({"sampling": "balanced"}, "sampling"),
        ({"loss": "own", "loss_function": "a:b", "class_weights": "balanced"}, "class_weights"),
        ({"select_by": "rule", "rule": "recall[dogs]"}, "rule"),
    ],
)
def test_a_knob_that_wants_one_class_an_item_is_refused_by_name(project: Project, wanted: dict[str, object], name: str) -> None:
    recipe = HEAD.replace_from(wanted)
    with pytest.raises(BadcaseError) as caught:
        finish(train_in_steps(project, recipe))
    assert caught.value.where.startswith(name)
    with pytest.raises(BadcaseError, match="several labels"):
        Recipe(select_by="mean_ap").check("text")


def test_a_rule_speaks_of_labels(project: Project) -> None:
    rule = SHORT.replace_from({"select_by": "rule", "rule": "mean_ap + 0 * micro_f1 where recall[cooking] >= 0.2"})
    run = finish(train_in_steps(project, rule))
    scores = [epoch["score"] for epoch in read_history(run.folder)]
    assert run.metrics["best_epoch"] == 1 + int(np.argmax(scores)) or scores.count(max(scores)) > 1


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("grouped")
    write(folder / "texts.csv", 300, groups=60, words_each=3)
    with Project.create(folder / "my", folder / "texts.csv", label="tags", group="source", task="multilabel") as made:
        yield made


def parts(project: Project, how: str) -> list[tuple[np.ndarray, np.ndarray]]:
    items = np.flatnonzero(~project.gold)
    labels = project.taxonomy.answers(project.labels[items])
    whole = hold_out(project, items, labels, Validation(how), 0.2, 3)
    folds = divide(project, items, labels, Validation(how), 4, 3)
    return [(whole.train, whole.held), *((fold.train, fold.held) for fold in folds)]


@pytest.mark.parametrize("how", ["stratified", "grouped"])
def test_every_label_has_its_share_on_both_sides_and_what_belongs_together_stays_so(grouped: Project, how: str) -> None:
    project = grouped
    matrix, twins, groups = project.taxonomy.matrix(project.labels), project.items.twins, project.items.groups
    assert groups is not None
    all_parts = parts(project, how)
    for place, (learnt, held) in enumerate(all_parts):
        assert not np.isin(twins[held], twins[learnt]).any() and not np.isin(held, learnt).any()
        if how == "grouped":
            assert not np.isin(groups[held], groups[learnt]).any()
        else:
            share = 0.2 if place == 0 else 0.25
            of_labels = matrix[held].sum(0) / matrix[np.union1d(learnt, held)].sum(0)
            assert np.abs(of_labels - share).max() < 0.06, of_labels
    held = np.concatenate([held for _learnt, held in all_parts[1:]])
    assert len(held) == len(np.unique(held)) == int((~project.gold).sum())


def test_a_label_of_one_item_is_learnt_and_a_fold_that_must_hold_it_out_says_so(project: Project) -> None:
    items = np.flatnonzero(~project.gold)
    labels = np.column_stack([project.taxonomy.answers(project.labels[items]), np.zeros(len(items), np.bool_)])
    lonely = int(np.flatnonzero(np.bincount(project.items.twins)[project.items.twins[items]] == 1)[0])
    labels[lonely, -1] = True
    for seed in range(20):
        assert items[lonely] in hold_out(project, items, labels, Validation.STRATIFIED, 0.4, seed).train
    folds = divide(project, items, labels, Validation.STRATIFIED, 5, 0)
    notes = [note for fold in folds for note in fold.notes]
    assert len(notes) == 1 and "all items of 1 class and cannot learn it" in notes[0]


def test_folds_predict_every_item_with_probabilities_of_each_label(project: Project) -> None:
    recipe = SHORT.replace_from({"validation": "stratified", "folds": 3})
    run = finish(train_in_steps(project, recipe))
    assert run.kind == "cross_validation" and run.metrics["folds"] == 3 and run.metrics["micro_f1_spread"] >= 0
    logits = np.load(run.folder / "logits.npy")
    assert np.isfinite(logits).all()
    assert (logits[project.gold] > 0).sum(1).max() > 1, "the mean over the folds is of each label too"
    assert "micro F1" in (run.folder / "notes.md").read_text()


def test_a_gain_is_told_and_a_rate_is_found(project: Project, made: tuple[Path, np.ndarray]) -> None:
    correct(project, made[1])
    gain = finish(expected_gain(project))
    assert gain is not None and gain.items == plan(project, HEAD).validation_items and gain.fixed >= gain.broke
    found = finish(find_rate(project, HEAD, seeds=1))
    assert found.sweeps[0].losses[0] == pytest.approx(4 * np.log(2), rel=0.1) and 1e-4 < found.rate <= 10


def test_a_better_recipe_is_looked_for(project: Project) -> None:
    recipe = SHORT.replace_from({"learning_rate": 0.02, "epochs": 4, "label_smoothing": 0.3})
    made = finish(tune_in_steps(project, recipe=recipe, trials=2, folds=2))
    assert made.trials[0].recipe["loss"] == "binary" and made.trials[0].recipe["label_smoothing"] == 0
    assert made.best.id == made.trials[1].id and made.best.recipe["learning_rate"] > 0.02
    assert made.run.metrics["micro_f1"] > 0.5
    out = build_training_set(project, HEAD.replace_from({"suspects": "out"}))
    ranking = project.any_ranking
    assert ranking is not None and out.suspects > 0 and not ranking.flagged[out.train.items].any()


def tiny_model(folder: Path, problem: str = "single_label_classification") -> None:
    """A network that can learn the topics, saved as a user would."""
    import torch
    import transformers

    words = sorted({word for text in TOPICS.values() for word in text.split()})
    made = tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])
    torch.manual_seed(0)
    names = dict(enumerate(sorted(TOPICS)))
    config = transformers.BertConfig(
        **TEXT_ARCHITECTURES["Bert"],
        vocab_size=len(made),
        id2label=names,
        problem_type=problem,
        label2id={name: number for number, name in names.items()},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    made.save_pretrained(folder)


def test_a_transformer_learns_the_labels_and_transformers_loads_it_as_such(
    project: Project, made: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    import torch
    import transformers

    tiny_model(tmp_path / "model")
    project.predict(tmp_path / "model")
    correct(project, made[1])
    recipe = default_for(project.model_spec or {}, "text", "scratch", "multilabel")
    assert recipe.loss == "binary"
    recipe = recipe.replace_from({"epochs": 12, "batch_size": 16, "learning_rate": 1e-2, "gradient_clip": 0.0})
    run = finish(train_in_steps(project, recipe, start="current"))
    assert run.state is RunState.DONE and run.parent is not None
    assert compare(project, run.parent, run.id).better
    loaded = transformers.AutoModelForSequenceClassification.from_pretrained(run.folder / "model")
    assert loaded.config.problem_type == "multi_label_classification"
    assert [loaded.config.id2label[number] for number in range(len(TOPICS))] == sorted(TOPICS)
    words = transformers.AutoTokenizer.from_pretrained(run.folder / "model")
    item = int(np.flatnonzero(project.gold)[0])
    with torch.no_grad():
        said = loaded.eval()(**words(project.items.text(item), return_tensors="pt")).logits[0].numpy()
    np.testing.assert_allclose(said, np.load(run.folder / "logits.npy")[item], atol=0.05)
    finish(accept_in_steps(project, run.id))
    assert project.predictions.current is not None
    np.testing.assert_allclose(project.predictions.current.logits[item], said, atol=0.05)


def test_the_loop_on_the_command_line(made: tuple[Path, np.ndarray], project: Project, badcase: Badcase, tmp_path: Path) -> None:
    correct(project, made[1])
    project.close()
    my = tmp_path / "my"
    planned = badcase("train", my, "--plan", "--json")
    assert planned.code == 0 and planned.json["corrections"] > 40, planned.err
    done = badcase("train", my, "--set", "epochs=30", "--json")
    assert done.code == 0, done.err
    assert done.json["run"]["recipe"]["loss"] == "binary"
    assert {"micro_f1", "mean_ap"} <= set(done.json["run"]["metrics"])
    text = badcase("compare", my, 1, 2)
    assert "micro F1" in text.out and re.search(r"\d+ labels fixed, \d+ broken", text.out)
    spread = badcase("train", my, "--seeds", 2, "--set", "epochs=3", "--json").json["spread"]
    assert next(iter(spread)) == "micro_f1"
    refused = badcase("train", my, "--set", "loss=cross_entropy")
    assert refused.code == 1 and "loss" in refused.err and "binary" in refused.err
    assert badcase("report", my, tmp_path / "report.html").code == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Fewer wrong labels than before" in page and "labels fixed" in page and "<td>cooking</td>" in page
    assert badcase("accept", my, 2, "--json").code == 0
    with Project.open(my) as opened:
        assert opened.runs.current is not None and opened.runs.current.id == 2
        assert (opened.verdicts == VerdictCode.RELABEL).sum() > 40
