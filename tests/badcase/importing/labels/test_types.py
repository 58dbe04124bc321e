"""A label column of any Arrow type is read or refused in words, and a correction goes back in that type."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import understand
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import imported, photo

N = 30


def repeated(values: list[Any], kind: pa.DataType | None = None) -> pa.Array:
    return pa.array([values[i % len(values)] for i in range(N)], kind)


def write_arrow(path: Path, label: pa.Array, **more: pa.Array) -> Path:
    table = pa.table({"text": [f"some words {i * 7919} here" for i in range(N)], "label": label, **more})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


day = datetime.date(2020, 1, 1)
READ: dict[str, tuple[Callable[[], pa.Array], tuple[str, str]]] = {
    "string_view": (lambda: repeated(["a", "b"], pa.string_view()), ("a", "b")),
    "binary": (lambda: repeated([b"a", b"b"]), ("a", "b")),
    "binary_view": (lambda: repeated([b"a", "é".encode()], pa.binary_view()), ("a", "é")),
    "fixed binary": (lambda: repeated([b"ab", b"cd"], pa.binary(2)), ("ab", "cd")),
    "decimal": (lambda: repeated([Decimal(0), Decimal(1)], pa.decimal128(1, 0)), ("0", "1")),
    "whole decimals": (lambda: repeated([Decimal("2.00"), Decimal("11.00")], pa.decimal256(9, 2)), ("2", "11")),
    "small decimal": (lambda: repeated([Decimal("1.5"), Decimal("2.5")], pa.decimal32(3, 1)), ("1.5", "2.5")),
    "date": (lambda: repeated([day, day.replace(month=2)]), ("2020-01-01", "2020-02-01")),
    "duration": (lambda: repeated([datetime.timedelta(1), datetime.timedelta(2)]), ("1 day, 0:00:00", "2 days, 0:00:00")),
    "half float": (lambda: repeated([1.5, 2.0], pa.float32()).cast(pa.float16()), ("1.5", "2")),
    "float": (lambda: repeated([0.1, 0.25], pa.float32()), ("0.1", "0.25")),
    "dictionary of decimals": (lambda: repeated([Decimal("1.5"), Decimal("2.5")]).dictionary_encode(), ("1.5", "2.5")),
    "ordered dictionary": (
        lambda: pa.DictionaryArray.from_arrays(repeated([1, 0], pa.int8()), pa.array(["b", "a"]), ordered=True),
        ("a", "b"),
    ),
    "dictionary of views": (
        lambda: pa.DictionaryArray.from_arrays(repeated([0, 1], pa.int8()), pa.array(["a", "b"], pa.string_view())),
        ("a", "b"),
    ),
    "run ends": (lambda: pc.run_end_encode(pa.array(["a"] * 10 + ["b"] * 20)), ("a", "b")),
    "lists": (lambda: repeated([["a"], ["b"]]), ("a", "b")),
    "lists of views": (lambda: repeated([["a"], ["b"]], pa.list_(pa.string_view())), ("a", "b")),
    "list views": (lambda: repeated([["a"], ["b"]], pa.list_view(pa.string())), ("a", "b")),
    "fixed lists": (lambda: repeated([["a"], ["b"]], pa.list_(pa.string(), 1)), ("a", "b")),
    "records of one field": (lambda: repeated([{"name": "a"}, {"name": "b"}]), ("a", "b")),
    "uuid": (
        lambda: pa.ExtensionArray.from_storage(pa.uuid(), repeated([UUID(int=1).bytes, UUID(int=2).bytes], pa.binary(16))),
        (str(UUID(int=1)), str(UUID(int=2))),
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_label_of_any_type_is_read_and_corrected_in_that_type(name: str, tmp_path: Path) -> None:
    make, classes = READ[name]
    data = write_arrow(tmp_path / "t.arrow", make())
    before = pa.ipc.open_file(str(data)).read_all()
    with Project.create(tmp_path / "p", data, label="label") as project:
        assert project.classes == classes and len(project.items) == N
        at = int(project.items.rows[1]) - 1
        gone = int(project.items.rows[4]) - 1
        project.journal.record([1], "relabel", 1 - int(project.given[1]))
        project.journal.record([4], "exclude")
        finish(export(project, tmp_path / "o.arrow"))
    after = pa.ipc.open_file(str(tmp_path / "o.arrow")).read_all()
    after.validate(full=True)
    assert after.schema.equals(before.schema, check_metadata=True)
    expected = before["label"].to_pylist()
    (other,) = {str(value): value for value in expected if str(value) != str(expected[at])}.values()
    expected[at] = other
    del expected[gone]
    assert after["label"].to_pylist() == expected


REFUSED: dict[str, tuple[Callable[[], pa.Array], str]] = {
    "nothing": (lambda: pa.nulls(N), "holds no value at all"),
    "no value": (lambda: pa.nulls(N, pa.string()), "holds no value at all"),
    "records": (lambda: repeated([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]), "records, not labels .*the fields a, b"),
    "maps": (lambda: repeated([[("k", 1)], [("l", 2)]], pa.map_(pa.string(), pa.int64())), "the fields k, l"),
    "bytes": (lambda: repeated([b"\xff\xfe", b"\xfe"]), "bytes that are no UTF-8 text"),
    "lists": (lambda: repeated([["a", "b"], ["b"]]), "holds lists .*lists of up to 2 labels"),
    "lists of records": (lambda: repeated([[{"a": 1, "b": 2}]]), "records, not labels"),
    "lists of nothing": (lambda: repeated([[], None], pa.list_(pa.string())), "holds no value at all"),
    "intervals": (lambda: repeated([pa.MonthDayNano([1, 2, 3]), pa.MonthDayNano([1, 2, 4])]), "not read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_label_that_is_none_is_refused_by_what_it_holds(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    with pytest.raises(BadcaseError, match=words) as refusal:
        imported(write_arrow(tmp_path / "t.arrow", make()), tmp_path / "p", label="label")
    assert refusal.value.where == "label" and refusal.value.hint


def test_lists_of_several_labels_are_read_as_the_refusal_says(tmp_path: Path) -> None:
    data = write_arrow(tmp_path / "t.arrow", repeated([["b", "a"], ["b"], []]))
    with pytest.raises(BadcaseError, match="holds lists") as refusal:
        imported(data, tmp_path / "p")  # the column is found though nobody named it
    assert "--task multilabel" in refusal.value.hint
    seen = understand(data, task="multilabel")
    assert seen.classes == ("a", "b") and any("10 rows have no label" in sentence for sentence in seen.sentences)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_lists_of_one_label_are_classes_and_go_back_as_lists(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{form}"
    if form == "jsonl":
        path.write_text("".join(f'{{"text": "words {i * 7919}", "label": ["{"ab"[i % 2]}"]}}\n' for i in range(N)))
    else:
        parquet.write_table(pa.table({"text": [f"words {i * 7919}" for i in range(N)], "label": repeated([["a"], ["b"]])}), path)
    with Project.create(tmp_path / "p", path) as project:
        assert project.classes == ("a", "b") and any("lists of one label" in note for note in project.notes)
        project.journal.record([1], "relabel", 0)
        finish(export(project, tmp_path / f"o.{form}"))
    if form == "jsonl":
        assert (tmp_path / "o.jsonl").read_text() == path.read_text().replace('["b"]', '["a"]', 1)
    else:
        assert parquet.read_table(tmp_path / "o.parquet")["label"].to_pylist()[:4] == [["a"], ["a"], ["a"], ["b"]]


def test_records_that_hold_bytes_alone_are_images_and_no_message_prints_them(tmp_path: Path) -> None:
    raw = [{"bytes": photo(i)} for i in range(12)]
    parquet.write_table(pa.table({"image": raw, "label": ["a", "b"] * 6}), tmp_path / "t.parquet")
    items, result = imported(tmp_path / "t.parquet", tmp_path / "p", image="image")
    assert items.n == 12 and items.media(3).open_bytes() == photo(3) and not result.set_aside
    strange = [{"data": photo(i), "size": i} for i in range(12)]
    parquet.write_table(pa.table({"picture": strange, "label": ["a", "b"] * 6}), tmp_path / "s.parquet")
    with pytest.raises(BadcaseError, match=r"the column cannot be the image .*struct<data: binary, size: int64>") as refusal:
        imported(tmp_path / "s.parquet", tmp_path / "q", image="picture")
    assert "\\x" not in str(refusal.value)


def test_bytes_that_are_text_are_texts_keys_and_labels(tmp_path: Path) -> None:
    columns = {"id": [f"k{i}".encode() for i in range(12)], "text": [f"words {i * 31} said".encode() for i in range(12)]}
    parquet.write_table(pa.table(columns | {"label": [b"x", b"y"] * 6}), tmp_path / "t.parquet")
    items, result = imported(tmp_path / "t.parquet", tmp_path / "p")
    assert (items.key(3), items.text(3), result.classes) == ("k3", "words 93 said", ("x", "y"))


def test_columns_of_one_name_and_those_called_as_ours_are_no_trouble(tmp_path: Path) -> None:
    names = ["text", "label", "label", "split", "key", "row", "given", "content", "twins", "measure:length", ""]
    columns = [pa.array([f"some words {i * 31}" for i in range(12)]), pa.array([*"ab"] * 6), pa.array([*"xxyyxy"] * 2)]
    columns += [pa.array([float(i) for i in range(12)]) for _name in names[3:]]
    table = pa.Table.from_arrays(columns, names)
    parquet.write_table(table, tmp_path / "t.parquet")
    with Project.create(tmp_path / "p", tmp_path / "t.parquet") as project:
        assert project.classes == ("a", "b") and "label (2)" in project.items.metadata_names
        project.journal.record([1], "relabel", 0)
        finish(export(project, tmp_path / "o.parquet"))
    after = parquet.ParquetFile(tmp_path / "o.parquet").read()
    assert after.column_names == names and after.column(1).to_pylist()[:3] == ["a", "a", "a"]
    assert after.column(2).equals(table.column(2))


def test_tables_whose_labels_are_of_other_types_are_one_data_set(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for name, label in (("train", pa.array([0, 1] * 6)), ("test", pa.array(["0", "1"] * 6).dictionary_encode())):
        parquet.write_table(
            pa.table({"text": [f"{name} {i * 31} it" for i in range(12)], "label": label}), folder / f"{name}.parquet"
        )
    with Project.create(tmp_path / "p", folder) as project:
        assert project.classes == ("0", "1") and len(project.items) == 24
        project.journal.record([1, 13], "relabel", [0, 0])
        finish(export(project, tmp_path / "o"))
    for name in ("train", "test"):
        old, new = (parquet.read_table(where / f"{name}.parquet") for where in (folder, tmp_path / "o"))
        assert new.schema == old.schema
    changed = [parquet.read_table(tmp_path / "o" / f"{name}.parquet")["label"].to_pylist() for name in ("train", "test")]
    assert [int(sum(int(value) for value in values)) for values in changed] == [5, 5]


KINDS = st.sampled_from(
    [
        pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.int8(), pa.uint64(), pa.float64(), pa.float32(),
        pa.bool_(), pa.decimal128(12, 3), pa.date32(), pa.timestamp("us", "UTC"), pa.time64("us"), pa.duration("ms"), pa.null(),
        pa.dictionary(pa.int8(), pa.string()), pa.list_(pa.string()), pa.list_(pa.int32()), pa.struct([("a", pa.int8())]),
        pa.struct([("a", pa.int8()), ("b", pa.string())]), pa.map_(pa.string(), pa.int8()),
    ]
)  # fmt: skip


def values_of(kind: pa.DataType) -> st.SearchStrategy[Any]:
    types = pa.types
    if types.is_dictionary(kind):
        return values_of(kind.value_type)
    if types.is_list(kind):
        return st.lists(values_of(kind.value_type), max_size=2)
    if types.is_map(kind):
        return st.lists(st.tuples(st.sampled_from("kl"), st.integers(0, 3)), max_size=2)
    if types.is_struct(kind):
        return st.fixed_dictionaries({field.name: values_of(field.type) for field in kind})
    if types.is_binary(kind):
        return st.binary(max_size=3)
    if types.is_decimal(kind):
        return st.decimals(-99, 99, places=3)
    if types.is_temporal(kind):
        return st.integers(0, 20_000)
    if types.is_boolean(kind):
        return st.booleans()
    if types.is_floating(kind):
        return st.floats(width=32) | st.sampled_from([-1.0, 0.0, 1.0])
    if types.is_integer(kind):
        return st.integers(0, 9)
    if types.is_null(kind):
        return st.none()
    return st.sampled_from(["a", "A", " b", "1", "1.0", "-1", "--1", "²", "1e3", "NA", "nan", "?", "['x']", "é", "", "a;b"])


@settings(max_examples=60, deadline=None)
@given(KINDS, st.data())
def test_any_column_is_imported_or_refused_and_a_correction_keeps_its_type(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | values_of(kind), min_size=4, max_size=8))
    label = pa.array((values * 8)[:N] + [None] * (N - len((values * 8)[:N])), kind)
    with tempfile.TemporaryDirectory() as folder:
        path = write_arrow(Path(folder) / "t.arrow", label)
        before = pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
        try:
            project = Project.create(Path(folder) / "p", path, label="label")
        except BadcaseError as refusal:
            assert refusal.where and refusal.hint
            return
        with project:
            at = int(project.items.rows[0]) - 1
            new = (int(project.given[0]) + 1) % len(project.classes)
            twin = int(next(row for row, label in zip(project.items.rows, project.given, strict=True) if label == new))
            project.journal.record([0], "relabel", new)
            finish(export(project, Path(folder) / "o.arrow"))
        after = pa.ipc.open_file(pa.BufferReader((Path(folder) / "o.arrow").read_bytes())).read_all()
        assert after.schema == before.schema
        with Project.create(Path(folder) / "again", Path(folder) / "o.arrow", label="label", missing=[""]) as again:
            given = dict(zip(again.items.rows.tolist(), again.given.tolist(), strict=True))
            assert given[at + 1] == given[twin], "the corrected row is of the class that it was given"
        old, new_values = before["label"].to_pylist(), after["label"].to_pylist()
        del old[at], new_values[at]
        assert str(old) == str(new_values)  # as text: NaN is not NaN
