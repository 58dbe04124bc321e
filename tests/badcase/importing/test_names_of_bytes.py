"""Names of files that are bytes and no text, as Linux lets them be: one such file stops no import, one such path is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from tests.badcase.importing.test_layouts import photo, tar_of
from tests.projects import write_texts

NAME = os.fsdecode(b"caf\xe9")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="names are text there")


def make_tree(folder: Path) -> Path:
    for number in range(6):
        path = folder / ("cat", "dog")[number % 2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"the text {number}")
    return folder


@pytest.mark.parametrize("name", [f"cat/{NAME}.txt", f"{NAME}/1.txt"])
def test_a_file_or_folder_whose_name_is_no_text_is_set_aside(tmp_path: Path, name: str) -> None:
    path = make_tree(tmp_path / "data") / name
    path.parent.mkdir(exist_ok=True)
    try:
        path.write_text("one more text")
    except OSError:
        pytest.skip("this file system keeps names of text alone")
    with Project.create(tmp_path / "p", tmp_path / "data") as project:
        assert len(project.items) == 6
        (aside,) = project.set_aside
        assert "caf\\udce9" in aside.key and "no text in UTF-8" in aside.what
        project.export(tmp_path / "out")


def test_a_member_of_a_tar_whose_name_is_no_text_is_set_aside(tmp_path: Path) -> None:
    members = {f"{key}.{ending}": raw for i, key in enumerate(["a", "b", "c", "d", NAME]) for ending, raw in sample(i).items()}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "shard-0.tar").write_bytes(tar_of(members))
    with Project.create(tmp_path / "p", tmp_path / "data") as project:
        assert len(project.items) == 4
        assert {one.key for one in project.set_aside} == {"caf\\udce9.jpg", "caf\\udce9.cls"}


def sample(number: int) -> dict[str, bytes]:
    return {"jpg": photo(number), "cls": b"%d" % (number % 2)}


def test_data_at_a_path_and_a_reviewer_that_are_no_text_are_told(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv", 6)
    (tmp_path / f"{NAME}.csv").write_bytes((tmp_path / "texts.csv").read_bytes())
    with pytest.raises(BadcaseError, match="no text in UTF-8"):
        Project.create(tmp_path / "p", tmp_path / f"{NAME}.csv")
    assert not (tmp_path / "p").exists()
    with Project.create(tmp_path / "p", tmp_path / "texts.csv") as project:
        with pytest.raises(BadcaseError, match="no text in UTF-8"):
            project.journal.record([0], "exclude", who=NAME)
        assert not project.verdicts.any() and project.journal.record([0], "exclude")
        with pytest.raises(BadcaseError, match="no text in UTF-8"):
            project.relocate(tmp_path / f"{NAME}.csv")
