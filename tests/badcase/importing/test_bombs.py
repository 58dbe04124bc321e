"""A small file that unfolds to a huge one is refused before it fills the memory, with the way to raise the bound."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from badcase import size_bounds
from badcase.errors import BadcaseError
from badcase.foreign_tables.table_bounds import check_parquet, unfolded
from badcase.importing import understand
from badcase.importing.arrays.read_arrays import load_array
from badcase.items.roots import ZipRoot
from tests.small_machine import said_with

LINES = b"text,label\n" + b"the dog,dog\nthe cat,cat\n" * 100_000  # 2.4 MB
ROWS = 4000
LONG = "x" * 1000


def zstd(raw: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(raw)
    return bytes(sink.getvalue().to_pybytes())


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return file.getvalue()


def arrow(columns: dict[str, pa.Array], compression: str | None = None) -> bytes:
    sink, table = pa.BufferOutputStream(), pa.table(columns)
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def in_parquet(columns: dict[str, object], **how: object) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, compression="zstd", **how)
    return file.getvalue()


def one_text() -> pa.Array:
    """One long text in many rows."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(ROWS, np.int32)), pa.array([LONG]))


def in_lists() -> pa.Array:
    """The same, in two rows."""
    return pa.ListArray.from_arrays(pa.array([0, ROWS // 2, ROWS], pa.int32()), one_text())


def views() -> pa.Array:
    """The same, each row a look at one and the same place."""
    one = pa.array([LONG]).cast(pa.string_view()).buffers()
    return pa.Array.from_buffers(pa.string_view(), ROWS, [None, pa.py_buffer(bytes(one[1]) * ROWS), *one[2:]])


def nowhere() -> bytes:
    """Rows of no value, which take no byte: in the file 10, then as many as are said."""
    raw = arrow({"text": pa.nulls(10)})
    return raw.replace(np.int64(10).tobytes(), np.int64(2**40).tobytes())


def workbook(old: bytes, new: bytes) -> bytes:
    file, book = io.BytesIO(), openpyxl.Workbook()
    for row in (("text", "label"), ("the dog", "dog"), ("the cat", "cat")):
        book.active.append(row)
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in members[sheet]
    return zipped(members | {sheet: members[sheet].replace(old, new)})


def npz(shape: str, more: int) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return zipped({"probs.npy": b"\x93NUMPY\x01\x00\x76\x00" + header.encode() + bytes(more)})


WIDE = b"".join(b'<row r="%d"><c r="ZZZ%d"><v>1</v></c></row>' % (row, row) for row in range(4, 30))
BOMBS: dict[str, Callable[[], bytes]] = {
    "t.csv.gz": lambda: gzip.compress(LINES),
    "t.csv.bz2": lambda: bz2.compress(LINES, 1),
    "t.csv.xz": lambda: lzma.compress(LINES, preset=0),
    "t.csv.zst": lambda: zstd(LINES),
    "lines.jsonl.gz": lambda: gzip.compress(b'{"text": "the dog", "label": "dog"}\n' * 50_000),
    "table.zip": lambda: zipped({"t.csv": LINES}),
    "packed-twice.zip": lambda: zipped({"t.csv.gz": gzip.compress(LINES * 20)}),
    "blanks.xlsx": lambda: workbook(b"</sheetData>", b" " * 2_000_000 + b"</sheetData>"),
    "wide.xlsx": lambda: workbook(b"</sheetData>", WIDE + b"</sheetData>"),
    "zeros.parquet": lambda: in_parquet({"text": np.zeros(300_000)}),
    "one-text.parquet": lambda: in_parquet({"text": one_text(), "label": ["a", "b"] * (ROWS // 2)}, store_schema=False),
    "beginnings.parquet": lambda: in_parquet(
        {"text": [LONG + str(row % 9) for row in range(ROWS)]}, use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"}
    ),
    "in-a-struct.parquet": lambda: in_parquet({"image": [{"bytes": LONG.encode(), "path": "a"}] * ROWS}),
    "zeros.arrow": lambda: arrow({"text": pa.array(np.zeros(300_000))}, "zstd"),
    "one-text.arrow": lambda: arrow({"text": one_text()}),
    "runs.arrow": lambda: arrow({"text": pa.RunEndEncodedArray.from_arrays(pa.array([2**30], pa.int32()), pa.array(["a"]))}),
    "views.arrow": lambda: arrow({"text": views()}),
    "nowhere.arrow": nowhere,
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_unfolds_to_much_more_than_it_is_packed_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size_bounds, "_ALWAYS", 1_000_000)
    monkeypatch.setattr(size_bounds, "_RATIO", 5)
    (tmp_path / name).write_bytes(BOMBS[name]())
    with pytest.raises(BadcaseError, match="unfolds to more than is allowed") as raised:
        understand(tmp_path / name)
    assert raised.value.where.endswith((name, "t.csv", "t.csv.gz"))
    assert "BADCASE_MAX_UNPACKED=" in raised.value.hint


def test_a_person_raises_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size_bounds, "_ALWAYS", 1_000)
    monkeypatch.setattr(size_bounds, "_RATIO", 5)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(LINES[:24_000]))
    with pytest.raises(BadcaseError, match="unfolds"):
        understand(tmp_path / "t.csv.gz")
    monkeypatch.setenv("BADCASE_MAX_UNPACKED", "1 MB")
    assert understand(tmp_path / "t.csv.gz").classes == ("cat", "dog")
    monkeypatch.setenv("BADCASE_MAX_UNPACKED", "much")
    with pytest.raises(BadcaseError, match="BADCASE_MAX_UNPACKED: this is no size"):
        understand(tmp_path / "t.csv.gz")


def test_honest_tables_of_any_size_are_within_the_bound() -> None:
    for packed in (10**3, 10**6, 10**9, 10**11):
        assert size_bounds.most_unpacked(packed) >= 20 * packed
    assert size_bounds.most_unpacked(1000) == 64_000_000
    assert size_bounds.most_unpacked(10**6) == 200 * 10**6
    assert size_bounds.most_unpacked(10**8) == 4 * 10**9


def test_texts_that_repeat_are_counted_as_they_are(tmp_path: Path) -> None:
    """One long text among many short ones says nothing of the others."""
    texts = pa.table({"text": [LONG * 100, *["short"] * 100_000]})
    parquet.write_table(texts, tmp_path / "t.parquet")
    with pa.memory_map(str(tmp_path / "t.parquet")) as source:
        check_parquet(source, source.size())  # ten gigabytes if each were as long
    assert unfolded(one_text()) == ROWS * (len(LONG) + 12)


@pytest.mark.parametrize("how", ["in lists", "in groups"])
def test_texts_that_repeat_are_counted_before_they_are_read(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows may have many values, and many row groups each a few."""
    monkeypatch.setattr(size_bounds, "_ALWAYS", 1_000_000)
    lists, texts = {"text": in_lists()}, {"text": ["short", *[LONG] * ROWS]}
    raw = in_parquet(lists, store_schema=False) if how == "in lists" else in_parquet(texts, row_group_size=500)
    with pytest.raises(BadcaseError, match="unfolds to more"):
        check_parquet(pa.BufferReader(raw), 5_000)


@pytest.mark.skipif(sys.platform != "linux", reason="a bound on memory that Linux keeps")
def test_a_bomb_is_refused_before_it_is_unfolded(tmp_path: Path) -> None:
    """A megabyte that was a thousand took 140 seconds and 2 GB: here there is no room for a third of it."""
    packer = gzip.compress(bytes(10**7))
    (tmp_path / "t.csv.gz").write_bytes(packer * 100)
    assert "unfolds to more than is allowed" in said_with(300_000_000, lambda: understand(tmp_path / "t.csv.gz"))
    (tmp_path / "dict.parquet").write_bytes(in_parquet({"text": one_text().take(pa.array(np.zeros(10**6, np.int32)))}))
    assert "unfolds to more than is allowed" in said_with(300_000_000, lambda: understand(tmp_path / "dict.parquet"))


@pytest.mark.parametrize(
    ("shape", "more", "what"), [("(1099511627776, 4)", 64, "longer than its file"), ("(1000000, 2)", 8 * 10**6, "unfolds")]
)
def test_an_array_is_no_longer_than_its_file(
    shape: str, more: int, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size_bounds, "_ALWAYS", 1_000_000)
    (tmp_path / "probs.npz").write_bytes(npz(shape, more))
    with pytest.raises(BadcaseError, match=what):
        load_array(tmp_path / "probs.npz", "probs")


def test_a_size_that_a_zip_lies_about_takes_no_more_than_it_says(tmp_path: Path) -> None:
    raw = zipped({"a.txt": bytes(50_000_000)})
    (tmp_path / "d.zip").write_bytes(raw.replace((50_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(OSError, match="damaged"):
        ZipRoot(tmp_path / "d.zip").read("a.txt")
    assert ZipRoot(tmp_path / "d.zip").head("a.txt", 32) == bytes(32)


def test_a_zip_that_shrinks_is_damaged_and_no_signal(tmp_path: Path) -> None:
    """A map of it would end the process."""
    (tmp_path / "d.zip").write_bytes(zipped({"a.txt": np.random.default_rng(0).bytes(100_000)}))
    root = ZipRoot(tmp_path / "d.zip")
    with (tmp_path / "d.zip").open("r+b") as file:
        file.truncate(2_000)
    with pytest.raises(OSError, match="damaged"):
        root.read("a.txt")


def test_a_sheet_is_as_large_as_its_cells(tmp_path: Path) -> None:
    """One that said that it had 17 billion cells was read cell by cell."""
    (tmp_path / "t.xlsx").write_bytes(workbook(b"A1:B3", b"A1:XFD1048576"))
    assert understand(tmp_path / "t.xlsx").classes == ("cat", "dog")
    (tmp_path / "t.xlsx").write_bytes(workbook(b'r="3"', b'r="99999999999"'))
    with pytest.raises(BadcaseError, match="a row below"):
        understand(tmp_path / "t.xlsx")


def test_a_table_has_as_many_columns_as_somebody_can_mean(tmp_path: Path) -> None:
    """A hundred thousand took minutes: each name was looked for among all others, one by one."""
    (tmp_path / "t.csv").write_bytes(b"text,label" + b"," * 100_000 + b"\nthe dog,dog\n")
    with pytest.raises(BadcaseError, match="too many columns"):
        understand(tmp_path / "t.csv")
