"""`propose`: what a machine says comes in, is told with its agreement, and becomes verdicts only when a person takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from tests.ui.command_line.conftest import Badcase


def proposals(folder: Path, *rows: str, head: str = "key,label,confidence") -> Path:
    file = folder / "proposed.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def free(project: Path) -> list[str]:
    """Keys of items that may be judged."""
    with Project.open(project) as opened:
        return [key for key, gold in zip(opened.items.keys, opened.gold, strict=True) if not gold]


def test_from_the_file_to_verdicts_and_back(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    a, b, c, d = free(project)[:4]
    file = proposals(tmp_path, f"{a},food,0.9", f"{b},weather,.2", f"{c},animals,", f"{d},food,1")
    done = badcase("propose", project, file, "--by", "model-7", "--json")
    assert done.code == 0 and done.json["proposed"] == 4, done.err
    with Project.open(project) as opened:
        assert opened.revision == 0 and opened.labels.tolist() == opened.given.tolist()
    judged = tmp_path / "v.csv"
    judged.write_text(f"key,verdict,label\n{d},relabel,food\n", encoding="utf-8")
    assert badcase("verdicts", project, judged, "--who", "ann").code == 0
    dry = badcase("propose", project, "--by", "model-7", "--take", "--at-least", ".5", "--dry-run", "--json").json
    assert [row["key"] for row in dry["items"]] == [a] and dry["taken"] == 0 and len(dry["left_out"]) == 2
    taken = badcase("propose", project, "--by", "model-7", "--take", "--json").json
    assert taken["taken"] == 3 and taken["machines"][0] == {
        "name": "model-7",
        "proposed": 4,
        "differs": 0,
        "waiting": 0,
        "judged_blind": 1,
        "alike": 1,
        "share": 1.0,
    }, "what was taken from it does not speak for it"
    with Project.open(project) as opened:
        items = [opened.items.find(key) for key in (a, b, c)]
        assert [opened.classes[opened.labels[i]] for i in items] == ["food", "weather", "animals"]
        assert all(opened.journal.judge_of(i) not in ("", "model-7") for i in items)
    assert badcase("undo", project).code == 0
    with Project.open(project) as opened:
        assert (opened.verdicts[items] == VerdictCode.NONE).all()
    assert badcase("propose", project, "--by", "model-7", "--withdraw", "--json").json["withdrawn"] == 4
    assert "Nobody proposes anything" in badcase("propose", project).out


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        (["nobody,food,1"], "key,label,confidence", "row 2"),
        (["{a},plants,1"], "key,label,confidence", "row 2"),
        (["{a},food,2"], "key,label,confidence", "0 to 1"),
        (["{a},food,high"], "key,label,confidence", "0 to 1"),
        (["{a},weather,"], "key,label,confidence", "already"),
        (["food"], "label", "key, label"),
    ],
)
def test_a_bad_row_is_named_and_nothing_comes_in(
    rows: list[str], head: str, said: str, project: Path, tmp_path: Path, badcase: Badcase
) -> None:
    a = free(project)[0]
    first = f"{a},food,.5" if head != "label" else "food"
    file = proposals(tmp_path, first, *(row.format(a=a) for row in rows), head=head)
    if "already" not in said and head != "label":
        file = proposals(tmp_path, f"{free(project)[1]},food,.5", *(row.format(a=a) for row in rows), head=head)
    done = badcase("propose", project, file, "--by", "m")
    assert done.code == 1 and said in done.err, done.err
    assert badcase("propose", project, "--json").json["machines"] == []


def test_options_that_do_not_go_together_are_refused(project: Path, tmp_path: Path, badcase: Badcase) -> None:
    file = proposals(tmp_path, f"{free(project)[0]},food,1")
    for words in (
        [file],
        ["--take"],
        ["--by", "m", "--dry-run"],
        ["--by", "m", "--at-least", ".5"],
        [file, "--by", "m", "--withdraw"],
    ):
        assert badcase("propose", project, *words).code == 1, words
    assert "nobody proposes anything" in badcase("propose", project, "--by", "m", "--take").err
