"""What a person decided goes into the training as it was meant, and gold never does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from tests.training.projects import write_noisy_texts
from training.folding import fold_back
from training.recipe import PRESETS

RECIPE = PRESETS["linear-head"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_noisy_texts(tmp_path / "texts.csv", 200, wrong=0.2)
    made = Project.create(tmp_path / "project", tmp_path / "texts.csv")
    yield made
    made.close()


def test_corrected_labels_go_in_excluded_and_unsure_items_stay_out_gold_is_never_touched(project: Project) -> None:
    before = fold_back(project, RECIPE)
    fixed, out, unsure, kept = (int(item) for item in before.train.items[:4])
    project.record([fixed], "relabel", int((project.labels[fixed] + 1) % 3))
    project.record([out], "exclude")
    project.record([unsure], "unsure")
    project.record([kept], "keep")
    after = fold_back(project, RECIPE)
    assert set(before.train.items) - set(after.train.items) == {out, unsure}
    place = int(np.flatnonzero(after.train.items == fixed)[0])
    assert after.train.labels[place] == project.labels[fixed] != project.given[fixed]
    assert (after.corrections, after.confirmed, after.exclusions, after.unsure) == (1, 1, 1, 1)
    assert not project.gold[np.concatenate([after.train.items, after.validation.items])].any()
    assert not set(after.train.items) & set(after.validation.items)


def test_gold_stays_out_whatever_its_split_says(project: Project) -> None:
    before = fold_back(project, RECIPE)
    chosen = [int(before.train.items[0]), int(before.validation.items[0])]
    project.gold[chosen] = True
    after = fold_back(project, RECIPE)
    assert not set(chosen) & {*after.train.items, *after.validation.items}


def test_a_revision_gives_the_labels_of_that_moment(project: Project) -> None:
    item = int(fold_back(project, RECIPE).train.items[0])
    then = project.revision
    project.record([item], "relabel", int((project.labels[item] + 1) % 3))
    assert fold_back(project, RECIPE, revision=then).train.labels[0] == project.given[item]
    assert fold_back(project, RECIPE).train.labels[0] == project.labels[item]


def test_confirmed_items_weigh_more_up_to_their_share_of_an_epoch(project: Project) -> None:
    items = fold_back(project, RECIPE).train.items
    project.record(items[:3].tolist(), "keep")
    recipe = RECIPE.replace_from({"correction_weight": 4.0, "correction_share": 0.15})
    weights = fold_back(project, recipe).train.weights
    assert weights[0] / weights[-1] == pytest.approx(4)
    assert weights.mean() == pytest.approx(1)
    project.record(items[:15].tolist(), "keep")
    weights = fold_back(project, recipe).train.weights
    assert 1 < weights[0] / weights[-1] < 4
    assert weights[:15].sum() / weights.sum() == pytest.approx(0.15, rel=1e-3)
    project.record(items[:60].tolist(), "keep")
    np.testing.assert_allclose(fold_back(project, recipe).train.weights, 1, rtol=1e-6)


def test_where_all_validation_items_are_out_a_part_of_the_training_items_takes_their_place(project: Project) -> None:
    before = fold_back(project, RECIPE)
    project.record(before.validation.items.tolist(), "exclude")
    after = fold_back(project, RECIPE)
    assert len(after.validation) and set(after.validation.items) <= set(before.train.items)
    assert not set(project.items.twins[after.validation.items]) & set(project.items.twins[after.train.items])


def test_one_class_left_is_refused_with_a_remedy(project: Project) -> None:
    project.record(np.flatnonzero(project.labels != 0).tolist(), "exclude")
    with pytest.raises(BadcaseError, match="too little left") as caught:
        fold_back(project, RECIPE)
    assert caught.value.hint
