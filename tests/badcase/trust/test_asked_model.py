"""The model that a project asks for: a name that it keeps is nobody's word, whoever wrote it there."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.checks.damage import DamagedError
from badcase.trust.gate import UntrustedCode, trusted
from tests.projects import write_texts


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("asked")
    write_texts(place / "texts.csv", 12)
    Project.create(place / "p", place / "texts.csv").close()
    return place / "p"


def ask(project: Path, said: object) -> None:
    with closing(sqlite3.connect(project / "project.db")) as database, database:
        database.execute("INSERT OR REPLACE INTO settings VALUES ('asked_model', ?)", (json.dumps(said),))


def test_code_that_a_project_asks_for_does_not_run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The story of a bug: `badcase predict PROJECT` took what stood there for what the person had named, and trusted it."""
    (tmp_path / "asked_code.py").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\ndef make(): ...\n")
    monkeypatch.chdir(tmp_path)
    ask(made, {"model": "asked_code:make", "weights": None})
    with Project.open(made) as project, pytest.raises(UntrustedCode):
        project.predict()
    assert not (tmp_path / "ran").exists() and "asked_code" not in sys.modules and not trusted()
    with Project.open(made) as project, pytest.raises(BadcaseError):  # named by the person it runs, and gives no network
        project.predict("asked_code:make")
    assert (tmp_path / "ran").exists()


def test_a_model_of_the_hub_that_a_project_asks_for_is_not_fetched(made: Path) -> None:
    ask(made, {"model": "somebody/some-model-that-is-not-here", "weights": None})
    with Project.open(made) as project, pytest.raises(BadcaseError, match="not on this machine") as refused:
        project.predict()
    assert "--model somebody/some-model-that-is-not-here" in refused.value.hint


@pytest.mark.parametrize("said", ["chargrams", {}, {"model": 1}, {"model": "chargrams", "weights": []}], ids=str)
def test_an_asked_model_of_another_shape_is_damage(made: Path, said: object) -> None:
    ask(made, said)
    with Project.open(made) as project, pytest.raises(DamagedError, match="settings"):
        project.predict()


def test_what_a_person_named_first_is_run_later_without_its_name(made: Path) -> None:
    ask(made, {"model": "chargrams", "weights": None})
    with Project.open(made) as project:
        assert project.predict().meta["name"] == "chargrams"
