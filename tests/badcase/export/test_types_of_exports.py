"""The source's own columns, whatever their type, in every format that holds them."""

from __future__ import annotations

import csv
import datetime
import decimal
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from badcase.export import export
from badcase.export.column_types import csv_values, hf_feature, json_values, plain_column
from badcase.progress import finish
from badcase.project import Project

WHEN = datetime.datetime(2024, 1, 2, 3, 4, 5)
NANOSECOND = 1_704_164_645_000_000_001
# A column with a null behind, what JSON says of its first value, and the Arrow type that Parquet and Hugging Face get.
COLUMNS: dict[str, tuple[pa.Array, Any, pa.DataType]] = {
    "decimal": (pa.array([decimal.Decimal("1.50"), None]), "1.50", pa.decimal128(3, 2)),
    "date": (pa.array([WHEN.date(), None]), "2024-01-02", pa.date32()),
    "nanoseconds": (pa.array([NANOSECOND, None]).cast(pa.timestamp("ns")), "2024-01-02T03:04:05.000000001", pa.timestamp("ns")),
    "zone": (
        pa.array([WHEN, None], pa.timestamp("us", "Europe/Berlin")),
        "2024-01-02T03:04:05Z",
        pa.timestamp("us", "Europe/Berlin"),
    ),
    "time": (pa.array([WHEN.time(), None]), "03:04:05.000000", pa.time64("us")),
    "duration": (pa.array([datetime.timedelta(seconds=1.5), None]), 1.5, pa.duration("us")),
    "bytes": (pa.array([b"\x00\xff", None]), "AP8=", pa.binary()),
    "fixed_bytes": (pa.array([b"\xffb", None], pa.binary(2)), "/2I=", pa.binary()),
    "list": (pa.array([[1, None], None]), [1, None], pa.list_(pa.int64())),
    "large_list": (pa.array([[1], None], pa.large_list(pa.int8())), [1], pa.large_list(pa.int8())),
    "fixed_list": (pa.array([[1.5, float("nan")], None], pa.list_(pa.float32(), 2)), [1.5, None], pa.list_(pa.float32())),
    "list_view": (pa.array([[1, 2], None], pa.list_view(pa.int32())), [1, 2], pa.list_(pa.int32())),
    "lists": (pa.array([[[1], [], None], None]), [[1], [], None], pa.list_(pa.list_(pa.int64()))),
    "times": (pa.array([[WHEN], None]), ["2024-01-02T03:04:05"], pa.list_(pa.timestamp("us"))),
    "structure": (
        pa.array([{"a": 1, "b": [b"x"]}, None]),
        {"a": 1, "b": ["eA=="]},
        pa.struct([("a", pa.int64()), ("b", pa.list_(pa.binary()))]),
    ),
    "empty_structure": (pa.array([{}, None], pa.struct([])), {}, pa.large_string()),
    "map": (
        pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
        {"k": 1},
        pa.list_(pa.struct([("key", pa.string()), ("value", pa.int32())])),
    ),
    "dictionary": (pa.array(["x", None]).dictionary_encode(), "x", pa.string()),
    "numbers_in_a_dictionary": (pa.array([7, None]).dictionary_encode(), 7, pa.int64()),
    "string_view": (pa.array(["x", None], pa.string_view()), "x", pa.large_string()),
    "binary_view": (pa.array([b"ab", None], pa.binary_view()), "YWI=", pa.binary()),
    "nothing": (pa.nulls(2), None, pa.null()),
    "list_of_nothing": (pa.array([[None], None]), [None], pa.list_(pa.null())),
    "half": (pa.array([0.1, None], pa.float16()), 0.1, pa.float16()),
    "single": (pa.array([0.1, None], pa.float32()), 0.1, pa.float32()),
    "nan": (pa.array([float("nan"), None]), None, pa.float64()),
    "infinity": (pa.array([float("inf"), None]), None, pa.float64()),
    "large": (pa.array([2**64 - 1, None], pa.uint64()), 2**64 - 1, pa.uint64()),
    "yes": (pa.array([True, None]), True, pa.bool_()),
    "uuid": (
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16, None], pa.binary(16))),
        "30303030-3030-3030-3030-303030303030",
        pa.large_string(),
    ),
    "interval": (
        pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
        "MonthDayNano(months=1, days=2, nanoseconds=3)",
        pa.large_string(),
    ),
    "runs": (pa.RunEndEncodedArray.from_arrays([1, 2], pa.array(["a", None])), "a", pa.large_string()),
}

