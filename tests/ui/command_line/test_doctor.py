"""`doctor PROJECT`, `backup` and `restore`: exit codes, one JSON document, and what is told of the way back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.badcase.mending.projects import copied
from tests.ui.command_line.conftest import Badcase


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return copied(tmp_path)


def test_a_sound_project_exits_with_0_and_a_damaged_one_with_1_and_the_command_that_mends_it(
    made: Path, badcase: Badcase
) -> None:
    assert badcase("doctor", made).code == 0
    (made / "runs" / "2" / "dynamics.npz").write_bytes(b"PK")
    (made / "runs" / "3" / "history.jsonl").write_bytes(b"{\n")
    done = badcase("doctor", made, "--json")
    assert done.code == 1 and done.json["sound"] is False
    assert "--mend" in done.json["hint"] and "remove runs/2/dynamics.npz" in done.json["hint"]
    assert (made / "runs" / "2" / "dynamics.npz").exists()  # a check changes nothing
    mended = badcase("doctor", made, "--mend", "--json")
    assert mended.code == 1 and mended.json["mended"] == ["remove runs/2/dynamics.npz"]
    assert [one["part"] for one in mended.json["findings"] if one["state"] != "sound"] == ["run 3"]


def test_rescue_and_restore_say_what_they_did(made: Path, tmp_path: Path, badcase: Badcase) -> None:
    (made / "project.db").write_bytes(b"")
    refused = badcase("runs", made, "--json")
    assert refused.code == 1 and "empty" in refused.json["error"] and "badcase doctor" in refused.json["hint"]
    assert "--restore" in badcase("doctor", made).out
    patch = badcase("doctor", made, "--rescue", tmp_path / "found.patch", "--json")
    assert patch.code == 0 and patch.json["verdicts"] == 11 and patch.json["missing"] == 0
    done = badcase("doctor", made, "--restore", "--json")
    assert done.code == 0 and done.json["entries"] == 15
    assert Path(done.json["aside"]).read_bytes() == b""
    assert badcase("doctor", made).code == 0


def test_a_question_about_no_project_is_refused(badcase: Badcase) -> None:
    for option in ("--mend", "--restore", "--media"):
        done = badcase("doctor", option, "--json")
        assert done.code == 1 and "no project" in done.json["error"]


def test_a_project_goes_into_a_file_and_comes_back(made: Path, tmp_path: Path, badcase: Badcase) -> None:
    assert badcase("backup", made, tmp_path / "copy.zip").code == 0
    assert badcase("backup", made, tmp_path / "copy.zip").code == 1
    assert badcase("backup", made, tmp_path / "copy.zip", "--overwrite").code == 0
    assert badcase("restore", tmp_path / "copy.zip", tmp_path / "again").code == 0
    assert badcase("doctor", tmp_path / "again", "--media").code == 0
    assert badcase("restore", made / "items.arrow", tmp_path / "third").code == 1


def test_rows_that_no_longer_fit_are_named_by_table_and_row(made: Path, badcase: Badcase) -> None:
    with closing(sqlite3.connect(made / "project.db", isolation_level=None)) as database:
        database.execute("UPDATE gold SET item = 5000 WHERE rowid = (SELECT MAX(rowid) FROM gold)")
    done = badcase("rank", made, "--json")
    assert "project.db, table gold, row 5000" in done.json["error"]
    assert "items of the project" in done.json["error"] and "verdicts and items are not" in done.json["hint"]
    assert badcase("doctor", made, "--mend").code == 0
    assert badcase("rank", made).code == 0
