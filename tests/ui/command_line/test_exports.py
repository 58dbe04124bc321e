"""`badcase export` on the command line: what it says, and what it refuses."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.badcase.importing.importing import class_folders
from tests.ui.command_line.conftest import Badcase


@pytest.fixture
def images(tmp_path: Path, badcase: Badcase) -> Path:
    assert badcase("new", tmp_path / "my", "--data", class_folders(tmp_path / "d")).code == 0
    return tmp_path / "my"


def test_an_export_counts_in_the_right_number_and_says_where_the_images_are(
    images: Path, tmp_path: Path, badcase: Badcase
) -> None:
    badcase("label", images, "cat/0.jpg", "dog")
    first = badcase("export", images, tmp_path / "a.csv", "--format", "csv")
    assert "1 label corrected, 0 items left out:" in first.out
    assert "The image paths lead to where the images lie" in " ".join(first.out.split())
    (tmp_path / "v.csv").write_text("key,verdict,label\ncat/1.jpg,exclude,\n", encoding="utf-8")
    badcase("verdicts", images, tmp_path / "v.csv")
    second = badcase("export", images, tmp_path / "b.csv", "--format", "csv", "--media", "copy")
    assert "1 label corrected, 1 item left out:" in second.out and "b.csv_media" in second.out
    with (tmp_path / "b.csv").open(encoding="utf-8") as file:
        assert all((tmp_path / row["image"]).is_file() for row in csv.DictReader(file))
    made = badcase("export", images, tmp_path / "c.json", "--format", "labelstudio", "--json").json
    assert made["files"] == 12 and len(made["notes"]) == 3


def test_what_cannot_be_is_wrong_usage_or_told_with_what_can(images: Path, tmp_path: Path, badcase: Badcase) -> None:
    wrong = badcase("export", images, tmp_path / "a.csv", "--format", "csv", "--media", "move")
    assert wrong.code == 2 and "none | copy | link | embed" in " ".join(wrong.err.replace("│", " ").split())
    done = badcase("export", images, tmp_path / "a.csv", "--format", "csv", "--media", "embed")
    assert done.code == 1 and "expected none | copy | link, got embed" in " ".join(done.err.split())


def test_a_list_is_not_written_over_the_data_or_the_project_and_may_lie_in_its_folder(
    images: Path, tmp_path: Path, badcase: Badcase
) -> None:
    for own in (tmp_path / "d" / "cat" / "0.jpg", images / "project.db", images / "items.arrow"):
        before = own.read_bytes()
        done = badcase("rank", images, "--csv", own)
        assert done.code == 1 and "this path" in done.err and own.read_bytes() == before
    done = badcase("rank", images, "--csv", images / "queue.csv")
    assert "this path" not in done.err
