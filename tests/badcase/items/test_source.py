"""Where items came from is one value, and the database says it in the words that it always had."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from badcase.items.source import Source
from badcase.project import Project
from badcase.store.database import Store
from tests.projects import write_texts

BEFORE = {
    "format": "csv",
    "location": "/data/set",
    "parts": [{"name": "texts.csv", "rows": 90}],
    "columns": {"text": "text", "image": None, "label": "tags", "names": None, "split": None, "key": "id", "group": None},
    "written": {"tags": ["a", "a;b", ""]},
    "details": {"encoding": "utf-8", "delimiter": ","},
    "lone": True,
}
SEVERAL = {"names": ["a", "b"], "column": "tags", "joiner": ";", "atoms": ["a", "b"]}
LISTS = SEVERAL | {"joiner": None, "atoms": [0, 1]}


@pytest.mark.parametrize("plain", [BEFORE, BEFORE | {"several": SEVERAL}, BEFORE | {"several": LISTS}])
def test_what_a_project_made_before_says_is_read_and_written_the_same(plain: dict[str, object]) -> None:
    source = Source.of(json.loads(json.dumps(plain)))
    assert json.loads(json.dumps(source.plain())) == plain
    assert source.location == Path("/data/set") and source.parts[0].rows == 90
    with pytest.raises(dataclasses.FrozenInstanceError):
        source.format = "jsonl"  # type: ignore[misc]


def test_a_field_of_a_newer_program_and_one_that_was_not_known_are_no_trouble() -> None:
    source = Source.of(BEFORE | {"mood": "good"})
    assert source == Source.of(BEFORE)
    assert Source.of({}).several is None and Source.of({}).parts == ()


def test_a_new_set_of_labels_is_spelled_as_the_data_set_would() -> None:
    source = Source.of(BEFORE | {"several": SEVERAL})
    more = source.with_sets([[1], [0, 1]])
    assert more.written["tags"] == ["a", "a;b", "", "b", "a;b"]
    assert source.written["tags"] == ["a", "a;b", ""]


def test_a_project_keeps_a_set_that_nobody_had_with_its_spelling(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv", 30)
    path = tmp_path / "project"
    with Project.create(path, tmp_path / "texts.csv", task="multilabel", label="label") as project:
        known = project.source
        new = project.taxonomy.id_of("food; animals")
        assert project.source.written["label"][new] == "animals;food"
        assert len(known.written["label"]) == new  # the value that was there has not changed
    with Project.open(path) as project:
        assert project.taxonomy.id_of("animals;food") == new
        assert len(project.source.written["label"]) == len(project.classes)
    store = Store(path / "project.db")
    assert set(store.setting("source")) == {*BEFORE, "several"}
    store.close()
