"""Verdict files: every row is checked before any is written, and one undo takes the whole file back."""

from __future__ import annotations

import gzip
import lzma
import shutil
from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from tests.ui.command_line.conftest import Badcase


def write(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(["key,verdict,label", *rows]) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_one_batch_of_all_kinds_of_verdict(project: Path, tmp_path: Path, badcase: Badcase, encoding: str) -> None:
    file = write(tmp_path / "v.csv", "t0,relabel,food", "t1,keep,", "t2,exclude,", "t3,unsure,", encoding=encoding)
    done = badcase("verdicts", project, file, "--json")
    assert done.code == 0
    assert done.json["recorded"] == 4
    counts = {"reviewed": 4, "fixed": 1, "kept": 1, "excluded": 1, "unsure": 1}
    none = dict.fromkeys(("to_review", "flagged", "of_no_class"), 0)  # no model has looked at them
    assert done.json["reviewed"] == counts | none | {"labelled": 0}
    with Project.open(project) as opened:
        assert opened.classes[opened.labels[opened.items.find("t0")]] == "food"
        opened.journal.undo()
        assert not np.any(opened.verdicts)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("semicolons.csv", "\ufeffkey;verdict;label\r\nt0;relabel;food\r\nt1;keep;\r\n".encode()),
        ("short.csv", b"sep=;\nKey;Verdict;Label\nt0;relabel;food\nt1;keep\n"),
        ("tabs.tsv", "label\tkey\tverdict\nfood\tt0\trelabel\n\tt1\tkeep\n".encode("utf-16")),
        ("packed.csv.gz", gzip.compress(b"verdicts of May\n\nkey,verdict,label\nt0,relabel,food\nt1,keep,\n")),
        ("packed.csv.xz", lzma.compress(b"key|verdict|label|why\nt0|relabel|food|a dish\nt1|keep||\n")),
    ],
    ids=["semicolons", "short", "tabs", "gz", "xz"],  # Packed bytes hold the time, and each process names its own tests.
)
def test_verdicts_are_read_in_every_form_that_a_data_set_may_have(
    project: Path, tmp_path: Path, badcase: Badcase, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    done = badcase("verdicts", project, tmp_path / name)
    assert done.code == 0, done.err
    with Project.open(project) as opened:
        assert opened.classes[opened.labels[opened.items.find("t0")]] == "food"
        assert opened.verdicts[opened.items.find("t1")] == VerdictCode.KEEP


def test_a_row_with_too_many_fields_is_named(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    (tmp_path / "v.csv").write_text("key;verdict;label\nt0;keep;\nt1;keep;;more\n", encoding="utf-8")
    done = badcase("verdicts", project, tmp_path / "v.csv")
    assert done.code == 1 and "row 2" in done.err and "4 fields" in done.err
    with Project.open(project) as opened:
        assert opened.revision == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("t1,relabel,fodd", "Classes: food"),
        ("t1,relabel,", "no such class"),
        ("nobody,keep,", "no item with this key"),
        ("t1,maybe,", "relabel | keep | exclude | unsure"),
        ("t0,keep,", "row 1 already"),
        ("t1,exclude,animals", "only a relabel"),
    ],
)
def test_one_bad_row_is_named_and_nothing_is_written(
    project: Path, tmp_path: Path, badcase: Badcase, row: str, said: str
) -> None:
    done = badcase("verdicts", project, write(tmp_path / "v.csv", "t0,exclude,", row))
    assert done.code == 1
    assert "row 2" in done.err
    assert said in done.err
    with Project.open(project) as opened:
        assert opened.revision == 0


def test_a_file_without_the_columns_is_refused(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    (tmp_path / "v.csv").write_text("id,label\n1,food\n", encoding="utf-8")
    done = badcase("verdicts", project, tmp_path / "v.csv")
    assert done.code == 1
    assert "key, verdict, label" in done.err


def test_label_fixes_one_item(project: Path, badcase: Badcase) -> None:
    assert badcase("label", project, "t4", "weather").code == 0
    with Project.open(project) as opened:
        item = opened.items.find("t4")
        assert opened.classes[opened.labels[item]] == "weather"
        assert opened.verdicts[item] in (VerdictCode.RELABEL, VerdictCode.KEEP)
    assert badcase("label", project, "t4", "weathr").code == 1


def test_of_one_verdict_it_is_not_said_that_all_are_taken_back(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    assert badcase("verdicts", project, write(tmp_path / "v.csv", "t0,keep,")).out.endswith("Undo takes it back.\n")
    several = badcase("verdicts", project, write(tmp_path / "v.csv", "t0,keep,", "t1,keep,")).out
    assert several.endswith("Undo takes all of them back at once.\n")


def test_undo_and_redo_turn_a_whole_file_and_say_so(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    nothing = badcase("undo", project)
    assert nothing.code == 1 and "nothing to undo" in nothing.err
    badcase("verdicts", project, write(tmp_path / "v.csv", "t0,relabel,food", "t1,keep,", "t2,exclude,"))
    assert badcase("redo", project, "--json").json["error"].endswith("there is nothing to redo")
    undone = badcase("undo", project, "--json")
    assert undone.code == 0 and undone.json["change"] == "Undo: 3 judged" and undone.json["items"] == 3
    assert undone.json["reviewed"]["reviewed"] == 0 and undone.json["next_redo"] == "3 judged"
    assert badcase("redo", project).out == "Redo: 3 judged\n"
    with Project.open(project) as opened:
        assert opened.journal.counts().reviewed == 3


def test_conflicts_of_a_patch_are_counted_listed_and_left_and_one_undo_takes_it_back(
    project: Path, tmp_path: Path, badcase: Badcase
) -> None:
    shutil.copytree(project, tmp_path / "copy")
    badcase("verdicts", project, write(tmp_path / "v.csv", "t0,keep,", "t1,relabel,animals"), "--who", "ann")
    badcase("verdicts", tmp_path / "copy", write(tmp_path / "w.csv", "t0,keep,", "t1,exclude,", "t2,unsure,"), "--who", "bob")
    badcase("export", tmp_path / "copy", tmp_path / "bob.patch", "--format", "patch")
    assert badcase("apply", project, tmp_path / "bob.patch", "--conflicts", "both").code == 2
    told = badcase("apply", project, tmp_path / "bob.patch")
    assert told.code == 0 and "2 verdicts applied, 1 contradicts what stands and was left" in told.out
    assert "relabel animals (ann, " in told.out and "exclude (bob, " in told.out and "as it stood" in told.out
    again = badcase("apply", project, tmp_path / "bob.patch", "--json").json
    assert {name: again[name] for name in ("applied", "conflicts", "already", "missing")} == {
        "applied": 0,
        "conflicts": 1,
        "already": 2,
        "missing": 0,
    }
    (conflict,) = again["conflicting"]
    assert conflict["key"] == "t1" and conflict["taken"] is False
    assert (conflict["stood"]["verdict"], conflict["stood"]["label"], conflict["stood"]["who"]) == ("relabel", "animals", "ann")
    assert (conflict["patch"]["verdict"], conflict["patch"]["label"], conflict["patch"]["who"]) == ("exclude", "", "bob")
    assert badcase("undo", project).out == "Undo: 3 judged\n"
    taken = badcase("apply", project, tmp_path / "bob.patch", "--conflicts", "take", "--json").json
    assert (taken["applied"], taken["conflicts"], taken["conflicting"][0]["taken"]) == (3, 1, True)
    with Project.open(project) as opened:
        assert opened.verdicts[opened.items.find("t1")] == VerdictCode.EXCLUDE