NOT_STORED = ("list_view", "runs", "string_view", "binary_view")  # what Arrow has no files of, or takes no rows from


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_any_type_has_a_value_in_json_and_csv_and_a_plain_type(name: str) -> None:
    column, said, kind = COLUMNS[name]
    chunked = pa.chunked_array([column, column.slice(1), column])  # a slice begins elsewhere
    values = json_values(chunked)
    assert values == [said, None, None, said, None]
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    cell = csv_values(chunked)[0]
    assert cell == (json.dumps(said) if isinstance(said, list | dict) else said) or str(cell) in ("nan", "inf")
    plain = plain_column(chunked)
    assert plain.type == kind and plain.null_count == (5 if said is None and name == "nothing" else 3)
    plain.validate(full=True)


def test_every_type_goes_through_every_format_of_a_table(tmp_path: Path) -> None:
    """From one source to all, and Parquet and the saved data set give the types back."""
    stored = {name: column for name, (column, _said, _kind) in COLUMNS.items() if name not in NOT_STORED}
    n = 12
    table = pa.table(
        {"text": [f"words {i} of none" for i in range(n)], "label": ["a", "b"] * 6}
        | {name: pa.concat_arrays([column] * (n // 2)) for name, column in stored.items()}
    )
    feather.write_feather(table, tmp_path / "t.arrow", compression="uncompressed")
    with Project.create(tmp_path / "p", tmp_path / "t.arrow", text="text", label="label") as project:
        names = project.items.metadata_names
        assert set(stored) - set(names) <= {"bytes"}  # a column of bytes is taken for images, which the import leaves out
        for format in ("csv", "jsonl", "parquet", "hf", "labelstudio"):
            finish(export(project, tmp_path / f"out.{format}", format=format))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    for name in names:
        assert [row[name] for row in rows[:2]] == [COLUMNS[name][1], None], name
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        first, second = list(csv.DictReader(file))[:2]
    assert json.loads(first["structure"]) == COLUMNS["structure"][1] and second["structure"] == ""
    assert (first["date"], first["single"], first["nan"], first["infinity"]) == ("2024-01-02", "0.1", "nan", "inf")
    back = pq.read_table(tmp_path / "out.parquet")
    assert {name: back.schema.field(name).type for name in names} == {name: COLUMNS[name][2] for name in names}
    assert back["decimal"].to_pylist()[:2] == [decimal.Decimal("1.50"), None]
    datasets = pytest.importorskip("datasets")
    saved = datasets.load_from_disk(str(tmp_path / "out.hf"))["train"]
    assert saved.features["label"].names == ["a", "b"]
    row = next(row for row in saved if int(row["key"]) % 2)
    assert row["structure"] == {"a": 1, "b": [b"x"]} and row["date"] == WHEN.date() and row["lists"] == [[1], [], None]
    assert set(names) <= set(saved.column_names)


def test_every_plain_type_is_a_feature_of_the_library() -> None:
    datasets = pytest.importorskip("datasets")
    table = pa.table({name: plain_column(pa.chunked_array([column])) for name, (column, _said, _kind) in COLUMNS.items()})
    features = datasets.Features.from_dict({field.name: hf_feature(field.type) for field in table.schema})
    assert features.arrow_schema.types == table.schema.types


def test_a_column_called_as_one_of_the_exports_own_is_kept_under_another_name(tmp_path: Path) -> None:
    lines = [f"words {i},{'ab'[i % 2]},mine {i},old {i},older {i}" for i in range(9)]
    (tmp_path / "t.csv").write_text("text,class,label,key,source_key\n".replace("class", "target") + "\n".join(lines))
    with Project.create(tmp_path / "p", tmp_path / "t.csv", text="text", label="target") as project:
        notes = finish(export(project, tmp_path / "out.csv", format="csv")).notes
        finish(export(project, tmp_path / "out.csv.gz", format="csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["label"], row["source_label"]) == ("a", "mine 0")
    assert {"old 0", "older 0"} <= set(row.values())
    assert "The column label of the source is called source_label." in notes
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == (tmp_path / "out.csv").read_bytes()
