"""`badcase sample`: what Python draws, listed, or in a file."""

from __future__ import annotations

import csv
from pathlib import Path

from badcase.project import Project
from tests.projects import write_texts
from tests.ui.command_line.conftest import Badcase


def test_a_sample_is_listed_written_and_the_same_as_in_python(tmp_path: Path, badcase: Badcase) -> None:
    write_texts(tmp_path / "t.csv", 60)
    path = tmp_path / "p"
    with Project.create(path, tmp_path / "t.csv") as project:
        keys = [project.items.key(i) for i in project.sample(6, "balanced", seed=7)]
    done = badcase("sample", str(path), "--size", "6", "--by", "balanced", "--seed", "7", "--json")
    assert done.code == 0 and [one["key"] for one in done.json["sample"]] == keys and done.json["of"] > 40
    done = badcase("sample", str(path), "--size", "6", "--by", "balanced", "--seed", "7", "--csv", str(tmp_path / "s.csv"))
    with (tmp_path / "s.csv").open(encoding="utf-8") as file:
        assert [row["key"] for row in csv.DictReader(file)] == keys
    assert badcase("sample", str(path), "--for", "check").code == 0
    done = badcase("sample", str(path), "--by", "stratified", "--column", "moon", "--json")
    assert done.code == 1 and "split, class" in done.json["error"]
    done = badcase("sample", str(path), "--by", "diverse", "--json")
    assert done.code == 1 and "no features" in done.json["error"]
