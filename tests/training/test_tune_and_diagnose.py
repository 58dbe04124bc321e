"""The guided loop changes one thing at a time and writes it down; a diagnosis names what a history shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from tests.training.projects import noisy_project
from training.diagnose import Finding, diagnose
from training.recipe import PRESETS, Recipe
from training.train import train
from training.tune import gains, tune


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("tune"), wrong=0.1)
    yield made
    made.close()


def test_every_trial_changes_one_thing_of_the_best_before_it_and_says_why(project: Project) -> None:
    ranked = finish(tune(project, trials=6))
    assert len(ranked) == 6
    in_order = sorted(ranked, key=lambda run: run.id)
    for run in in_order[1:]:
        parent = project.run(run.parent or 0)
        assert len(Recipe(**parent.recipe).difference(Recipe(**run.recipe))) == 1
        assert (run.seed, run.revision, run.start) == (parent.seed, parent.revision, parent.start)
        notes = (run.folder / "notes.md").read_text()
        assert "Not said." not in notes and "More than one thing" not in notes
    changed = [next(iter(Recipe(**project.run(run.parent or 0).recipe).difference(Recipe(**run.recipe))))[0]
               for run in in_order[1:]]  # fmt: skip
    assert changed.index("Batch size") < changed.index("Learning rate")
    for run in in_order[1:]:
        assert not gains(project, ranked[0], run)


def test_a_change_stays_only_beyond_the_noise(project: Project) -> None:
    poor = PRESETS["linear-head"].replace_from({"learning_rate": 1e-4})
    slow, good = finish(train(project, poor)), finish(train(project, PRESETS["linear-head"]))
    assert gains(project, slow, good)
    assert not gains(project, good, slow)
    assert not gains(project, good, good)


def test_a_budget_of_seconds_ends_the_loop_and_one_of_nothing_is_refused(project: Project) -> None:
    assert len(finish(tune(project, seconds=0.01))) == 1
    with pytest.raises(BadcaseError, match="trials"):
        finish(tune(project, trials=0))


def history_run(project: Project, epochs: list[tuple[float, float]], **changes: object) -> list[Finding]:
    recipe = PRESETS["linear-head"].replace_from(changes)
    number = project.add_run(kind="training", title="made", recipe=recipe.values(), start="pretrained")
    lines = [json.dumps({"epoch": i, "train_loss": train, "validation_loss": seen, "accuracy": 0.5, "macro_f1": 0.5})
             for i, (train, seen) in enumerate(epochs, 1)]  # fmt: skip
    (project.run(number).folder / "history.jsonl").write_text("\n".join(lines) + "\n")
    project.update_run(number, state="done")
    return diagnose(project, number)


OVERFITTING = [(1.0, 1.0), (0.6, 0.7), (0.3, 0.6), (0.2, 0.8), (0.1, 1.0)]


@pytest.mark.parametrize(
    ("epochs", "name"),
    [
        (OVERFITTING, "overfitting"),
        ([(1.08, 1.09), (1.06, 1.07), (1.06, 1.07), (1.06, 1.08)], "underfitting"),
        ([(1.0, 1.0), (1.9, 2.0), (1.2, 1.5), (2.5, 3.0)], "rate_too_high"),
        ([(1.0, 1.0), (0.8, 0.8), (0.6, 0.6), (0.4, 0.45)], "cut_short"),
    ],
)
def test_a_history_gets_its_name_numbers_and_remedies_that_can_be_applied(
    project: Project, epochs: list[tuple[float, float]], name: str
) -> None:
    found = {finding.name: finding for finding in history_run(project, epochs)}
    assert name in found
    assert any(character.isdigit() for character in found[name].text)
    for remedy in found[name].remedies:
        PRESETS["linear-head"].replace_from(remedy.changes)
        assert "flip" not in remedy.changes  # not a knob of a head on stored embeddings


def test_a_calm_history_gets_no_diagnosis(project: Project) -> None:
    calm = [(1.0, 1.0), (0.4, 0.42), (0.2, 0.25), (0.15, 0.23), (0.14, 0.229), (0.135, 0.2289)]
    assert history_run(project, calm) == []


def test_a_run_held_back_by_its_labels_is_sent_to_the_queue(tmp_path: Path) -> None:
    from tests.training.projects import noisy_project as made

    project, truth = made(tmp_path, 900, wrong=0.03)
    with project:
        project.rank()
        run = finish(train(project, PRESETS["linear-head"].replace_from({"epochs": 60, "patience": 0,
                                                                        "minimum_epochs": 1})))  # fmt: skip
        found = {finding.name: finding for finding in diagnose(project, run.id)}
        assert "label_bound" in found, found
        items, losses = np.load(run.folder / "item_loss.npy")
        worst = items[np.argsort(-losses)[:10]].astype(int)
        assert (truth[worst] != project.labels[worst]).mean() > 0.5
