"""A table with a column of 0 and 1 for each label: named or noticed, and written back in the same columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import understand
from badcase.items.source import Source
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import imported, photo, write_tree

SETS = [(0, 1, 1), (1, 0, 0), (0, 0, 0), (1, 1, 0)]
ONE = [(0, 1, 0), (1, 0, 0), (0, 0, 1)]
NAMES = ("toxic", "obscene", "insult")


def table(path: Path, rows: list[tuple[int, ...]], off: str = "0", on: str = "1", *, n: int = 24, more: str = "") -> Path:
    """id, text, and a column for each label."""
    lines = [f"id,comment_text,{','.join(NAMES)}{more and ',more'}"]
    for i in range(n):
        cells = [on if cell else off for cell in rows[i % len(rows)]]
        lines.append(f"{i},some words {i * 7919} here,{','.join(cells)}" + (f",{more[i % len(more)]}" if more else ""))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("off", "on"), [("0", "1"), ("0.0", "1.0"), ("False", "True"), ("no", "yes"), ("", "x"), ("", "1")])
def test_columns_of_yes_and_no_are_noticed_and_written_back(off: str, on: str, tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", SETS, off, on)
    with Project.create(tmp_path / "p", data, task="multilabel") as project:
        assert project.label_names == NAMES and len(project.items) == 24 and project.items.key(3) == "3"
        assert [project.classes[c] for c in project.given[:4]] == ["obscene;insult", "toxic", "(none)", "toxic;obscene"]
        assert any("toxic, obscene, insult" in note and "each is a label" in note for note in project.notes)
        every = project.taxonomy.id_of("toxic;obscene;insult")  # which no row has
        project.journal.record([0, 1], "relabel", [every, project.taxonomy.id_of("")])
        project.journal.record([2], "exclude")
        finish(export(project, tmp_path / "o.csv"))
    lines = data.read_text().splitlines()
    lines[1] = f"0,some words 0 here,{on},{on},{on}"
    lines[2] = f"1,some words 7919 here,{off},{off},{off}"
    del lines[3]
    assert (tmp_path / "o.csv").read_text().splitlines() == lines


def test_one_label_a_row_is_read_as_classes(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", ONE)
    with Project.create(tmp_path / "p", data) as project:
        assert project.classes == NAMES and project.label_names == NAMES
        assert project.taxonomy.column == "toxic, obscene, insult"
        project.journal.record([0], "relabel", 2)
        finish(export(project, tmp_path / "o.csv"))
    assert (tmp_path / "o.csv").read_text() == data.read_text().replace("words 0 here,0,1,0", "words 0 here,0,0,1")


def test_several_columns_are_named_in_any_way(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", SETS, more="xyz")
    for named in ("toxic,insult", "toxic, insult", ["toxic", "insult"], ["toxic,insult"], ("toxic", "insult", "toxic")):
        assert understand(data, task="multilabel", label=named).classes == ("toxic", "insult")
    for wrong, words in ((["toxic", "insults"], "no such column"), (["toxic", "more"], "each says yes or no .*got x, y, z")):
        with pytest.raises(BadcaseError, match=words):
            understand(data, task="multilabel", label=wrong)


def test_one_column_alone_is_refused_with_all_of_them_named(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", SETS)
    with pytest.raises(BadcaseError, match="one label") as refusal:
        understand(data, task="multilabel", label="toxic")
    assert "--label toxic --label obscene --label insult" in refusal.value.hint
    assert understand(data, label="toxic").classes == ("0", "1")


def test_several_labels_a_row_need_the_other_task_and_the_refusal_says_so(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", SETS)
    with pytest.raises(BadcaseError, match="not clear which column") as refusal:
        imported(data, tmp_path / "p")
    assert "--task multilabel --label toxic --label obscene --label insult" in refusal.value.hint
    with pytest.raises(BadcaseError, match=r"row 1: 12 rows have several labels") as refusal:
        imported(data, tmp_path / "p", label=[*NAMES])  # type: ignore[arg-type]
    assert "--task multilabel" in refusal.value.hint


def test_another_label_column_is_not_passed_over(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", SETS, more="xyz")
    seen = understand(data, task="multilabel")
    assert seen.columns.label is None and set(seen.choices["label"]) == {*NAMES, "more"}
    named = table(tmp_path / "n.csv", ONE, more="xyz")
    named.write_text(named.read_text().replace(",more\n", ",label\n"))
    assert understand(named).columns.label == "label"


def test_rows_that_nobody_judged_have_no_label(tmp_path: Path) -> None:
    lines = table(tmp_path / "t.csv", SETS).read_text().splitlines()
    lines += ["90,never looked at,-1,-1,-1", "91,nor at this,0,,1"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    items, result = imported(tmp_path / "t.csv", tmp_path / "p", task="multilabel", label=[*NAMES])  # type: ignore[arg-type]
    assert not result.set_aside and [items.key(int(i)) for i in np.flatnonzero(items.given < 0)] == ["90", "91"]


@pytest.mark.parametrize("kind", [pa.int8(), pa.bool_(), pa.float32(), pa.string(), pa.dictionary(pa.int8(), pa.string())])
def test_the_columns_keep_their_types(kind: pa.DataType, tmp_path: Path) -> None:
    cells = {name: pa.array([SETS[i % 4][at] for i in range(24)]).cast(pa.int8()) for at, name in enumerate(NAMES)}
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    columns = {name: cell.cast(plain) if plain == kind else cell.cast(plain).dictionary_encode() for name, cell in cells.items()}
    columns = {name: cell.cast(kind) for name, cell in columns.items()}
    before = pa.table({"text": [f"some words {i * 7919}" for i in range(24)], **columns})
    parquet.write_table(before, tmp_path / "t.parquet")
    with Project.create(tmp_path / "p", tmp_path / "t.parquet", task="multilabel") as project:
        project.journal.record([0], "relabel", project.taxonomy.id_of("toxic;insult"))
        finish(export(project, tmp_path / "o.parquet"))
    after = parquet.read_table(tmp_path / "o.parquet")
    assert after.schema == parquet.read_table(tmp_path / "t.parquet").schema
    assert [int(float(after[name][0].cast(pa.string()).as_py() in ("1", "true"))) for name in NAMES] == [1, 0, 1]
    assert after.slice(1).equals(parquet.read_table(tmp_path / "t.parquet").slice(1))


def test_a_label_that_no_row_has_is_still_one(tmp_path: Path) -> None:
    data = table(tmp_path / "t.csv", [(0, 1, 0), (1, 1, 0), (0, 0, 0)])
    with Project.create(tmp_path / "p", data, task="multilabel") as project:
        assert project.label_names == NAMES
        project.journal.record([2], "relabel", project.taxonomy.id_of("insult"))
        finish(export(project, tmp_path / "o.csv"))
    assert (tmp_path / "o.csv").read_text().splitlines()[3].endswith(",0,0,1")


def test_json_lines_keep_numbers_numbers(tmp_path: Path) -> None:
    rows = [{"text": f"words {i * 7919}", **dict(zip(NAMES, SETS[i % 4], strict=True))} for i in range(24)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with Project.create(tmp_path / "p", tmp_path / "t.jsonl", task="multilabel") as project:
        project.journal.record([1], "relabel", project.taxonomy.id_of("insult"))
        finish(export(project, tmp_path / "o.jsonl"))
    rows[1] |= {"toxic": 0, "insult": 1}
    assert (tmp_path / "o.jsonl").read_text() == "\n".join(map(json.dumps, rows))


def test_a_table_of_classes_beside_images_is_read_with_the_blanks_in_its_header(tmp_path: Path) -> None:
    files = {f"train/{i}.jpg": photo(i) for i in range(12)}
    lines = ["filename, cat, dog", *(f"{i}.jpg, {i % 2}, {1 - i % 2}" for i in range(12))]
    data = write_tree(tmp_path / "d", files | {"train/_classes.csv": "\n".join(lines).encode()})
    with Project.create(tmp_path / "p", data) as project:
        assert project.classes == ("cat", "dog") and len(project.items) == 12
        project.journal.record([0], "relabel", 0)
        finish(export(project, tmp_path / "o"))
    lines[1] = "0.jpg, 1, 0"
    assert (tmp_path / "o/train/_classes.csv").read_text() == "\n".join(lines)


def test_a_source_says_the_columns_of_labels_in_its_own_form() -> None:
    plain = {"names": ["a", "b"], "atoms": ["a", "b"], "column": "a, b", "joiner": ";", "columns": {"a": [0, 1], "b": ["", "x"]}}
    source = Source.of({"written": {"a": [0], "b": [""]}, "several": plain})
    assert json.loads(json.dumps(source.plain()))["several"] == plain
    assert source.with_sets([[1], [0, 1]]).written == {"a": [0, 0, 1], "b": ["", "x", "x"]}


@pytest.mark.parametrize("line", ["src\t{i}\t{star}\tsome words {n} here\n", "{i},{odd},some words {n} here\n"])
def test_one_label_that_is_said_twice_in_other_words_is_no_set_of_labels(line: str, tmp_path: Path) -> None:
    head = "from\tgood\tmark\ttext\n" if "\t" in line else "good,odd,text\n"
    rows = "".join(line.format(i=i % 2, star="" if i % 2 else "*", odd=i % 2 == 0, n=i * 7919) for i in range(24))
    (tmp_path / "t.tsv").write_text(head + rows, encoding="utf-8")
    found = understand(tmp_path / "t.tsv")
    assert found.columns.label == "good" and found.classes == ("0", "1")


def test_columns_in_which_minus_one_says_that_nobody_knows_are_offered_together(tmp_path: Path) -> None:
    lines = [f"some words {i * 7919} here,{'-1,-1' if i % 7 == 0 else f'{i % 2},{int(i % 3 == 0)}'}" for i in range(24)]
    (tmp_path / "t.csv").write_text("comment_text,toxic,obscene\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(BadcaseError, match="not clear which column is the label") as refusal:
        imported(tmp_path / "t.csv", tmp_path / "p", task="multilabel")
    assert "--label toxic --label obscene" in refusal.value.hint
    with pytest.raises(BadcaseError, match="there have to be several") as refusal:
        understand(tmp_path / "t.csv", task="multilabel", label="toxic")
    assert "--label toxic --label obscene" in refusal.value.hint
    items, _result = imported(tmp_path / "t.csv", tmp_path / "q", task="multilabel", label=["toxic", "obscene"])
    assert (items.given < 0).sum() == 4
