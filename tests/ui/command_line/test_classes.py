"""`badcase classes`: lists, changes and describes classes, and says beforehand what a change would make other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from badcase.project import Project
from tests.projects import write_texts
from tests.ui.command_line.conftest import Badcase


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classes_verb")
    write_texts(folder / "texts.csv", 30)
    Project.create(folder / "my", data=folder / "texts.csv").close()
    return folder / "my"


@pytest.fixture
def project(base: Path, tmp_path: Path) -> Path:
    shutil.copytree(base, tmp_path / "my")
    return tmp_path / "my"


def test_the_classes_are_listed_with_their_items_and_what_they_mean(project: Path, badcase: Badcase) -> None:
    assert badcase("classes", project, "describe", "food", "What", "is eaten.").code == 0
    found = badcase("classes", project, "--json").json["classes"]
    assert [one["name"] for one in found] == ["animals", "food", "weather"] and sum(one["items"] for one in found) == 30
    assert [one["meaning"] for one in found] == ["", "What is eaten.", ""]
    assert "What is eaten." in badcase("classes", project).out


def test_changes_follow_each_other_and_are_taken_back_one_by_one(project: Path, badcase: Badcase) -> None:
    def names() -> list[str]:
        return [one["name"] for one in badcase("classes", project, "--json").json["classes"]]

    assert badcase("classes", project, "add", "plants").code == 0
    assert badcase("classes", project, "rename", "food", "meals").code == 0
    assert badcase("classes", project, "merge", "animals", "plants", "--into", "living things").code == 0
    assert badcase("classes", project, "reorder", "weather").code == 0
    assert names() == ["weather", "living things", "meals"]
    assert "put the classes in another order" in badcase("undo", project).out
    assert "merged 2 classes into living things" in badcase("undo", project).out
    assert names() == ["animals", "meals", "weather", "plants"]
    assert badcase("classes", project, "delete", "plants").code == 0
    for _turn in range(3):
        assert badcase("undo", project).code == 0
    assert names() == ["animals", "food", "weather"]
    assert badcase("redo", project).code == 0 and names()[-1] == "plants"


def test_a_split_takes_the_items_that_a_file_names(project: Path, badcase: Badcase, tmp_path: Path) -> None:
    with Project.open(project) as opened:
        food = [i for i in range(30) if opened.classes[opened.labels[i]] == "food" and not opened.gold[i]]
        keys = [opened.items.key(i) for i in food[:2]]
    (tmp_path / "keys.txt").write_text("\n".join(keys) + "\n", encoding="utf-8")
    split = ("classes", project, "split", "food", "soup", "--keys", tmp_path / "keys.txt", "--json")
    seen = badcase(*split, "--dry-run").json
    assert seen["changes"]["relabelled"] == 2 and [one["name"] for one in seen["classes"]] == ["animals", "food", "weather"]
    assert {one["name"]: one["items"] for one in badcase(*split).json["classes"]}["soup"] == 2
    changed = badcase("diff", project, "given", "--json").json
    assert changed["classes"] == ["split soup off food"] and [row["to"] for row in changed["items"]] == ["soup", "soup"]


def test_a_merge_is_a_difference_and_a_new_name_alone_is_none(project: Path, badcase: Badcase) -> None:
    badcase("classes", project, "rename", "food", "meals")
    assert badcase("diff", project, "0", "now", "--json").json["changed"] == 0
    badcase("classes", project, "merge", "meals", "--into", "weather")
    found = badcase("diff", project, "0", "now", "--json").json
    assert {(row["from"], row["to"]) for row in found["items"]} == {("food", "weather")}
    assert found["changed"] == found["items"].__len__() > 0 and len(found["classes"]) == 2


def test_what_a_class_means_is_told_with_its_examples_and_rulings(project: Path, badcase: Badcase) -> None:
    assert badcase("classes", project, "pin", "food", "--item", "t1", "--note", "a plain one").code == 0
    assert badcase("classes", project, "pin", "food", "--item", "t0", "--counter").code == 0
    assert badcase("classes", project, "rule", "food", "A pet is no food.", "--item", "t0").code == 0
    food = badcase("classes", project, "--json").json["classes"][1]
    assert food["examples"] == [{"key": "t1", "note": "a plain one"}] and food["counter_examples"][0]["key"] == "t0"
    assert food["rulings"][0]["text"] == "A pet is no food." and food["rulings"][0]["keys"] == ["t0"]
    assert badcase("classes", project, "unrule", "food", "1").code == 0
    assert badcase("classes", project, "unpin", "food", "--item", "t1").code == 0
    food = badcase("classes", project, "--json").json["classes"][1]
    assert (food["examples"], food["rulings"]) == ([], [])


@pytest.mark.parametrize(
    "words",
    [
        ("add",),
        ("add", "food"),
        ("rename", "nothing", "else"),
        ("merge", "food", "animals"),
        ("delete", "food"),
        ("split", "food", "new"),
        ("key", "food", "F1"),
        ("pin", "food"),
        ("unrule", "food", "1"),
        ("explode", "food"),
    ],
)
def test_what_cannot_be_is_refused_in_words(words: tuple[str, ...], project: Path, badcase: Badcase) -> None:
    done = badcase("classes", project, *words)
    assert done.code != 0 and done.err and "fault of the program" not in done.err
    with Project.open(project, read_only=True) as opened:
        assert opened.revision == 0
