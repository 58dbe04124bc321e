"""What mends a project knows classes that entries of the journal made."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from badcase.mending.check_up import Soundness, check_up
from badcase.mending.mend import mending_in_steps
from badcase.mending.rescue import rescue
from badcase.mending.restore import restore_journal
from badcase.progress import finish
from badcase.project import Project
from tests.projects import write_texts

Seen = tuple[tuple[str, ...], list[int]]


def seen(folder: Path) -> Seen:
    with Project.open(folder, read_only=True) as project:
        return project.classes, project.labels.tolist()


@pytest.fixture
def changed(tmp_path: Path) -> tuple[Path, Seen]:
    """A project in which a class was added, given to an item and one was renamed, and how it stands."""
    write_texts(tmp_path / "texts.csv", 30)
    with Project.create(tmp_path / "my", tmp_path / "texts.csv") as project:
        edits = project.class_edits
        edits.apply(edits.add("plants"))
        item = int(np.flatnonzero(~project.gold)[0])
        project.journal.record(item, "relabel", "plants")
        edits.apply(edits.rename("food", "meals"))
        edits.apply(edits.reorder(["weather"]))
    return tmp_path / "my", seen(tmp_path / "my")


def test_a_sound_project_is_called_sound(changed: tuple[Path, Seen]) -> None:
    found = finish(check_up(changed[0]))
    assert {one.part: one.found for one in found if one.state is not Soundness.SOUND} == {}


def test_a_database_that_was_lost_comes_back_from_a_backup_with_its_classes(changed: tuple[Path, Seen]) -> None:
    folder, before = changed
    (folder / "project.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    restore_journal(folder)
    assert seen(folder) == before


def test_mending_keeps_what_was_said_of_a_class_that_was_added(changed: tuple[Path, Seen]) -> None:
    folder, before = changed
    with sqlite3.connect(folder / "project.db") as database:
        columns = "(batch, action, item, verdict, label, who, at)"
        database.execute(f"INSERT INTO journal {columns} VALUES (5, 'verdict', 0, 'relabel', 9, '', '')")
    finish(mending_in_steps(folder))
    assert seen(folder) == before


def test_a_change_that_speaks_of_one_which_is_lost_is_passed_over(changed: tuple[Path, Seen]) -> None:
    """Else a project whose journal was given up in part could not be opened at all."""
    folder, _before = changed
    with Project.open(folder) as project:
        edits = project.class_edits
        edits.apply(edits.merge(["weather"], "plants"))
    with sqlite3.connect(folder / "project.db") as database:
        database.execute("UPDATE journal SET classes = 'lost' WHERE seq = 1")
    finish(mending_in_steps(folder))
    assert seen(folder)[0] == ("animals", "meals", "weather")


def test_a_rescue_names_the_classes_as_they_are_called_now(changed: tuple[Path, Seen], tmp_path: Path) -> None:
    found = rescue(changed[0], tmp_path / "rescued.patch")
    _header, line = (tmp_path / "rescued.patch").read_text(encoding="utf-8").splitlines()
    assert (found.verdicts, found.unnamed, json.loads(line)["label"]) == (1, 0, "plants")
