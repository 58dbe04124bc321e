"""`diff` on the command line: the same numbers on the screen, as JSON, as CSV and as Markdown."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.ui.command_line.conftest import Badcase


def test_a_difference_is_told_written_and_counted(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    file = tmp_path / "v.csv"
    file.write_text("key,verdict,label\nt1,relabel,food\nt2,exclude,\nt3,relabel,weather\n", encoding="utf-8")
    assert badcase("verdicts", project, file, "--who", "=ann").code == 0
    done = badcase("diff", project, "given", "now", "--csv", tmp_path / "d.csv", "--markdown", tmp_path / "d.md", "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["changed"] == len(found["items"]) == sum(one["count"] for one in found["pairs"]) and found["by"] == {
        "=ann": found["changed"]
    }
    with (tmp_path / "d.csv").open(encoding="utf-8", newline="") as rows:
        read = list(csv.DictReader(rows))
    assert [row["key"] for row in read] == [one["key"] for one in found["items"]]
    assert next(row for row in read if row["key"] == "t2")["change"] == "excluded" and read[0]["who"] == "'=ann"
    assert "t2" in (tmp_path / "d.md").read_text(encoding="utf-8")
    shown = badcase("diff", project, "0", str(found["second"]))
    assert "excluded" in shown.out and "=ann" in shown.out
    assert badcase("diff", project, "now", "--json").json["changed"] == 0


def test_a_file_of_no_change_has_its_head_and_a_wrong_revision_is_named(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    assert badcase("diff", project, "given", "--csv", tmp_path / "d.csv").code == 0
    assert (tmp_path / "d.csv").read_text(encoding="utf-8").strip() == "key,from,to,change,who,at"
    done = badcase("diff", project, "5")
    assert done.code == 1 and "0 to 0, given, now or run:NUMBER" in done.err
    own = badcase("diff", project, "given", "--csv", project / "project.db")
    assert own.code == 1 and (project / "project.db").stat().st_size > 1000
