"""Two people review one project, one after the other or on copies: their verdicts stand side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from badcase.project import Project
from badcase.reviewers.of_project import CONSENSUS
from badcase.store.verdicts import VerdictCode
from tests.ui.command_line.conftest import Badcase


def judge(badcase: Badcase, project: Path, who: str, *rows: str) -> None:
    file = project.parent / f"{who}.csv"
    file.write_text("\n".join(["key,verdict,label", *rows]) + "\n", encoding="utf-8")
    done = badcase("verdicts", project, file, "--who", who)
    assert done.code == 0, done.err


@pytest.fixture
def two(project: Path, badcase: Badcase) -> Path:
    """Ann judges t0 to t5, then Bob t0 to t3 and t6: they differ on t1 and t3; Ann is unsure about t5."""
    ann = ["t0,keep,", "t1,relabel,food", "t2,exclude,", "t3,keep,", "t4,keep,", "t5,unsure,"]
    judge(badcase, project, "ann", *ann)
    judge(badcase, project, "bob", "t0,keep,", "t1,relabel,weather", "t2,exclude,", "t3,exclude,", "t6,keep,")
    return project


def test_agreement_and_disagreements_are_told(two: Path, badcase: Badcase) -> None:
    found = badcase("reviewers", two, "--json").json
    assert [(one["name"], one["judged"]) for one in found["reviewers"]] == [("ann", 6), ("bob", 5)]
    assert found["shared"] == 4 and found["pairs"][0]["items"] == 4 and found["pairs"][0]["alike"] == 0.5
    answers = {one["key"]: one["answers"] for one in found["disagreements"]}
    assert answers["t1"] == {"ann": "food", "bob": "weather"}
    assert answers["t3"]["bob"] == "excluded" and set(answers) == {"t1", "t3"}
    assert set(found["for_second"]) == {"t4", "t5", "t6"} and found["for_second"][0] == "t5"
    table = badcase("reviewers", two)
    assert table.code == 0 and "ann: food; bob: weather" in table.out and "alpha" in table.out


def test_the_newest_verdict_holds_and_undo_gives_the_word_back(two: Path) -> None:
    with Project.open(two) as project:
        item = project.items.find("t1")
        assert project.classes[project.labels[item]] == "weather"
        project.journal.undo()
        assert project.classes[project.labels[item]] == "food"
        assert {one.who for one in project.journal.by_reviewer()} == {"ann"}
        assert len(project.reviewers().disagreements()) == 0


def test_the_consensus_is_taken_over_as_one_batch_that_is_no_reviewer(two: Path, badcase: Badcase) -> None:
    judge(badcase, two, "eve", "t0,keep,", "t1,relabel,food", "t2,exclude,", "t4,relabel,weather")
    with Project.open(two) as project:
        item = project.items.find("t1")
        project.journal.record([item], "unsure", who="bob")
    done = badcase("reviewers", two, "--accept-consensus", "--json")
    assert done.code == 0 and done.json["accepted"] >= 1
    assert any("one reviewer alone" in words for words in done.json["left_out"])
    with Project.open(two) as project:
        assert project.classes[project.labels[item]] == "food"
        assert project.journal.history(item)[-1].who == CONSENSUS
        assert project.reviewers().names == ("ann", "bob", "eve")
        assert project.accept_consensus().items == frozenset()
        project.journal.undo()
        assert project.journal.history(item)[-1].undone


def test_a_patch_brings_the_other_reviewer_with_it(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    shutil.copytree(project, tmp_path / "copy")
    judge(badcase, project, "ann", "t0,keep,", "t1,relabel,food", "t2,keep,")
    judge(badcase, tmp_path / "copy", "bob", "t0,keep,", "t1,relabel,weather", "t2,exclude,")
    assert badcase("export", tmp_path / "copy", tmp_path / "bob.patch", "--format", "patch").code == 0
    done = badcase("apply", project, tmp_path / "bob.patch", "--json")
    assert (done.json["applied"], done.json["conflicts"]) == (1, 2), "bob's agreement with ann on t0 counts too"
    found = badcase("reviewers", project, "--json").json
    assert found["shared"] == 3 and {one["name"] for one in found["reviewers"]} == {"ann", "bob"}
    assert badcase("apply", project, tmp_path / "bob.patch", "--json").json["applied"] == 0
    with Project.open(project) as opened, Project.open(tmp_path / "copy") as copy:
        item = opened.items.find("t1")
        assert (opened.classes[opened.labels[item]], copy.classes[copy.labels[item]]) == ("food", "weather"), "what stood holds"
    assert badcase("apply", project, tmp_path / "bob.patch", "--conflicts", "newest", "--keep", "t2").code == 0
    with Project.open(project) as opened:
        first, second = (opened.items.find(key) for key in ("t1", "t2"))
        assert (opened.classes[opened.labels[first]], opened.verdicts[second]) == ("weather", VerdictCode.KEEP)
    assert badcase("apply", project, tmp_path / "bob.patch", "--take", "t2").code == 0
    with Project.open(project) as opened, Project.open(tmp_path / "copy") as copy:
        assert opened.labels.tolist() == copy.labels.tolist() and opened.verdicts.tolist() == copy.verdicts.tolist()


def test_all_that_was_said_survives_the_way_through_a_patch(two: Path, tmp_path: Path, badcase: Badcase) -> None:
    badcase("export", two, tmp_path / "both.patch", "--format", "patch")
    assert badcase("new", tmp_path / "again", "--data", tmp_path / "texts.csv").code == 0
    assert badcase("apply", tmp_path / "again", tmp_path / "both.patch").code == 0
    with Project.open(two) as one, Project.open(tmp_path / "again") as other:
        assert [(v.item, v.who, v.verdict, v.label) for v in one.journal.by_reviewer()] == [
            (v.item, v.who, v.verdict, v.label) for v in other.journal.by_reviewer()
        ]
        assert one.verdicts.tolist() == other.verdicts.tolist() and one.labels.tolist() == other.labels.tolist()


def test_before_anybody_has_reviewed_the_table_says_so(project: Path, badcase: Badcase) -> None:
    done = badcase("reviewers", project)
    assert done.code == 0 and "Nobody has reviewed yet" in done.out
    assert badcase("reviewers", project, "--json").json["reviewers"] == []
    badcase("label", project, "t0", "food", "--who", "ann")
    assert "No two have judged the same item" in badcase("reviewers", project).out
