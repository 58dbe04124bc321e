"""A project that a stranger made, in the window: it is refused in words, or shown; nothing runs, waits or is touched."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from badcase.ui.desktop.main_window import MainWindow

MINE = "precious"


def tell(project: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(project / "project.db")) as database, database:
        database.execute(statement, values)


def in_place_of(name: str, put: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        path = project / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        put(path)

    return change


def trigger(project: Path) -> None:
    tell(project, "CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM classes; END")


def of_another(project: Path) -> None:
    tell(project, "UPDATE settings SET value = ? WHERE name = 'identity'", json.dumps("0" * 32))


def link_to_mine(path: Path) -> None:
    path.symlink_to(path.parents[1] / MINE)


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a trigger": (trigger, "no project database of badcase"),
    "the database of another": (of_another, "are of two projects"),
    "a pipe for a database": (in_place_of("project.db", os.mkfifo), "not a badcase project"),
    "a pipe among the predictions": (in_place_of("predictions/pipe", os.mkfifo), "neither a file nor a folder"),
    "a device for the items": (
        in_place_of("items.arrow", lambda path: path.symlink_to("/dev/zero")),
        "neither a file nor a folder",
    ),
    "a lock that is a file of mine": (in_place_of("project.lock", link_to_mine), "not a lock of badcase"),
    "predictions that lie elsewhere": (in_place_of("predictions", link_to_mine), "a folder that is not its own"),
}


def test_a_hostile_project_is_refused_in_words_and_touches_nothing(
    window: MainWindow, texts_project: Path, tmp_path: Path
) -> None:
    mine = tmp_path / MINE
    mine.write_text("kept")
    for number, (name, (change, words)) in enumerate(REFUSED.items()):
        project = Path(shutil.copytree(texts_project, tmp_path / f"p{number}"))
        change(project)
        window.open_project(project)
        assert words in window.errors.what.text().lower(), name
        assert window.session is None and window.stack.currentWidget() is window.entrance, name
        assert mine.read_text() == "kept" and not mine.is_symlink(), name


def test_code_that_a_project_names_does_not_run_when_it_is_opened(
    window: MainWindow, texts_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Path(shutil.copytree(texts_project, tmp_path / "p"))
    (tmp_path / "theirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ndef net(): pass\n")
    spec = {"kind": "factory", "source": "theirs:net", "task": "text", "search_path": str(tmp_path), "weights": None}
    tell(project, "INSERT OR REPLACE INTO settings VALUES ('model_spec', ?)", json.dumps(spec))
    monkeypatch.chdir(tmp_path)
    window.open_project(project)
    assert window.session is not None
    for page in ("data", "train", "review"):
        window.show_page(page)
    assert not (tmp_path / "ran").exists()
