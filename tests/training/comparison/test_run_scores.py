"""Scores that stand in one column stand on one revision of the labels, whichever door they are read through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from badcase.project import Project
from badcase.store.run_table import RunKind, RunState
from badcase.training.comparison.compare import compare
from badcase.training.comparison.run_scores import run_scores
from badcase.ui.cli import app
from tests.projects import write_texts


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two runs of different days: the first answers what was given, the second what is true."""
    truth = write_texts(tmp_path / "data.csv", 90, wrong=45)
    with Project.create(tmp_path / "p", tmp_path / "data.csv", label="label", text="text", key="id") as made:
        true = np.array([made.classes.index(truth[key]) for key in made.items.keys])
        for number, answers in enumerate((made.given, true), 1):
            metrics = {"accuracy": 0.5 + number / 10}  # as of their own days
            run = made.runs.add(kind=RunKind.TRAINING, title=f"run {number}", state=RunState.DONE, metrics=metrics)
            np.save(made.runs.get(run).folder / "logits.npy", (np.eye(3)[answers] * 4).astype(np.float16))
        yield made


def test_all_runs_are_scored_by_the_labels_of_today_and_the_comparison_says_the_same(project: Project) -> None:
    first = run_scores(project, project.runs.all())
    assert first.on_gold and first.value(1) == 1.0 and (first.value(2) or 1) < 1
    wrong = [int(i) for i in np.flatnonzero(project.gold) if _true(project, int(i)) != project.given[i]]
    project.journal.record(wrong, "relabel", [_true(project, i) for i in wrong])
    now = run_scores(project, project.runs.all())
    assert now.revision > first.revision
    assert now.value(2) == 1.0 and now.value(1) == pytest.approx(1 - len(wrong) / now.items)
    told = next(one for one in compare(project, 1, 2).measures if one.name == now.measure)
    assert (told.a, told.b) == (now.value(1), now.value(2))


def test_the_command_line_and_the_window_list_the_same_numbers(project: Project) -> None:
    from badcase.ui.desktop.train.runs.run_list_state import RunShelf

    wrong = [int(i) for i in np.flatnonzero(project.gold) if _true(project, int(i)) != project.given[i]]
    project.journal.record(wrong, "relabel", [_true(project, i) for i in wrong])
    shelf = RunShelf(project)
    in_window = {entry.number: entry.value for entry in shelf.entries()}
    path = project.path
    project.close()
    told = json.loads(CliRunner().invoke(app, ["runs", str(path), "--json"]).stdout)
    assert {run["id"]: run["scores"]["accuracy"] for run in told["runs"]} == in_window
    assert told["scored_on"]["gold"] and told["scored_on"]["revision"] == len(wrong)


def test_a_verdict_on_gold_changes_the_values_of_the_list_in_the_window(project: Project) -> None:
    from badcase.ui.desktop.train.runs.run_list_state import RunShelf

    shelf = RunShelf(project)
    before = shelf.entries()[-1].value
    item = next(int(i) for i in np.flatnonzero(project.gold) if _true(project, int(i)) != project.given[i])
    project.journal.record(item, "relabel", _true(project, item))
    assert (shelf.entries()[-1].value or 1) < (before or 0)


def test_without_gold_the_validation_items_of_the_project_judge_all_runs_alike(project: Project) -> None:
    project.journal.record(np.flatnonzero(project.gold).tolist(), "exclude")
    scores = run_scores(project, project.runs.all())
    assert not scores.on_gold and scores.items > 0 and scores.value(1) == 1.0
    assert "validation" in scores.heading


def test_a_run_whose_predictions_are_damaged_or_partial_has_no_score(project: Project) -> None:
    np.save(project.runs.get(1).folder / "logits.npy", np.full((90, 3), np.nan, np.float16))
    (project.runs.get(2).folder / "logits.npy").write_bytes(b"half of")
    assert run_scores(project, project.runs.all()).of == {}


def _true(project: Project, item: int) -> int:
    """What the second run answers."""
    logits = np.load(project.runs.get(2).folder / "logits.npy")
    return int(logits[item].argmax())
