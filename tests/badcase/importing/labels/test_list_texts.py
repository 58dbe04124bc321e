"""Lists that a table holds as text are read as lists, and written in the form that they have."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import understand
from badcase.importing.labels.list_texts import list_items, parsed
from badcase.items.source import SeveralLabels
from badcase.progress import finish
from badcase.project import Project


def table(path: Path, cells: list[str], n: int = 24) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "labels"])
        writer.writerows([f"some words {i * 7919} here", cells[i % len(cells)]] for i in range(n))
    return path


def cells_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


FORMS = {
    "repr": (["['sport', 'local']", "['politics']", "['sport']", "[]"], "['local', 'politics', 'sport']"),
    "json": (['["sport", "local"]', '["politics"]', '["sport"]', "[]"], '["local", "politics", "sport"]'),
    "tight json": (['["sport","local"]', '["politics"]', '["sport"]', "[]"], '["local","politics","sport"]'),
    "sets": (["{'sport', 'local'}", "{'politics'}", "{'sport'}", "set()"], "{'local', 'politics', 'sport'}"),
    "tuples": (["('sport', 'local')", "('politics',)", "('sport',)", "()"], "('local', 'politics', 'sport')"),
    "numpy": (["['sport' 'local']", "['politics']", "['sport']", "[]"], "['local' 'politics' 'sport']"),
    "numbers of numpy": (["[3 1]", "[2]", "[3]", "[]"], "[1 2 3]"),
    "bare": (["[sport, local]", "[politics]", "[sport]", "[]"], "[local, politics, sport]"),
    "quoted": (['"sport", "local"', '"politics"', '"sport"', ""], '"local", "politics", "sport"'),
    "plain": (["sport, local", "politics", "sport", ""], "local, politics, sport"),
}


@pytest.mark.parametrize("name", FORMS)
def test_lists_as_text_are_lists_and_go_back_in_their_form(name: str, tmp_path: Path) -> None:
    cells, every = FORMS[name]
    data = table(tmp_path / "t.csv", cells)
    with Project.create(tmp_path / "p", data, task="multilabel", label="labels") as project:
        local, politics, sport = names = project.label_names
        assert names == (("1", "2", "3") if name == "numbers of numpy" else ("local", "politics", "sport"))
        assert [project.classes[c] for c in project.given[:4]] == [f"{local};{sport}", politics, sport, "(none)"]
        project.journal.record([0], "relabel", project.taxonomy.id_of(f"{sport};{local};{politics}"))  # which no row has
        project.journal.record([1, 2], "relabel", [int(project.given[3]), int(project.given[1])])
        finish(export(project, tmp_path / "o.csv"))
    expected = table(tmp_path / "e.csv", [every, cells[3], cells[1], *(cells[i % 4] for i in range(3, 24))])
    assert cells_of(tmp_path / "o.csv") == cells_of(expected)
    before, after = (path.read_text().splitlines() for path in (data, tmp_path / "o.csv"))
    assert before[4:] == after[4:]


def test_lists_of_numbers_stay_numbers(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", ["[1, 10]", "[2]", "[10]"])
    with Project.create(tmp_path / "p", data, task="multilabel") as project:
        assert project.label_names == ("1", "2", "10")
        project.journal.record([1], "relabel", project.taxonomy.id_of("1;2;10"))
        finish(export(project, tmp_path / "o.csv"))
    assert (tmp_path / "o.csv").read_text().splitlines()[2].endswith('"[1, 2, 10]"')


def test_texts_that_are_lists_of_one_label_are_classes(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", ["['cat']", "['dog']", '["cat"]'])
    with Project.create(tmp_path / "p", data, label="labels") as project:
        assert project.classes == ("cat", "dog") and any("lists of one label" in note for note in project.notes)
        project.journal.record([1], "relabel", 0)
        finish(export(project, tmp_path / "o.csv"))
    assert (tmp_path / "o.csv").read_text().splitlines()[2].endswith("['cat']")
    with pytest.raises(BadcaseError, match="holds lists") as refusal:
        understand(table(tmp_path / "s.csv", ["['cat', 'dog']", "['dog']"]), label="labels")
    assert "--task multilabel" in refusal.value.hint


def test_a_list_of_one_among_plain_labels_is_that_label(tmp_path: Path) -> None:
    assert understand(table(tmp_path / "t.csv", ["['cat']", "dog", "cat"]), label="labels").classes == ("cat", "dog")


@pytest.mark.parametrize("cells", [["{'a': 1, 'b': 0}", "{'a': 0, 'b': 1}"], ['{"a": 1.0}', '{"b": null}', ""]])
def test_records_as_text_are_refused_by_their_fields(cells: list[str], tmp_path: Path) -> None:
    for task in ("multiclass", "multilabel"):
        with pytest.raises(BadcaseError, match=r"labels: the label column holds records, .*the fields a, b"):
            understand(table(tmp_path / "t.csv", cells), label="labels", task=task)


def test_names_in_brackets_are_names(tmp_path: Path) -> None:
    names = ["[CLS]", "(none of these)", "{x}", "it's", "'til", "[a", "['a': 1]", "{'a': 1}", '"quoted" word']
    assert [list_items(name) for name in names] == [None] * len(names)
    assert understand(table(tmp_path / "t.csv", ["[CLS]", "[SEP]"]), label="labels").classes == ("[CLS]", "[SEP]")


labels = st.lists(st.text(st.sampled_from("ab é'\"\\[]{}(),天:1 "), min_size=1, max_size=5), max_size=3)


@settings(max_examples=150, deadline=None)
@given(labels, st.sampled_from(["repr", "json", "tight", "tuple"]))
def test_any_list_of_python_or_json_is_read_and_written_the_same(entries: list[str], form: str) -> None:
    write = {
        "repr": repr,
        "json": lambda one: json.dumps(one, ensure_ascii=False),
        "tight": lambda one: json.dumps(one, ensure_ascii=False, separators=(",", ":")),
        "tuple": lambda one: repr(tuple(one)),
    }[form]
    text = write(entries)
    found = parsed(text)
    assert found is not None and found[0] == entries == (list_items(text) or [])
    shape = found[1]
    several = SeveralLabels((), "", shape.joiner or ", ", tuple(entries), shape.opening, shape.closing, shape.quote)
    if form in ("json", "tight") or all(
        "'" not in entry for entry in entries
    ):  # Python quotes a text with an apostrophe otherwise
        assert several.written(range(len(entries))) == text


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab'\"\\[]{}(), :1.;|\n"), max_size=14))
def test_any_text_is_a_list_or_none(text: str) -> None:
    parsed(text)
