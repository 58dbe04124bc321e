"""`update` on the command line: the data again, counted, listed, and taken back."""

from __future__ import annotations

from pathlib import Path

from tests.ui.command_line.conftest import Badcase


def test_an_update_is_shown_before_it_is_done_and_taken_back(
    project: Path, texts: Path, tmp_path: Path, badcase: Badcase
) -> None:
    lines = texts.read_text(encoding="utf-8").splitlines(keepends=True)
    texts.write_text("".join([lines[0], *lines[2:], "new,a text that was not there,food\n"]), encoding="utf-8")
    pool = tmp_path / "pool.txt"
    pool.write_text("nobody has labelled this\n", encoding="utf-8")
    planned = badcase("update", project, "--data", texts, "--unlabelled", pool, "--dry-run", "--json")
    assert planned.code == 0, planned.err
    numbers = {"added": 2, "changed": 0, "moved": 0, "gone": 1, "relabelled": 0, "conflicts": 0, "unlabelled": 1}
    assert {name: planned.json[name] for name in numbers} == numbers
    shown = badcase("update", project, "--data", texts, "--unlabelled", pool)
    assert shown.code == 0 and "Data revision 2: 2 new, 1 gone" in shown.out and "pool.txt/1" in shown.out
    again = badcase("update", project, "--json")
    assert again.json["revision"] == 2 and not any(again.json[name] for name in numbers)
    assert "Data revision 3: 1 new, 2 gone" in badcase("update", project, "--undo").out
    assert badcase("update", project, "--undo", "--dry-run").code == 1


def test_what_cannot_be_updated_is_said_and_nothing_changes(project: Path, texts: Path, badcase: Badcase) -> None:
    assert badcase("update", project, "--undo").code == 1
    missing = badcase("update", project, "--data", texts.with_name("nowhere.csv"))
    assert missing.code == 1 and "nothing at this path" in missing.err
    texts.write_text("id,text\n1,no label column\n", encoding="utf-8")
    assert badcase("update", project).code == 1
    texts.write_text("id,text,label\n", encoding="utf-8")
    assert badcase("update", project).code == 1, "an empty table is not taken for data that are all gone"
