"""Each label is answered from a threshold of its own, tuned on items that nothing learnt from, and told wherever it is used."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase import BadcaseError, Project
from badcase.i18n import percent
from badcase.progress import finish
from badcase.store.prediction_sets import PredictionSet
from badcase.store.thresholds import read_logit_thresholds, write_logit_thresholds
from badcase.training.comparison.compare import compare
from badcase.training.comparison.measure_retrain_gain import expected_gain
from badcase.training.comparison.seed_spread import spread
from badcase.training.data.threshold_tuning import answered_apart, tuned_logit_thresholds
from badcase.training.metrics.multilabel import answer_measures, answered, macro_f1, micro_f1
from badcase.training.metrics.single_label import measure
from badcase.training.recipe import Recipe, default_for
from badcase.training.recipe.enums import Thresholds
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.resume import recover_in_steps
from badcase.training.runs.train import train_in_steps
from badcase.ui.desktop.review.state.facts import facts_of
from badcase.ui.desktop.start.summary import summarize
from tests.badcase.ranking.multilabel.texts import TOPICS, predicted_project

HEAD = default_for({"kind": "linear_head"}, "text", task="multilabel")
SHORT = HEAD.replace_from({"epochs": 12, "patience": 0, "minimum_checks": 1}).settled("text", task="multilabel")
SHIFTS = np.array([-2.0, -1.0, 0.0, 1.0])


def shifted(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n, 4) that tell the labels well, but for an error in the bias of each."""
    rng = np.random.default_rng(seed)
    labels = rng.random((n, 4)) < [0.4, 0.3, 0.2, 0.3]
    return np.where(labels, 2.0, -2.0) + rng.normal(size=(n, 4)) + SHIFTS, labels


def test_tuned_thresholds_answer_other_items_better() -> None:
    (seen, labels), (fresh, truth) = shifted(400, 0), shifted(2000, 1)
    each, common = (tuned_logit_thresholds(seen, labels, how) for how in (Thresholds.EACH, Thresholds.COMMON))
    assert np.all(np.diff(each) > 0) and np.abs(each - SHIFTS).max() < 0.8
    assert len(set(common)) == 1 and not tuned_logit_thresholds(seen, labels, Thresholds.HALF).any()
    of_each, of_common, of_half = (micro_f1(fresh > logit_thresholds, truth)[0] for logit_thresholds in (each, common, 0.0))
    assert of_each > of_common + 0.03 and of_common > of_half


def test_a_label_with_few_positives_goes_with_all_labels_together() -> None:
    rng = np.random.default_rng(3)
    seen, labels = shifted(400, 0)
    rare = np.zeros(400, np.bool_)
    rare[:2] = True  # and these two are ranked by chance
    noise = rng.normal(size=400)
    logit_thresholds = tuned_logit_thresholds(np.column_stack([seen, noise]), np.column_stack([labels, rare]), Thresholds.EACH)
    common = tuned_logit_thresholds(np.column_stack([seen, noise]), np.column_stack([labels, rare]), Thresholds.COMMON)[0]
    alone = tuned_logit_thresholds(noise[:, None], rare[:, None], Thresholds.COMMON)[0]
    assert abs(logit_thresholds[-1] - common) < 0.15 * abs(alone - common)
    none = tuned_logit_thresholds(seen, np.column_stack([labels[:, :3], np.zeros(400, np.bool_)]), Thresholds.EACH)
    assert np.isfinite(none).all()


def test_what_tuning_gains_is_not_told_of_the_items_it_was_tuned_on() -> None:
    rng = np.random.default_rng(0)
    flattered, honest, fresh = [], [], []
    for _time in range(8):  # six labels that nothing tells, each with a handful of positives
        logits, labels = rng.normal(-2, 1, (120, 6)), rng.random((120, 6)) < 0.3
        later, truth = rng.normal(-2, 1, (2000, 6)), rng.random((2000, 6)) < 0.3
        logit_thresholds = tuned_logit_thresholds(logits, labels, Thresholds.EACH)
        flattered.append(macro_f1(logits > logit_thresholds, labels)[0])
        honest.append(macro_f1(answered_apart(logits, labels, Thresholds.EACH), labels)[0])
        fresh.append(macro_f1(later > logit_thresholds, truth)[0])
    assert np.mean(flattered) > np.mean(fresh) + 0.01
    assert abs(np.mean(honest) - np.mean(fresh)) < abs(np.mean(flattered) - np.mean(fresh))


def test_items_of_one_logit_are_answered_alike() -> None:
    logits = np.array([[1.0], [1.0], [0.0], [-1.0]])
    cut = tuned_logit_thresholds(logits, np.array([[True], [False], [False], [False]]), Thresholds.COMMON)[0]
    assert 0.0 <= cut < 1.0


