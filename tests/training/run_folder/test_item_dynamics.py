"""What a training saw on its way is kept and tells wrong labels, under the labels that it saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from badcase.progress import finish
from badcase.scorers import Needs
from badcase.store.training_dynamics import last_watched, read_margins
from badcase.training.recipe import Recipe
from badcase.training.runs.train import train_in_steps
from tests.training.projects import noisy_project

QUICK = Recipe(epochs=5, head_epochs=1, learning_rate=3e-3, batch_size=16)


def test_a_training_tells_wrong_labels_and_only_of_what_it_trained_on(tmp_path: Path) -> None:
    project, truth = noisy_project(tmp_path, 450, wrong=0.2)
    with project:
        before = project.rank()
        assert Needs.MARGINS in before.silent() and "margin_area" not in before.scores
        run = finish(train_in_steps(project, QUICK.replace_from({"epochs": 12, "learning_rate": 3e-2})))
        watched = last_watched(project)
        assert watched is not None and watched.id == run.id
        margins = read_margins(project, watched)
        assert margins is not None and margins.shape == (450, run.metrics["epochs"])
        trained = project.split == 0
        assert np.array_equal(np.isnan(margins).any(1), ~trained)
        after = project.rank()  # no verdict since, but a training
        assert Needs.MARGINS not in after.silent()
        np.testing.assert_array_equal(after.order, before.order)
        wrong = project.labels != truth
        for name in ("margin_area", "wrong_epochs"):
            scores = after.scores[name]
            assert np.isnan(scores[~trained]).all()
            ahead = (scores[trained & wrong][:, None] > scores[trained & ~wrong]).mean()
            assert ahead > 0.8, name
        spoken = np.flatnonzero(after.reason_masks()["margin_area"])
        assert wrong[spoken].mean() > 2 * wrong[trained].mean()
        assert any("training" in reason.text for reason in after.reasons(int(spoken[0])))


def test_what_a_training_saw_under_another_label_is_not_told_of_the_new_one(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path)
    with project:
        run = finish(train_in_steps(project, QUICK))
        item = int(np.flatnonzero(project.split == 0)[0])
        project.journal.record([item], "relabel", int((project.labels[item] + 1) % 3))
        margins = read_margins(project, run)
        assert margins is not None
        assert np.isnan(margins[item]).all()
        assert np.isnan(margins).all(1).sum() == (project.split != 0).sum() + 1


def test_a_damaged_record_of_a_training_does_not_keep_a_project_from_being_ranked(tmp_path: Path) -> None:
    project, _truth = noisy_project(tmp_path)
    with project:
        run = finish(train_in_steps(project, QUICK))
        (run.folder / "dynamics.npz").write_bytes(b"PK\x03\x04 cut short")
        assert "margin_area" not in project.rank().scores
