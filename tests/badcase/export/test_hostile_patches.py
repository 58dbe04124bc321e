"""Patches and files of verdicts that somebody made to do harm: each is refused whole, or counts for what it may say, no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from badcase.errors import BadcaseError
from badcase.export import OnConflict, apply_patch
from badcase.items.roots import fingerprint
from badcase.project import Project
from badcase.ui.command_line.verdicts import read_verdicts
from tests.projects import write_texts

N = 9
HEAD = {"badcase_patch": 1, "classes": ["food", "sport", "weather"]}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("patches")
    write_texts(place / "texts.csv", N)
    Project.create(place / "p", place / "texts.csv").close()
    return place / "p"


@pytest.fixture
def project(path: Path) -> Any:
    with Project.open(path) as opened:
        yield opened
        while opened.journal.undo():
            pass


def line(project: Project, item: int = 0, **said: Any) -> dict[str, Any]:
    other = project.classes[(int(project.given[item]) + 1) % 3]
    about = {"fingerprint": project.items.fingerprint(item), "key": project.items.key(item), "given": project.classes[0]}
    return about | {"verdict": "relabel", "label": other, "who": "ann", "at": "2026-01-01T00:00:00+00:00"} | said


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "a.patch"
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), encoding="utf-8")
    return path


def test_what_is_no_class_here_changes_nothing_whatever_it_is_called(project: Project, tmp_path: Path) -> None:
    names = [
        "\x1b[31mfood",
        "food\0",
        "x" * 300,
        "../../etc/passwd",
        "<img src=/etc/passwd>",
        "\u202efood",
        "",
        "food;sport",
        "=1+1",
    ]
    made = apply_patch(project, written(tmp_path, HEAD, *(line(project, label=name) for name in names)))
    assert made.missing == len(names) and not made.applied and not project.verdicts.any()


@pytest.mark.parametrize("key", ["../../../etc/passwd", "t0\0", "k" * 100_000, "\x1b[2J", "C:\\Windows"], ids=range(5))
def test_a_key_says_nothing_but_which_of_the_items_with_this_content(project: Project, tmp_path: Path, key: str) -> None:
    made = apply_patch(project, written(tmp_path, HEAD, line(project, key=key)))
    assert made.applied == 1 and made.items == {0}


BAD_LINES: dict[str, Callable[[Project], Any]] = {
    "a number as fingerprint": lambda project: line(project, fingerprint=1),
    "NaN and Infinity": lambda project: '{"fingerprint": NaN, "key": Infinity, "verdict": "keep", "label": "food"}',
    "a list as verdict": lambda project: line(project, verdict=["keep"]),
    "no verdict of ours": lambda project: line(project, verdict="; DROP TABLE journal"),
    "a word as opinion": lambda project: line(project, opinion="no"),
    "a number as opinion": lambda project: line(project, opinion=0),
    "a time as number": lambda project: line(project, at=1e400),
    "a time out of range": lambda project: line(project, at="0001-01-01T00:00:00+14:00"),
    "a time that is none": lambda project: line(project, at="tomorrow"),
    "half a character": lambda project: json.dumps(line(project, who="\ud800")),
    "a name without end": lambda project: line(project, who="x" * 10_000),
    "two of one name": lambda project: json.dumps(line(project))[:-1] + ', "verdict": "keep"}',
    "a list": lambda project: [1, 2],
    "null": lambda project: "null",
    "a number of 10,000 digits": lambda project: '{"fingerprint": 1' + "0" * 10_000,
    "a million lists": lambda project: "[" * 1_000_000,
    "objects in objects": lambda project: '{"a":' * 100_000,
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_one_bad_line_refuses_the_whole_patch_and_is_named(project: Project, tmp_path: Path, name: str) -> None:
    before = project.revision
    with pytest.raises(BadcaseError, match="line 3: this is not a patch"):
        apply_patch(project, written(tmp_path, HEAD, line(project, 1), BAD_LINES[name](project), line(project, 2)))
    assert project.revision == before


@pytest.mark.parametrize("version", [float("nan"), -1, 0, 1.5, True, None, "1", []], ids=str)
def test_a_version_that_is_none_is_refused(project: Project, tmp_path: Path, version: object) -> None:
    with pytest.raises(BadcaseError, match="line 1: this is not a patch"):
        apply_patch(project, written(tmp_path, {"badcase_patch": version}, line(project)))


def test_a_newer_version_is_told_before_its_lines_are_read(project: Project, tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="newer version"):
        apply_patch(project, written(tmp_path, {"badcase_patch": 10**30}, {"of another form": 1}))


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59+00:00", "3000-01-01"])
def test_a_time_to_come_is_no_time_and_wins_over_nothing(project: Project, tmp_path: Path, at: str) -> None:
    project.journal.record([0], "keep", who="ben")
    project.journal.record([1], "keep", who="ann")
    patch = written(tmp_path, HEAD, line(project, 0, at=at), line(project, 1, at=at))
    made = apply_patch(project, patch, OnConflict.NEWEST)
    assert [one.taken for one in made.conflicts] == [False, False]
    assert {one.who: one.verdict for one in project.journal.by_reviewer() if one.item == 1} == {"ann": "keep"}


def test_a_patch_of_another_project_applies_to_no_item(project: Project, tmp_path: Path) -> None:
    made = apply_patch(project, written(tmp_path, HEAD, line(project, fingerprint=fingerprint(b"another text"))))
    assert made.missing == 1 and not made.items


BAD_FILES = {
    "t0,relabel,\x1b[31mfood": "no such class",
    "t0,relabel,food\0": "no such class",
    f"t0,relabel,{'x' * 300}": "no such class",
    "t0,relabel,<img src=x>": "no such class",
    "../../etc/passwd,keep,": "no item with this key",
    "1e999,keep,": "no item with this key",
    "\u202et0,keep,": "no item with this key",
    "t0,drop table,": "not a verdict",
    "t0,keep,\nt0,exclude,": "has a verdict in row 1 already",
    f't0,keep,"{"x" * 100_000}"': "no such class",
}


@pytest.mark.parametrize("rows", BAD_FILES, ids=range(len(BAD_FILES)))
def test_a_hostile_row_of_a_verdict_file_is_named(project: Project, tmp_path: Path, rows: str) -> None:
    (tmp_path / "v.csv").write_text(f"key,verdict,label\n{rows}\n", encoding="utf-8")
    with pytest.raises(BadcaseError, match=f"v.csv, row .*{BAD_FILES[rows]}") as refused:
        read_verdicts(project, tmp_path / "v.csv")
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("head", ["key,key,verdict,label", "key,verdict,label,LABEL"])
def test_a_verdict_file_with_two_columns_of_one_name_is_refused(project: Project, tmp_path: Path, head: str) -> None:
    (tmp_path / "v.csv").write_text(f"{head}\nt0,t1,keep,\n", encoding="utf-8")
    with pytest.raises(BadcaseError, match="two columns have this name"):
        read_verdicts(project, tmp_path / "v.csv")
