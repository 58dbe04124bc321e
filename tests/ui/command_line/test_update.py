"""`update` on the command line: the data again, counted, listed, and taken back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from badcase.project import Project
from tests.projects import predict_from
from tests.ui.command_line.conftest import Badcase

NEW_TEXTS = [f"a dish called {a}{b} with {b}{a} sauce" for a in "abcdefgh" for b in ("lom", "tirk", "vesh", "punar", "zoq")]


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


def test_drift_tells_what_is_new_once_predictions_cover_it(project: Path, texts: Path, badcase: Badcase) -> None:
    early = badcase("drift", project)
    assert early.code == 1 and "no update" in early.err
    with texts.open("a", encoding="utf-8") as file:
        file.write("".join(f"n{i},{words},food\n" for i, words in enumerate(NEW_TEXTS)))
    assert badcase("update", project).code == 0
    assert "badcase predict" in badcase("drift", project).err
    with Project.open(project) as opened:
        predict_from(opened, np.random.default_rng(0).normal(size=(len(opened.items), 4)))
    told = badcase("drift", project, "--json")
    assert told.code == 0, told.err
    assert told.json["new"] == len(NEW_TEXTS) and told.json["old"] == 90 and told.json["revision"] == 2
    food = next(one for one in told.json["classes"] if one["title"] == "food")
    assert food["moved"] and set(food["keys"]) >= {f"n{i}" for i in range(len(NEW_TEXTS))}
    shown = badcase("drift", project).out
    assert "times the share" in shown
    assert badcase("drift", project, "--revision", "3").code == 1


def test_what_cannot_be_updated_is_said_and_nothing_changes(project: Path, texts: Path, badcase: Badcase) -> None:
    assert badcase("update", project, "--undo").code == 1
    missing = badcase("update", project, "--data", texts.with_name("nowhere.csv"))
    assert missing.code == 1 and "nothing at this path" in missing.err
    texts.write_text("id,text\n1,no label column\n", encoding="utf-8")
    assert badcase("update", project).code == 1
    texts.write_text("id,text,label\n", encoding="utf-8")
    assert badcase("update", project).code == 1, "an empty table is not taken for data that are all gone"
