"""A run is told in the language in use, whichever it was begun in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from badcase.i18n import current_language, use_language
from badcase.project import Project
from badcase.store.run_table import RunKind, RunState
from badcase.training.recipe import Recipe
from badcase.training.run_folder.run_files import write_json
from badcase.training.tuning.run_titles import title_of
from badcase.training.tuning.tuning_folder import ASKED, MEASURED
from tests.projects import write_texts


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    before = current_language()
    write_texts(tmp_path / "t.csv", 30, wrong=2)
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as made:
        yield made
    use_language(before)


def add(project: Project, title: str, **values: object) -> int:
    made = {"kind": RunKind.TRAINING, "state": RunState.DONE, "start": "current", "recipe": Recipe().values()} | values
    return project.runs.add(title=title, **made)  # type: ignore[arg-type]


def test_what_changed_against_the_parent_is_told_anew(project: Project) -> None:
    project.journal.record([0, 1], "exclude")
    first = add(project, "begonnen")
    other = Recipe().replace_from({"epochs": 9})
    second = add(project, "anders", parent=first, recipe=other.values(), revision=project.revision)
    again = add(project, "noch einmal", parent=second, recipe=other.values(), revision=project.revision)
    said = {}
    for language in ("en", "zh_CN"):
        use_language(language)
        said[language] = [title_of(project, project.runs.get(run)) for run in (second, again)]
    assert said["en"][0].startswith("2 new verdicts, Epochs ") and said["en"][0].endswith("→ 9")
    assert said["en"][1] == f"run {second} again"
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in said["zh_CN"])


def test_a_run_that_tells_nothing_of_its_recipe_keeps_its_title(project: Project) -> None:
    for values in ({"recipe": {}}, {"kind": RunKind.INITIAL}):
        assert title_of(project, project.runs.get(add(project, "as it was", **values))) == "as it was"


def test_tunings_and_their_trials_are_told_anew_too(project: Project) -> None:
    first = add(project, "Anfang", kind=RunKind.INITIAL, recipe={})
    tuning = add(project, "Abstimmung", kind=RunKind.TUNING)
    write_json(project.runs.get(tuning).folder / ASKED, {"space": None})
    measured = add(project, "gemessen", kind=RunKind.NESTED_TUNING)
    write_json(project.runs.get(measured).folder / MEASURED, {"asked": {"outer": 3}, "folds": []})
    said: dict[str, list[str]] = {}
    for language in ("en", "zh_CN"):
        use_language(language)
        said[language] = [title_of(project, project.runs.get(run)) for run in (tuning, measured)]
    assert said["en"] == ["tuning, one change at a time", "tuning in 3 outer folds"]
    assert title_of(project, project.runs.get(first)) == "Anfang"
    plain = add(project, "schlicht", kind=RunKind.TRIAL, part_of=tuning)
    other = Recipe().replace_from({"epochs": 9}).values()
    stays = {"kind": RunKind.TRIAL, "part_of": tuning, "parent": plain, "recipe": other, "metrics": {"stays": True}}
    trial = add(project, "anders", **stays)
    for language in ("en", "zh_CN"):
        use_language(language)
        said[language] += [title_of(project, project.runs.get(run)) for run in (tuning, plain, trial)]
    assert said["en"][2] == "tuning, 2 trials, 1 stayed" and said["en"][4].startswith("Epochs ")
    assert "schlicht" not in said["en"]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in said["zh_CN"])
