"""Gold on the command line: a comparison tells both figures, and a file of verdicts says which of its items are gold."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import Rule, answer, begin_check, conclude
from badcase.project import Project
from badcase.store.run_table import RunKind
from badcase.training import check_gold, draw_gold
from badcase.training.comparison.gold import gold_standing
from badcase.training.comparison.gold_choice import choose_gold
from tests.training.projects import write_noisy_texts
from tests.ui.command_line.conftest import Badcase


def test_compare_tells_both_figures_and_verdicts_tell_of_gold(badcase: Badcase, tmp_path: Path) -> None:
    write_noisy_texts(tmp_path / "texts.csv", 60, wrong=0.0)
    my = tmp_path / "my"
    with Project.create(my, tmp_path / "texts.csv") as project:
        right = 4.0 * np.eye(3)[project.given]
        gold = np.flatnonzero(project.gold)
        other = right.copy()
        other[gold[:8]] = np.roll(right, 1, axis=1)[gold[:8]]
        for logits in (right, other):
            number = project.runs.add(kind=RunKind.TRAINING, title="made", state="done")
            np.save(project.runs.get(number).folder / "logits.npy", logits.astype(np.float16))
        keys = [project.items.key(int(item)) for item in (gold[-1], np.flatnonzero(~project.gold)[0])]
    before = json.loads(badcase("compare", my, 1, 2, "--json").out)
    assert before["outcome"] == "worse" and before["as_given"] is None and before["gold_labels"]["checked"] == 0
    assert "nobody has checked them" in badcase("compare", my, 1, 2).out
    with Project.open(my) as project:
        check = begin_check(project, choose_gold(project, Rule.ALL, np.random.default_rng(0)))
        for item in check.choice.items:
            check = answer(project, check, int(other[item].argmax()), 1.0)
        conclude(project, check)
    after = json.loads(badcase("compare", my, 1, 2, "--json").out)
    assert after["outcome"] == "better" and after["as_given"]["outcome"] == "worse" and after["gold_labels"]["differed"] == 8
    told = " ".join(badcase("compare", my, 1, 2).out.split())
    assert "The figures are for gold as checked. As given: accuracy 100.0 →" in told

    (tmp_path / "verdicts.csv").write_text("key,verdict,label\n" + "".join(f"{key},keep,\n" for key in keys))
    done = badcase("verdicts", my, tmp_path / "verdicts.csv")
    assert "1 item is gold: its verdict changes the label that comparisons stand on" in " ".join(done.out.split())
    undone = json.loads(badcase("undo", my, "--json").out)
    assert undone["next_undo"] == f"gold check of {len(gold)} items"


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A project of sets of labels, a third of its items gold."""
    with (tmp_path / "several.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [[f"text {i}", ("a", "a;b", "b;c")[i % 3], ("train", "val", "test")[i % 3]] for i in range(60)]
        csv.writer(file).writerows([["text", "label", "split"], *rows])
    Project.create(tmp_path / "several", tmp_path / "several.csv", task="multilabel").close()
    return tmp_path / "several"


def answer_all(file: Path, says: dict[int, str], usual: str) -> None:
    with file.open(newline="", encoding="utf-8") as read:
        rows = list(csv.reader(read))
    assert rows[0] == ["key", "item", "label"] and all(row[2] == "" for row in rows[1:])
    with file.open("w", newline="", encoding="utf-8") as written:
        answered = [[*row[:2], says.get(place, usual)] for place, row in enumerate(rows[1:])]
        csv.writer(written).writerows([rows[0], *answered])


def test_gold_is_drawn_and_checked_by_a_file_with_several_labels_an_item_too(
    badcase: Badcase, several: Path, tmp_path: Path
) -> None:
    file = tmp_path / "check.csv"
    assert "nobody has checked them" in badcase("gold", several).out
    assert badcase("gold", several, "--check", tmp_path / "none.csv").code == 1
    drawn = badcase("gold", several, "--draw", file, "--n", 8, "--seed", 1, "--who", "ann", "--json").json
    assert drawn["drawn"] == 8
    assert "by ann is under way: 8 items wait" in " ".join(badcase("gold", several).out.split())
    refused = badcase("gold", several, "--check", file)
    assert refused.code == 1 and "no answer" in refused.err and "row 1" in refused.err
    answer_all(file, {0: "a;c", 1: "?", 2: "-"}, "b;c")
    told = badcase("gold", several, "--check", file, "--json").json
    assert (told["gold"]["checked"], told["gold"]["unsure"], told["gold"]["differed"]) == (8, 1, 2)
    assert told["gold"]["checkers"] == {"ann": 8} and told["waiting"] == 0
    with Project.open(several) as project:
        assert "a;c" in project.classes and project.label_names == ("a", "b", "c") and (project.labels == project.given).all()
        assert project.journal.undo_title == "gold check of 8 items"


def test_a_second_reviewer_checks_what_the_first_one_did_and_where_they_differ_is_told(
    badcase: Badcase, several: Path, tmp_path: Path
) -> None:
    for who, says in (("ann", {}), ("ben", {0: "a", 1: "a"})):
        badcase("gold", several, "--draw", tmp_path / who, "--rule", "all", "--seed", 1, "--who", who)
        answer_all(tmp_path / who, says, "b;c")
        told = badcase("gold", several, "--check", tmp_path / who)
        assert told.code == 0, told.err
    words = " ".join(told.out.split())
    assert "Checked by ann (20), ben (20). They differ on 2 items, where the newest check holds." in words
    status = badcase("gold", several, "--json").json
    with Project.open(several) as project:
        first = [row.split(",")[0] for row in (tmp_path / "ben").read_text(encoding="utf-8").splitlines()[1:3]]
        assert sorted(status["disputed"]) == sorted(first)
        assert gold_standing(project).checkers == {"ann": 20, "ben": 20}


def test_two_reviewers_draw_before_either_answers_and_each_file_ends_its_own_check(
    badcase: Badcase, several: Path, tmp_path: Path
) -> None:
    for who, n in (("ann", 6), ("ben", 8)):
        badcase("gold", several, "--draw", tmp_path / who, "--n", n, "--seed", 1, "--who", who)
        answer_all(tmp_path / who, {}, "b;c")
    words = " ".join(badcase("gold", several).out.split())
    assert "by ann is under way: 6 items" in words and "by ben is under way: 8 items" in words
    assert badcase("gold", several, "--check", tmp_path / "ann", "--json").json["waiting"] == 8
    done = badcase("gold", several, "--check", tmp_path / "ben", "--json").json
    assert done["waiting"] == 0 and done["gold"]["checkers"] == {"ann": 6, "ben": 8}


def test_from_python_a_check_needs_an_answer_for_each_item_that_was_drawn(several: Path) -> None:
    with Project.open(several) as project:
        items = draw_gold(project, "all", seed=0)
        for answers in ({}, dict.fromkeys(items[1:], "a"), dict.fromkeys([*items, int(np.flatnonzero(~project.gold)[0])], "a")):
            with pytest.raises(BadcaseError, match="not those to the items"):
                check_gold(project, answers)
        with pytest.raises(BadcaseError):
            check_gold(project, dict.fromkeys(items, "no such label"))
        assert (project.checked_labels == project.given).all()
        assert check_gold(project, dict.fromkeys(items, "b;c")).differed == 0
        with pytest.raises(BadcaseError, match="no check of gold was begun"):
            check_gold(project, {})
        with pytest.raises(BadcaseError, match="no such rule"):
            draw_gold(project, "some")
