"""What a training saw of each label on its way is kept, tells wrong entries, and is told as a reason against them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase import Project
from badcase.progress import finish
from badcase.ranking.multilabel.ranking import MultilabelRanking
from badcase.store.training_dynamics import last_watched, read_label_dynamics
from badcase.training.recipe import default_for
from badcase.training.run_folder.item_dynamics import ItemDynamics
from badcase.training.run_folder.run_files import read_history
from badcase.training.runs.resume import resume_in_steps
from badcase.training.runs.train import train_in_steps
from badcase.ui.desktop.review.state.facts import facts_of, reason_titles
from tests.badcase.ranking.multilabel.texts import predicted_project

HEAD = default_for({"kind": "linear_head"}, "text", task="multilabel")
SHORT = HEAD.replace_from({"epochs": 20, "patience": 0, "minimum_checks": 1}).settled("text", task="multilabel")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """The folder of a project after a training, and the true labels of its items."""
    folder = tmp_path_factory.mktemp("dynamics")
    project, true = predicted_project(folder)
    with project:
        finish(train_in_steps(project, SHORT))
    return folder / "my", true


@pytest.fixture
def project(made: tuple[Path, np.ndarray], tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(made[0], tmp_path / "my")
    with Project.open(tmp_path / "my") as opened:
        yield opened


def ranked(project: Project) -> MultilabelRanking:
    ranking = project.rank()
    assert isinstance(ranking, MultilabelRanking)
    return ranking


def test_a_training_tells_wrong_entries_and_only_of_what_it_trained_on(project: Project, made: tuple[Path, np.ndarray]) -> None:
    before = project.any_ranking
    assert isinstance(before, MultilabelRanking) and before.area is None and set(before.scores) == {"margin", "neighbours"}
    run = last_watched(project)
    assert run is not None and run.id == 2
    seen = read_label_dynamics(project, run)
    assert seen is not None and seen.epochs == 20 and seen.wrong.max() <= 20
    trained = project.split == 0
    np.testing.assert_array_equal(np.isnan(seen.area), np.repeat(~trained[:, None], 4, axis=1))
    wrong = project.taxonomy.matrix(project.given) != made[1]
    area, often = -seen.area[trained].astype(float), seen.wrong[trained].astype(float)
    assert (area[wrong[trained]][:, None] > area[~wrong[trained]]).mean() > 0.75
    lacking = ~project.taxonomy.matrix(project.given)[trained]
    assert often[lacking & wrong[trained]].mean() > 3 * often[lacking & ~wrong[trained]].mean()
    after = ranked(project)
    np.testing.assert_array_equal(after.order, before.order)
    assert np.isnan(after.scores["margin_area"][~trained]).all() and np.nanmax(after.scores["wrong_epochs"]) > 0.5
    spoken = np.flatnonzero(after.reason_masks()["wrong_epochs"])
    assert wrong[spoken].any(1).mean() > 1.5 * wrong[trained].any(1).mean()
    item = int(spoken[wrong[spoken].any(1)][0])
    told = [reason for reason in after.reasons(item) if reason.scorer in ("margin_area", "wrong_epochs")]
    label = int(np.flatnonzero(wrong[item])[0])
    assert any(project.label_names[label] in reason.text and "training" in reason.text for reason in told)
    assert all(0.5 < reason.value <= 1 for reason in told)
    for one in (item, int(np.flatnonzero(~trained)[0])):
        assert {reason.scorer for reason in after.reasons(one)} == {
            name for name, mask in after.reason_masks(one).items() if mask[0]
        }
    assert {"margin_area", "wrong_epochs"} <= set(reason_titles(facts_of(project, after, project.predictions.current)))


def test_what_was_seen_under_other_labels_is_not_told_of_the_new_ones(project: Project) -> None:
    item = int(np.flatnonzero(project.split == 0)[0])
    had = project.taxonomy.matrix(project.labels[[item]])[0]
    wanted = had.copy()
    wanted[:2] = ~wanted[:2]
    project.journal.record([item], "relabel", project.taxonomy.ids_of(wanted[None]).tolist())
    run = last_watched(project)
    assert run is not None
    seen = read_label_dynamics(project, run)
    assert seen is not None
    np.testing.assert_array_equal(np.isnan(seen.area[item]), [True, True, False, False])
    (run.folder / "dynamics.npz").write_bytes(b"PK\x03\x04 cut short")
    assert ranked(project).area is None


def test_a_training_that_went_on_has_seen_what_one_in_one_go_has(project: Project) -> None:
    recipe = SHORT.replace_from({"checks": 2, "epochs": 8})
    whole = finish(train_in_steps(project, recipe))
    job = train_in_steps(project, recipe)
    for event in job:
        if getattr(event, "values", {}).get("validation_loss") and len(read_history(project.runs.all()[-1].folder)) == 7:
            break
    job.close()
    gone_on = finish(resume_in_steps(project, project.runs.all()[-1].id))
    first, second = (np.load(run.folder / "dynamics.npz") for run in (whole, gone_on))
    for name in ("items", "labels", "area", "wrong", "epochs"):
        np.testing.assert_array_equal(first[name], second[name])
    assert int(first["epochs"]) == 8, "two looks in an epoch see each item once"


def test_an_item_that_an_epoch_did_not_meet_counts_by_the_epochs_that_did() -> None:
    watched, nan = ItemDynamics(), np.nan
    watched.take(np.array([1.0, nan], np.float32), np.array([[2.0, -1.0], [nan, nan]], np.float32), begins=True)
    watched.take(np.array([nan, 3.0], np.float32), np.array([[nan, nan], [1.0, 0.0]], np.float32), begins=False)
    watched.take(np.array([0.5, nan], np.float32), np.array([[-4.0, 1.0], [nan, nan]], np.float32), begins=True)
    again = ItemDynamics.of(watched.state())
    assert again.labels is not None
    np.testing.assert_array_equal(again.labels.total, [[-2, 0], [1, 0]])
    np.testing.assert_array_equal(again.labels.wrong, [[1, 1], [0, 1]])
    np.testing.assert_array_equal(again.labels.met, [2, 1])
    np.testing.assert_array_equal(again.losses, [0.5, 3.0])
