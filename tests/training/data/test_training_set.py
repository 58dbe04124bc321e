"""What a person decided goes into the training as it was meant, and gold never does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase import rank
from badcase.active_learning.learner import Learner
from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from badcase.training.data.label_trust import LabelTrust, chances, label_trust_of
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.training_set import TrainingSet, build_training_set
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.enums import Start
from tests.training.projects import noisy_project, taught, write_noisy_texts

RECIPE = PRESETS["linear-head"]


def weighed(project: Project, recipe: Recipe = RECIPE) -> TrainingSet:
    """What a training by this recipe learns, as the verdicts stand."""
    spec = RunSpec(recipe, Start.PRETRAINED, 0, project.revision, project.predictions.current)
    return finish(spec.weighed(project)).training_set(project)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_noisy_texts(tmp_path / "texts.csv", 200, wrong=0.2)
    made = Project.create(tmp_path / "project", tmp_path / "texts.csv")
    yield made
    made.close()


def test_corrected_labels_go_in_excluded_and_unsure_items_stay_out_gold_is_never_touched(project: Project) -> None:
    before = build_training_set(project, RECIPE)
    fixed, out, unsure, kept = (int(item) for item in before.train.items[:4])
    project.journal.record([fixed], "relabel", int((project.labels[fixed] + 1) % 3))
    project.journal.record([out], "exclude")
    project.journal.record([unsure], "unsure")
    project.journal.record([kept], "keep")
    after = build_training_set(project, RECIPE)
    assert set(before.train.items) - set(after.train.items) == {out, unsure}
    place = int(np.flatnonzero(after.train.items == fixed)[0])
    assert after.train.labels[place] == project.labels[fixed] != project.given[fixed]
    assert (after.corrections, after.confirmed, after.exclusions, after.unsure) == (1, 1, 1, 1)
    assert not project.gold[np.concatenate([after.train.items, after.validation.items])].any()
    assert not set(after.train.items) & set(after.validation.items)


def test_gold_stays_out_whatever_its_split_says(project: Project) -> None:
    before = build_training_set(project, RECIPE)
    chosen = [int(before.train.items[0]), int(before.validation.items[0])]
    project.gold[chosen] = True
    after = build_training_set(project, RECIPE)
    assert not set(chosen) & {*after.train.items, *after.validation.items}


def test_a_revision_gives_the_labels_of_that_moment(project: Project) -> None:
    item = int(build_training_set(project, RECIPE).train.items[0])
    then = project.revision
    project.journal.record([item], "relabel", int((project.labels[item] + 1) % 3))
    assert build_training_set(project, RECIPE, revision=then).train.labels[0] == project.given[item]
    assert build_training_set(project, RECIPE).train.labels[0] == project.labels[item]


def test_confirmed_items_weigh_more_up_to_their_share_of_an_epoch(project: Project) -> None:
    items = build_training_set(project, RECIPE).train.items
    project.journal.record(items[:3].tolist(), "keep")
    recipe = RECIPE.replace_from({"correction_weight": 4.0, "correction_share": 0.15})
    weights = build_training_set(project, recipe).train.weights
    assert weights[0] / weights[-1] == pytest.approx(4)
    assert weights.mean() == pytest.approx(1)
    project.journal.record(items[:15].tolist(), "keep")
    weights = build_training_set(project, recipe).train.weights
    assert 1 < weights[0] / weights[-1] < 4
    assert weights[:15].sum() / weights.sum() == pytest.approx(0.15, rel=1e-3)
    project.journal.record(items[:60].tolist(), "keep")
    np.testing.assert_allclose(build_training_set(project, recipe).train.weights, 1, rtol=1e-6)


def test_where_all_validation_items_are_out_a_part_of_the_training_items_takes_their_place(project: Project) -> None:
    before = build_training_set(project, RECIPE)
    project.journal.record(before.validation.items.tolist(), "exclude")
    after = build_training_set(project, RECIPE)
    assert len(after.validation) and set(after.validation.items) <= set(before.train.items)
    assert not set(project.items.twins[after.validation.items]) & set(project.items.twins[after.train.items])


def test_a_new_hold_out_has_the_share_of_the_items_that_the_recipe_says(project: Project) -> None:
    sizes = []
    for share in (0.1, 0.4):
        training_set = build_training_set(project, RECIPE.replace_from({"validation": "stratified", "holdout_share": share}))
        sizes.append(len(training_set.validation) / (len(training_set.train) + len(training_set.validation)))
    assert sizes == pytest.approx([0.1, 0.4], abs=0.03)


def test_one_class_left_is_refused_with_a_remedy(project: Project) -> None:
    project.journal.record(np.flatnonzero(project.labels != 0).tolist(), "exclude")
    with pytest.raises(BadcaseError, match="too little left") as caught:
        build_training_set(project, RECIPE)
    assert caught.value.hint


def test_what_was_kept_against_the_models_answer_has_a_weight_and_a_share_of_its_own(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path)
    with project:
        items = build_training_set(project, RECIPE).train.items
        wrong = project.predictions.current.logits[items].argmax(1) != project.labels[items]
        hard, easy = items[wrong], items[~wrong]
        project.journal.record([int(hard[0]), int(easy[0])], "keep")
        recipe = RECIPE.replace_from({"correction_weight": 2.0, "hard_case_weight": 5.0})
        rows = build_training_set(project, recipe).train
        weight = dict(zip(rows.items.tolist(), rows.weights / rows.weights.min(), strict=True))
        assert weight[int(hard[0])] == pytest.approx(5) and weight[int(easy[0])] == pytest.approx(2)
        # The cap counts the hard cases alone.
        project.journal.record(hard[: len(items) // 20].tolist(), "keep")
        rows = build_training_set(project, recipe.replace_from({"hard_case_share": 0.1})).train
        kept = np.isin(rows.items, hard[: len(items) // 20])
        assert rows.weights[kept].sum() / rows.weights.sum() == pytest.approx(0.1, rel=1e-3)
        assert rows.weights[rows.items == easy[0]] / rows.weights.min() == pytest.approx(2)


def test_a_hard_case_is_judged_by_the_predictions_that_stood_when_it_was_kept(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path)
    with project:
        items = build_training_set(project, RECIPE).train.items
        hard = int(items[project.predictions.current.logits[items].argmax(1) != project.labels[items]][0])
        project.journal.record([hard], "keep")
        before = build_training_set(project, RECIPE.replace_from({"hard_case_weight": 5.0})).train.weights
        folder = tmp_path / "later"
        folder.mkdir()
        for name in ("embeddings", "trained_on"):
            np.save(folder / f"{name}.npy", getattr(project.predictions.current, name))
        np.save(folder / "logits.npy", np.eye(3, dtype=np.float16)[project.labels])  # a model that has all right
        project.predictions.add(folder, project.predictions.current.meta | {"revision": project.revision})
        np.testing.assert_array_equal(
            build_training_set(project, RECIPE.replace_from({"hard_case_weight": 5.0})).train.weights, before
        )


def test_unsure_items_teach_half_their_label_and_half_what_is_honestly_known(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path)
    with project:
        before = build_training_set(project, RECIPE)
        item, other = (int(one) for one in before.train.items[:2])
        judged = int(before.validation.items[0])
        project.journal.record([item, other, judged], "unsure", who="ann")
        soft = RECIPE.replace_from({"unsure": "soft"})
        assert item not in build_training_set(project, soft).train.items  # no ranking yet, so nothing is honestly known
        assert build_training_set(project, soft).unsure == 3
        ranking = project.rank()
        label = (int(project.given[other]) + 1) % 3
        project.journal.record([other], "relabel", label, who="bob")
        project.journal.record([other], "unsure", who="ann")
        training_set = build_training_set(project, soft)
        row = taught(training_set.train)[training_set.train.items == item][0]
        expected = 0.5 * np.eye(3)[project.given[item]] + 0.5 * ranking.probs[item]
        np.testing.assert_allclose(row, expected, atol=1e-3)
        said = taught(training_set.train)[training_set.train.items == other][0]
        np.testing.assert_allclose(said, 0.5 * np.eye(3)[project.given[other]] + 0.5 * np.eye(3)[label])
        assert judged not in training_set.validation.items and judged not in training_set.train.items
        assert training_set.soft == 2 and training_set.unsure == 1
        assert (taught(training_set.train).max(1) == 1).sum() == len(training_set.train) - 2


def test_where_two_reviewers_judged_their_weighed_consensus_is_taught(project: Project) -> None:
    items = [int(item) for item in build_training_set(project, RECIPE).train.items[:12]]
    labels = [int((project.given[item] + 1) % 3) for item in items]
    project.journal.record(items, "relabel", labels, who="ann")
    project.journal.record(items[:11], "relabel", labels[:11], who="bob")
    project.journal.record(items[:1], "keep", who="bob")
    assert build_training_set(project, RECIPE).train.soft is None
    soft = RECIPE.replace_from({"soft_labels": True})
    rows = build_training_set(project, soft).train
    split, agreed, alone = (taught(rows)[rows.items == items[i]][0] for i in (0, 1, 11))
    assert split.max() < agreed.max() < 1 and agreed.argmax() == labels[1]
    assert {int(project.given[items[0]]), labels[0]} == set(np.argsort(split)[-2:])
    assert alone.max() == 1
    np.testing.assert_allclose(taught(rows).sum(1), 1, atol=1e-5)


def test_the_old_model_teaches_only_where_it_is_right_and_nobody_changed_the_label(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path)
    with project:
        items = build_training_set(project, RECIPE).train.items
        answers = project.predictions.current.logits.argmax(1)
        changed = int(items[answers[items] != project.labels[items]][0])
        project.journal.record([changed], "relabel", int(answers[changed]))
        assert build_training_set(project, RECIPE).train.teacher is None
        rows = build_training_set(project, RECIPE.replace_from({"distill": 1.0})).train
        np.testing.assert_array_equal(rows.teacher, project.predictions.current.logits[rows.items])
        expected = (answers[rows.items] == project.labels[rows.items]) & (rows.items != changed)
        np.testing.assert_array_equal(rows.teacher_weight, expected.astype(np.float32))
        assert answers[changed] == project.labels[changed] and 0 < expected.sum() < len(expected)


def test_a_validation_item_with_a_twin_in_training_judges_nothing(tmp_path: Path) -> None:
    write_noisy_texts(tmp_path / "texts.csv", 60, wrong=0.0)
    lines = (tmp_path / "texts.csv").read_text(encoding="utf-8").splitlines()
    trains = next(line for line in lines if line.endswith("train"))
    with (tmp_path / "texts.csv").open("a", encoding="utf-8") as file:
        file.write("copy," + trains.split(",", 1)[1].removesuffix("train") + "val\n")
    with Project.create(tmp_path / "project", tmp_path / "texts.csv") as project:
        training_set = build_training_set(project, RECIPE)
        copy = project.items.find("copy")
        assert project.split[copy] == 1 and copy not in np.union1d(training_set.validation.items, training_set.train.items)
        assert "1 validation item is a near-duplicate" in training_set.notes[0]


def test_soft_suspects_teach_their_label_as_far_as_it_is_believed(tmp_path: Path) -> None:
    project, truth = noisy_project(tmp_path, 300, wrong=0.2)
    with project:
        assert RECIPE.suspects == "soft" and project.any_ranking is None
        training_set = weighed(project)
        rows, targets = training_set.train, taught(training_set.train)
        assert training_set.soft > 0 and training_set.suspects == 0
        np.testing.assert_allclose(targets.sum(1), 1, atol=2e-3)
        wrong = project.given[rows.items] != truth[rows.items]
        places = np.arange(len(rows))
        believed, of_truth = targets[places, rows.labels], targets[places, truth[rows.items]]
        assert believed[~wrong].mean() > believed[wrong].mean() + 0.3
        assert of_truth[wrong].mean() > 0.35  # as labelled it would be none
        as_labelled = build_training_set(project, RECIPE.replace_from({"suspects": "keep"}))
        assert as_labelled.train.soft is None
        np.testing.assert_array_equal(training_set.validation.labels, as_labelled.validation.labels)
        # A verdict ends the doubt of its item.
        item = int(rows.items[wrong][0])
        project.journal.record([item], "relabel", int(truth[item]))
        rows = weighed(project).train
        assert taught(rows)[rows.items == item][0].tolist() == np.eye(3)[truth[item]].tolist()


def test_what_a_part_doubts_is_the_same_whatever_the_labels_beyond_it_are(tmp_path: Path) -> None:
    project, truth = noisy_project(tmp_path, 300, wrong=0.2)
    with project:
        project.rank()
        items = build_training_set(project, RECIPE).train.items
        within, beyond = items[::2], items[1::2]
        before = finish(label_trust_of(project, project.predictions.current, within))
        for item in beyond:
            project.journal.record([int(item)], "relabel", (int(project.labels[item]) + 1) % 3)
        project.rank()
        after = finish(label_trust_of(project, project.predictions.current, within))
        for name in LabelTrust.__slots__:
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        wrong = project.given[within] != truth[within]
        assert len(before.flagged) and np.isin(before.items, within).all()
        rows = build_training_set(project, RECIPE, within=within, trust=before).train
        of_truth = taught(rows)[np.arange(len(rows)), truth[rows.items]]
        assert of_truth[wrong[np.searchsorted(within, rows.items)]].mean() > 0.2


def test_suspects_stay_out_of_training_until_somebody_has_judged_them(tmp_path: Path) -> None:
    project, truth = noisy_project(tmp_path, 300, wrong=0.2)
    out = RECIPE.replace_from({"suspects": "out"})
    with project:
        flagged = project.rank().flagged & ~project.gold
        kept, ahead, made = build_training_set(project, RECIPE), build_training_set(project, out), weighed(project, out)
        assert flagged[kept.train.items].sum() == ahead.suspects > 0 and not flagged[ahead.train.items].any()
        assert made.suspects == len(kept.train) - len(made.train) > 0
        for one in (ahead, made):  # what measures is not thinned out
            np.testing.assert_array_equal(one.validation.items, kept.validation.items)
        item = int(np.setdiff1d(kept.train.items, made.train.items)[0])
        project.journal.record([item], "relabel", int(truth[item]))
        assert item in weighed(project, out).train.items


def test_what_was_found_of_labels_is_kept_and_found_again_where_it_is_damaged_or_others_stand(tmp_path: Path) -> None:
    project, truth = noisy_project(tmp_path, 200, wrong=0.2)
    with project:
        folder, within = project.predictions.current.folder, build_training_set(project, RECIPE).train.items

        def found() -> LabelTrust:
            return finish(label_trust_of(project, project.predictions.current, within))

        def same(one: LabelTrust, other: LabelTrust) -> bool:
            return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in LabelTrust.__slots__)

        first = found()
        (kept,) = folder.glob("trust-*/doubts.npz")
        began = kept.stat().st_mtime_ns
        assert same(found(), first) and kept.stat().st_mtime_ns == began
        for damage in (b"no zip", b""):
            kept.write_bytes(damage)
            assert same(found(), first) and kept.stat().st_size > len(damage)
        np.savez(kept, **{name: np.array([10**6]) for name in LabelTrust.__slots__})  # of other items
        assert same(found(), first)
        wrong = within[project.given[within] != truth[within]][:1]
        project.journal.record(wrong.tolist(), "relabel", truth[wrong].tolist())
        assert wrong[0] in first.items and wrong[0] not in found().items


def test_a_small_class_beside_large_ones_is_doubted_less() -> None:
    """Of all classes alike in size, and of the largest, doubts count in full; see what they cost in `_doubt_by_class_size`."""
    n, rng = np.array([200, 200, 10]), np.random.default_rng(0)
    labels = np.repeat(np.arange(3), n)
    features = np.eye(3)[labels] @ rng.normal(size=(3, 8)) + rng.normal(size=(410, 8))
    ranking, nobody = rank(labels, features=features), np.zeros(410, np.int8)
    full = Learner(ranking, random_sample=False).chance_wrong(np.arange(410))
    shares = chances(ranking, nobody, np.arange(410)) / full
    np.testing.assert_allclose(shares[labels < 2], 1, rtol=1e-5)
    assert (shares[labels == 2] < 0.15).all()
