"""A project that an earlier version made, as it lay on the disk: all that it held is there, and work goes on."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from badcase.progress import finish
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.compare import compare
from badcase.training.recipe import Recipe
from badcase.training.runs.plan import plan
from badcase.training.runs.resume import repeat_in_steps
from badcase.training.runs.train import train_in_steps
from tests import ROOT

MADE = ROOT / "tests" / "data" / "project-0.1.0.zip"  # format 2: 60 texts, 6 verdicts, 2 trainings, the second is in use


@pytest.fixture
def made_before(tmp_path: Path) -> Iterator[Project]:
    with zipfile.ZipFile(MADE) as file:
        file.extractall(tmp_path)
    with Project.open(tmp_path / "made") as project:
        yield project


def test_its_verdicts_labels_and_runs_are_there(made_before: Project) -> None:
    project = made_before
    said = {project.items.key(item): VerdictCode(project.verdicts[item]) for item in project.verdicts.nonzero()[0]}
    assert said == {
        "t01": VerdictCode.KEEP,
        "t02": VerdictCode.EXCLUDE,
        "t03": VerdictCode.UNSURE,
        "t07": VerdictCode.KEEP,  # the label that it had was set again
        "t20": VerdictCode.RELABEL,
        "t33": VerdictCode.RELABEL,
    }
    assert [run.title for run in project.runs.all()] == [
        "chargrams",
        "linear head, 6 new verdicts",
        "linear head, 6 new verdicts",
    ]
    assert project.journal.undo_title
    project.journal.undo()
    assert project.journal.counts().reviewed == 2  # the file of four verdicts was one batch


def test_its_recipes_are_read_under_the_names_of_today(made_before: Project) -> None:
    before, after = (Recipe().replace_from(made_before.runs.get(number).recipe) for number in (2, 3))
    assert (before.minimum_checks, before.patience, before.initialization, before.normalization) == (2, 1, "default", "model")
    assert (after.loss, after.generalized_q, after.minimum_checks) == ("generalized", 0.7, 1)
    assert Recipe.load(made_before.runs.get(3).folder / "recipe.toml") == after


def test_work_goes_on_in_it(made_before: Project) -> None:
    assert sorted(made_before.rank().order[:3].tolist()) == [7, 20, 33]  # the labels that were planted
    again = finish(repeat_in_steps(made_before, 2))
    assert again.metrics["accuracy"] == made_before.runs.get(2).metrics["accuracy"]
    assert compare(made_before, 2, 3).gold == 6
    assert finish(train_in_steps(made_before, Recipe().replace_from(made_before.runs.get(3).recipe))).state == "done"


def test_a_run_whose_start_is_of_no_kind_of_today_is_compared_by_the_word_that_it_has(made_before: Project) -> None:
    """The plan of the next training, and so the page of it, ended in an error of the program."""
    with made_before._store.transaction() as connection:
        connection.execute("UPDATE runs SET start = 'brought'")
    made = plan(made_before, Recipe())
    assert ("brought", "the weights the project began with") in [(old, new) for _title, old, new in made.differences]