def test_where_every_item_has_a_label_every_one_is_answered_with_it() -> None:
    logits = np.array([[1.0], [0.5], [-1.0]])
    assert (logits > tuned_logit_thresholds(logits, np.ones((3, 1), np.bool_), Thresholds.COMMON)).all()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """A project with two runs that differ in their thresholds alone: its folder, the run from one half on, the other."""
    folder = tmp_path_factory.mktemp("thresholds")
    project, _true = predicted_project(folder)
    with project:
        half = finish(train_in_steps(project, SHORT.replace_from({"thresholds": "half"})))
        each = finish(train_in_steps(project, SHORT, parent=half.id))
    return folder / "my", half.id, each.id


@pytest.fixture
def project(made: tuple[Path, int, int], tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(made[0], tmp_path / "my")
    with Project.open(tmp_path / "my") as opened:
        yield opened


def test_a_run_keeps_its_thresholds_and_is_compared_by_them(project: Project, made: tuple[Path, int, int]) -> None:
    half, each = project.runs.get(made[1]), project.runs.get(made[2])
    logit_thresholds = read_logit_thresholds(each.folder, project.label_names)
    assert logit_thresholds.any() and not read_logit_thresholds(half.folder, project.label_names).any()
    kept = json.loads((each.folder / "thresholds.json").read_text())
    assert list(kept) == list(project.label_names) and min(kept.values()) < 0.5
    logits = np.load(each.folder / "logits.npy")
    np.testing.assert_array_equal(logits, np.load(half.folder / "logits.npy"))
    gold = np.flatnonzero(project.gold)
    labels = project.taxonomy.matrix(project.labels)[gold]
    found = compare(project, half.id, each.id)
    assert found.changed == ["Thresholds one half → one for each label"] and not found.caution
    wrong = [(answered(logits[gold], one) != labels).sum(1) for one in (0.0, logit_thresholds)]
    assert found.fixed == gold[wrong[1] < wrong[0]].tolist() and found.fixed
    assert found.labels is not None and found.labels[0] - found.labels[1] == wrong[0].sum() - wrong[1].sum()
    f1 = measure(logits[gold], labels, logit_thresholds)["micro_f1"]
    assert found.measures[0].b == pytest.approx(f1) and found.measures[0].b > found.measures[0].a
    assert spread(project, [each.id])[0].mean == pytest.approx(f1)
    assert half.metrics["micro_f1"] < each.metrics["micro_f1"], "on validation items, each by thresholds of the others"
    notes = (each.folder / "notes.md").read_text()
    assert "The threshold of a label is the probability" in notes and f"{percent(half.metrics['micro_f1'], 1)}." in notes
    assert "threshold of a label" not in (half.folder / "notes.md").read_text()


def test_the_card_says_from_where_on_labels_are_answered_and_its_python_does_so(
    project: Project, made: tuple[Path, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project.runs.get(made[2]).folder / "model"
    card = (folder / "README.md").read_text()
    kept = json.loads((folder / "thresholds.json").read_text())
    assert all(re.search(rf"\| {name} \| \d+ \| {share:.3f} \|", card) for name, share in kept.items())
    f1 = project.runs.get(made[2]).metrics["micro_f1"]
    assert percent(f1, 1) in card
    code = card.split("```python\n")[1].split("```")[0].replace('"a text of yours"', repr(" ".join(TOPICS.values())))
    (folder / "thresholds.json").write_text(json.dumps(dict.fromkeys(kept, 1e-9)))
    monkeypatch.chdir(folder)
    exec(code, {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == sorted(TOPICS)
    (folder / "thresholds.json").write_text(json.dumps(dict.fromkeys(kept, 1 - 1e-9)))
    exec(code, {})
    assert not capsys.readouterr().out


def test_an_accepted_model_answers_by_its_thresholds_wherever_it_is_asked(project: Project, made: tuple[Path, int, int]) -> None:
    logit_thresholds = read_logit_thresholds(project.runs.get(made[2]).folder, project.label_names)
    predictions = finish(accept_in_steps(project, made[2]))
    np.testing.assert_allclose(predictions.logit_thresholds, logit_thresholds)
    held = np.flatnonzero((project.split != 0) & ~project.gold)
    labels = project.taxonomy.matrix(project.labels)
    right = (answered(predictions.logits[held], logit_thresholds) == labels[held]).all(1).mean()
    assert predictions.meta["accuracy"] == pytest.approx(right)
    gold = np.flatnonzero(project.gold)
    facts = facts_of(project, project.rank(), predictions)
    np.testing.assert_array_equal(facts.suggested[gold], answered(predictions.logits[gold], logit_thresholds))
    assert (answered(predictions.logits[gold], logit_thresholds) != answered(predictions.logits[gold])).any()
    told = summarize(project, None).gold
    logits = np.load(project.runs.get(made[2]).folder / "logits.npy")[gold]
    assert told == pytest.approx(answer_measures(answered(logits, logit_thresholds), labels[gold])["accuracy"])


def test_a_model_brought_from_elsewhere_brings_its_thresholds(project: Project, made: tuple[Path, int, int]) -> None:
    folder = project.runs.get(made[2]).folder / "model"
    names = list(project.label_names)
    (folder / "thresholds.json").write_text(json.dumps({names[1].upper(): 0.2, names[0]: 0.9}))
    predictions: PredictionSet = project.predict(folder)
    expected = [np.log(9), np.log(0.25), 0, 0]
    np.testing.assert_allclose(predictions.logit_thresholds, expected, atol=1e-12)
    assert project.runs.current is not None and project.runs.current.kind == "initial"
    np.testing.assert_allclose(read_logit_thresholds(project.runs.current.folder, project.label_names), expected, atol=1e-12)


@pytest.mark.parametrize("text", ["{", '{"music": 1.5}', '["music"]', '{"music": "high"}', '{"music": NaN}'])
def test_a_damaged_file_of_thresholds_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "thresholds.json").write_text(text)
    with pytest.raises(BadcaseError, match=re.escape("thresholds.json")) as caught:
        read_logit_thresholds(tmp_path, ["music", "garden"])
    assert "Delete" in caught.value.hint
    write_logit_thresholds(tmp_path, ["music", "garden"], [-1.5, 0.25])
    np.testing.assert_allclose(read_logit_thresholds(tmp_path, ["garden", "music"]), [0.25, -1.5])
    write_logit_thresholds(tmp_path, ["music", "garden"], [80.0, -900.0])  # beyond what a probability can tell from 1 and 0
    np.testing.assert_allclose(read_logit_thresholds(tmp_path, ["garden", "music"]), [-30, 30], atol=0.1)


def test_a_stopped_run_is_made_whole_with_the_same_thresholds(project: Project, made: tuple[Path, int, int]) -> None:
    job = train_in_steps(project, SHORT)
    for event in job:
        if getattr(event, "done", 0) == 12 and "validation_loss" in getattr(event, "values", {}):
            break
    job.close()
    whole = finish(recover_in_steps(project, project.runs.all()[-1].id))
    other = project.runs.get(made[2])
    assert (whole.folder / "thresholds.json").read_text() == (other.folder / "thresholds.json").read_text()
    assert whole.metrics["micro_f1"] == other.metrics["micro_f1"]


def test_each_fold_is_measured_by_thresholds_of_items_that_it_learnt_with(project: Project) -> None:
    # Soft suspects know of the forgotten labels that thresholds make up for.
    folds = SHORT.replace_from({"validation": "stratified", "folds": 3, "epochs": 6, "suspects": "keep"})
    tuned, half = (finish(train_in_steps(project, folds.replace_from({"thresholds": how}))) for how in ("each", "half"))
    assert tuned.metrics["validation_loss"] == half.metrics["validation_loss"]
    assert tuned.metrics["micro_f1"] > half.metrics["micro_f1"]
    logit_thresholds = read_logit_thresholds(tuned.folder, project.label_names)
    assert logit_thresholds.any()
    made_of = next(one for one in project.predictions.all() if one.meta.get("cross_validation") == tuned.id)
    np.testing.assert_allclose(made_of.logit_thresholds, logit_thresholds)


def test_one_class_an_item_has_no_thresholds(project: Project) -> None:
    with pytest.raises(BadcaseError) as caught:
        Recipe(thresholds="half").check("text")
    assert caught.value.where == "thresholds"
    Recipe(loss="binary", thresholds="common").check("text", task="multilabel")


def test_a_gain_is_told_by_the_answers_that_a_retraining_would_give(project: Project) -> None:
    def told() -> tuple[int, int]:
        gain = finish(expected_gain(project))
        assert gain is not None
        return gain.fixed, gain.broke

    finish(accept_in_steps(project, project.runs.all()[-1].id))
    items = np.flatnonzero((project.split == 0) & ~project.gold)[:40]
    project.journal.record(items.tolist(), "relabel", project.taxonomy.id_of("music"))
    by_thresholds = told()
    finish(accept_in_steps(project, project.runs.all()[-2].id))
    assert told() != by_thresholds
