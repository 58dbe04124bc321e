"""The verbs that read work where nothing can be written and beside a program that writes; the others say why they do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from tests.projects import SUBJECTS, predict_from, write_texts
from tests.ui.command_line.conftest import Badcase
from tests.unwritable import read_only

WRITING = (["label", "t1", "food"], ["reviewers", "--accept-consensus"], ["accept", "1"], ["apply", "none.patch"])


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a ranking; copy it before changing it."""
    folder = tmp_path_factory.mktemp("ranked")
    truth = write_texts(folder / "subjects.csv", 48, wrong=3)
    with Project.create(folder / "project", folder / "subjects.csv") as project:
        classes = np.array([list(SUBJECTS).index(truth[key]) for key in project.items.keys])
        predict_from(project, np.eye(3)[classes] + np.random.default_rng(0).normal(0, 0.3, (48, 3)))
    return folder


@pytest.fixture
def reading(tmp_path: Path) -> list[list[object]]:
    """The verbs that read, as words around the project."""
    return [
        ["runs", ...],
        ["rank", ..., "--csv", tmp_path / "queue.csv"],
        ["groups", ..., "--by", "confusions"],
        ["reviewers", ...],
        ["export", ..., tmp_path / "out.csv"],
        ["report", ..., tmp_path / "out.html"],
    ]


def with_project(words: list[object], project: Path) -> list[object]:
    return [project if word is ... else word for word in words]


def test_verbs_that_read_need_no_permission_to_write(
    ranked: Path, tmp_path: Path, badcase: Badcase, reading: list[list[object]]
) -> None:
    shutil.copytree(ranked, tmp_path / "all")
    with read_only(tmp_path / "all") as place:
        shown = place / "project"
        for words in reading:
            done = badcase(*with_project(words, shown))
            assert done.code == 0, (words, done.err)
        for verb, *rest in WRITING:
            done = badcase(verb, shown, *rest)
            assert done.code == 1 and ("only be read" in done.err or "cannot be written" in done.err), (verb, done.err)
            assert "copy the project" in done.err.lower()
    assert (tmp_path / "out.html").is_file()


def test_verbs_that_read_stand_beside_a_program_that_writes(
    ranked: Path, tmp_path: Path, badcase: Badcase, reading: list[list[object]]
) -> None:
    shutil.copytree(ranked, tmp_path, dirs_exist_ok=True)
    with Project.open(tmp_path / "project") as writer:
        writer.journal.record(3, "keep")
        for words in reading:
            done = badcase(*with_project(words, tmp_path / "project"))
            assert done.code == 0, (words, done.err)
        writer.journal.record(4, "keep")
        assert writer.revision == 2


def test_a_synchronized_folder_is_told_once_on_stderr(ranked: Path, tmp_path: Path, badcase: Badcase) -> None:
    project = tmp_path / "Dropbox" / "project"
    shutil.copytree(ranked / "project", project)
    done = badcase("runs", project)
    assert done.code == 0 and done.err.count("Dropbox") == 1
    done = badcase("label", project, "t1", "food", "--json")
    assert "Dropbox" in done.json["notices"][0]["text"]
