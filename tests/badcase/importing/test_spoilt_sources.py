"""Sources that are spoilt in one place: that place is set aside or the file refused in words, and the program goes on."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.foreign_tables.trial import try_file
from badcase.importing import understand
from badcase.importing.arrays.read_arrays import load_array, load_table
from badcase.importing.arrow_types import unique_names
from badcase.importing.text_files.encodings import read_text
from badcase.items.tar_root import TarRoot
from badcase.models.foreign.hub_access import hub_options
from badcase.models.foreign.weight_files import read_weights
from badcase.progress import Notice
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, imported, photo, write_tree

TEXTS = [f"some words {row}" for row in range(12)]
LABELS = ["cat", "dog"] * 6


@pytest.mark.filterwarnings("ignore:Feather V1")
@pytest.mark.parametrize("what", ["import", "array"])
def test_feather_of_the_first_version_is_refused_with_the_line_that_converts_it(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow follows what the end of such a file says, wherever that leads: a damaged one ended the process now and then."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "old.feather"
    feather.write_feather(pa.table({"text": TEXTS, "label": LABELS}), path, version=1)
    raw = bytearray(path.read_bytes())
    raw[-198] = 255
    (tmp_path / "damaged.feather").write_bytes(raw)
    for file in (path, tmp_path / "damaged.feather"):
        with pytest.raises(BadcaseError, match=rf"{file.name}.*first version") as refusal:
            understand(file) if what == "import" else load_array(file, "labels")
    exec(refusal.value.hint.partition(": ")[2])
    assert understand(tmp_path / "new.feather").classes == ("cat", "dog")


@pytest.mark.parametrize("read", [lambda path: load_array(path, "probs"), load_table], ids=["array", "table"])
def test_lines_of_json_that_end_the_process_that_reads_them_are_refused(read: Callable[[Path], object], tmp_path: Path) -> None:
    """Arrow's reader of JSON follows a null that stands before an object to nowhere."""
    path = tmp_path / "p.jsonl"
    path.write_text('null{"id": "t1", "probs": [0.9, 0.1]}\n' + '{"id": "t2", "probs": [0.9, 0.1]}\n')
    with pytest.raises(BadcaseError, match=r"p\.jsonl.*cannot be read.*signal 11"):
        read(path)


def test_a_table_that_keeps_its_reader_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("badcase.foreign_tables.trial._PATIENCE", 0.3)
    os.mkfifo(tmp_path / "t.arrow")
    with pytest.raises(BadcaseError, match="took more than 0 seconds"):
        try_file("arrow", tmp_path / "t.arrow", "t.arrow")


def test_a_table_is_read_where_no_process_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("badcase.foreign_tables.trial._processes", {})
    parquet.write_table(pa.table({"text": TEXTS, "label": LABELS}), tmp_path / "t.parquet")
    for program in ("/bin/true", str(tmp_path / "nothing")):
        monkeypatch.setattr("sys.executable", program)
        os.utime(tmp_path / "t.parquet")  # another file than the one that was tried
        assert understand(tmp_path / "t.parquet").count == 12


@pytest.mark.parametrize("names", ["3", '"ab"', "[1, 2]", "{}", '["a", {}]', '["\\ud800", "b"]', "null"])
def test_class_names_that_metadata_declare_in_another_shape_are_no_trouble(names: str, tmp_path: Path) -> None:
    said = f'{{"info": {{"features": {{"label": {{"_type": "ClassLabel", "names": {names}}}}}}}}}'
    table = pa.table({"text": TEXTS, "label": [0, 1] * 6}).replace_schema_metadata({"huggingface": said})
    parquet.write_table(table, tmp_path / "t.parquet")
    assert len(understand(tmp_path / "t.parquet").classes) == 2
    parquet.write_table(table.replace_schema_metadata({"huggingface": "[" * 5000}), tmp_path / "deep.parquet")
    assert understand(tmp_path / "deep.parquet").classes == ("0", "1")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("dataset_dict.json", "[1]"),
        ("dataset_dict.json", "{}"),
        ("dataset_dict.json", '{"splits": [{"a": 1}]}'),
        ("dataset_dict.json", '{"splits": ["../../elsewhere"]}'),
        ("train/state.json", '{"_data_files": ["data.arrow"]}'),
        ("train/state.json", '{"_data_files": [{"filename": "/etc/passwd"}]}'),
        ("train/dataset_info.json", "null"),
        ("train/dataset_info.json", "[" * 3000),
    ],
    ids=["list", "empty", "objects", "outside", "names", "absolute", "null", "deep"],
)
def test_a_saved_data_set_with_other_json_is_refused_by_the_file(file: str, said: str, tmp_path: Path) -> None:
    with pa.OSFile(str(tmp_path / "data.arrow"), "wb") as sink, pa.ipc.new_stream(sink, pa.schema([("a", pa.int8())])):
        pass
    files = {
        "dataset_dict.json": b'{"splits": ["train"]}',
        "train/state.json": b'{"_data_files": [{"filename": "data.arrow"}]}',
        "train/dataset_info.json": b"{}",
        "train/data.arrow": (tmp_path / "data.arrow").read_bytes(),
    }
    write_tree(tmp_path / "d", {**files, file: said.encode()})
    with pytest.raises(BadcaseError, match="the saved data set is incomplete") as refusal:
        understand(tmp_path / "d")
    assert refusal.value.where.endswith(file)


def workbook(rows: dict[str, Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in [["text", "label"], *zip(TEXTS, LABELS, strict=True)]:
        book.active.append(row)
    for place, value in rows.items():
        book.active[place] = value
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def with_member(raw: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A zip with another content of one member, whose checksum is right."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(sink, "w") as after:
        for info in before.infolist():
            content = before.read(info)
            after.writestr(info.filename, content.replace(old, new) if info.filename == name else content)
    return sink.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        (SHEET, b"<row", b"<r\xffw"),
        (SHEET, b'r="2"', b'r="x"'),
        ("xl/workbook.xml", b"<sheet ", b"<"),
        (SHEET, b"</sheetData>", b""),
    ],
    ids=["tag", "number", "book", "end"],
)
def test_a_workbook_with_spoilt_xml_is_refused(member: str, old: bytes, new: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(with_member(workbook({}), member, old, new))
    with pytest.raises(BadcaseError, match=r"t\.xlsx: the workbook cannot be read"):
        understand(tmp_path / "t.xlsx")


def test_what_a_sheet_claims_of_its_size_is_not_believed(tmp_path: Path) -> None:
    """A billion rows that are not there were made up, one after another."""
    (tmp_path / "t.xlsx").write_bytes(with_member(workbook({}), SHEET, b'ref="A1:B13"', b'ref="A1:XFD1048576"'))
    assert understand(tmp_path / "t.xlsx").count == 12
    far = with_member(workbook({"A14": "far"}), SHEET, b'r="14"', b'r="99999999999"')
    (tmp_path / "far.xlsx").write_bytes(far)
    with pytest.raises(BadcaseError, match="the sheet is too large"):
        understand(tmp_path / "far.xlsx")


def test_a_damaged_member_of_a_zip_is_set_aside_and_left_out_of_the_export(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for at in range(8):
            archive.writestr(f"{LABELS[at]}/{at}.jpg", photo(at))
    raw = bytearray(sink.getvalue())
    directory = raw.index(b"PK\x01\x02")
    third = [at for at in range(directory, len(raw)) if raw[at : at + 4] == b"PK\x01\x02"][3]
    raw[third + 42 : third + 46] = struct.pack("<I", 0xFFFFFFF0)  # where the member begins
    raw[raw.index(photo(5)) + 40] ^= 1
    (tmp_path / "d.zip").write_bytes(raw)
    with Project.create(tmp_path / "p", tmp_path / "d.zip") as project:
        assert len(project.items) == 6
        told = [event.text for event in export(project, tmp_path / "out.zip") if isinstance(event, Notice)]
    assert len(told) == 2 and all("left out" in text for text in told)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert len(archive.namelist()) == 6


def test_a_record_that_is_not_as_its_layout_makes_them_is_set_aside(tmp_path: Path) -> None:
    tasks: list[Any] = [
        {"data": {"text": text}, "annotations": [{"result": [{"value": {"choices": [label]}, "from_name": "c"}]}]}
        for text, label in zip(TEXTS, LABELS, strict=True)
    ]
    tasks[3]["annotations"][0]["result"] = 7
    tasks[5]["annotations"][0]["result"] = [None]
    (tmp_path / "t.json").write_text(json.dumps(tasks))
    items, result = imported(tmp_path / "t.json", tmp_path / "p")
    assert items.n == 10 and [bad.row for bad in result.set_aside] == [4, 6]
    assert "Label Studio" in result.set_aside[0].what and result.set_aside[0].remedy
    del tasks[7]["data"]  # the layout is known by the others
    tasks[3], tasks[5] = tasks[0], tasks[1]
    (tmp_path / "t.json").write_text(json.dumps(tasks))
    items, result = imported(tmp_path / "t.json", tmp_path / "q")
    assert [bad.row for bad in result.set_aside] == [8]


@pytest.mark.parametrize("name", [1.5, 7, ["c"], {"c": 1}, True])
def test_a_control_that_is_called_by_no_text_is_called_by_its_kind(name: object, tmp_path: Path) -> None:
    tasks = [
        {"data": {"text": text}, "annotations": [{"result": [{"value": {"choices": [label]}, "from_name": name}]}]}
        for text, label in zip(TEXTS, LABELS, strict=True)
    ]
    (tmp_path / "t.json").write_text(json.dumps(tasks))
    _items, result = imported(tmp_path / "t.json", tmp_path / "p")
    assert result.classes == ("cat", "dog") and result.source.columns["label"] == "choices"


def test_a_record_that_nests_without_end_is_set_aside(tmp_path: Path) -> None:
    lines = [json.dumps({"text": text, "label": label, "more": [1]}) for text, label in zip(TEXTS, LABELS, strict=True)]
    lines[2] = lines[2].replace("[1]", "[" * 100 + "]" * 100)
    lines[4] = lines[4].replace("[1]", "[" * 100_000)
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    items, result = imported(tmp_path / "t.jsonl", tmp_path / "p")
    assert items.n == 10 and [bad.row for bad in result.set_aside] == [3, 5]


def test_entries_of_coco_that_are_no_objects_are_passed_over(tmp_path: Path) -> None:
    images: list[Any] = [{"id": at, "file_name": f"{at}.jpg"} for at in range(8)]
    marks: list[Any] = [{"image_id": at, "category_id": at % 2} for at in range(8)]
    made = {"images": images, "annotations": marks, "categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "\ud800"}]}
    images[3], marks[2] = 7, None
    marks.append({"image_id": [1], "category_id": {}})
    made["categories"] += [{"id": [2]}, "dog"]
    write_tree(tmp_path / "d", {f"{at}.jpg": photo(at) for at in range(8)} | {"labels.json": json.dumps(made).encode()})
    items, result = imported(tmp_path / "d", tmp_path / "p")
    assert [bad.row for bad in result.set_aside] == [4] and np.flatnonzero(items.given < 0).tolist() == [2]


def test_a_label_list_in_a_cell_may_hold_half_a_character(tmp_path: Path) -> None:
    rows = [f'{text},"[""{label}""]"' for text, label in zip(TEXTS, LABELS, strict=True)]
    rows[1] = rows[1].replace("dog", "\\ud800dog")
    (tmp_path / "t.csv").write_text("text,label\n" + "\n".join(rows))
    assert "\ufffddog" in understand(tmp_path / "t.csv", task="multilabel").classes


def test_one_long_word_is_looked_through_once() -> None:
    """Its length was squared: a megabyte without a blank took an hour, and each of 40 encodings was tried on all of it."""
    for blank in (b" ", b""):
        assert len(read_text(b"A" * 1_000_000 + blank + b"\xe9t\xe9").text) == 1_000_003 + len(blank)


def npy(header: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header.encode() + b"\n" + bytes(64)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1" + "0" * 30 + ", 2)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 2)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': None}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L, (",
        "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,)}",
    ],
    ids=["beyond numbers", "beyond memory", "negative", "none", "objects", "open", "record"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_an_array_of_an_absurd_shape_is_refused(header: str, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("p.npz" if packed else "p.npy")
    path.write_bytes(npy(header))
    if packed:
        raw = path.read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("probs.npy", raw)
    with pytest.raises(BadcaseError, match=r"p\.np.(: cannot be read|, probs\.npy: an array is longer than its file)"):
        load_array(path, "probs")


def test_texts_of_numpy_with_what_is_no_character_are_refused(tmp_path: Path) -> None:
    raw = bytearray(np.array(["cat", "dog"]).tobytes())
    raw[2] = 0xFF
    values = np.frombuffer(bytes(raw), "<U3")
    np.save(tmp_path / "labels.npy", values)
    np.savez(tmp_path / "p.npz", probs=np.ones((2, 2)), id=values)
    for name, what in (("labels.npy", "labels"), ("p.npz", "probs")):
        with pytest.raises(BadcaseError, match="characters that do not exist"):
            load_array(tmp_path / name, what)
    with zipfile.ZipFile(tmp_path / "p.npz", "a") as archive:
        archive.writestr("probs.txt", "no array")
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        archive.writestr("probs.npy", "no array")
    with pytest.raises(BadcaseError, match="cannot be read"):
        load_array(tmp_path / "other.npz", "probs")


def test_a_table_of_columns_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label" + ",a" * 30_000 + "\nsome words,cat" + ",1" * 30_000 + "\n")
    with pytest.raises(BadcaseError, match=r"t\.csv: the table has too many columns .*at most 20.000, got 30.002"):
        understand(tmp_path / "t.csv")
    (tmp_path / "again.csv").write_text(
        "text,label,a,a (5),a\n" + "".join(f"{t},{c},1,2,3\n" for t, c in zip(TEXTS, LABELS, strict=True))
    )
    assert understand(tmp_path / "again.csv").count == 12
    assert unique_names(["a"] * 30_000)[-1] == "a (30000)"  # and in no time


FAR = 2**62


@pytest.mark.parametrize(
    "column",
    [
        pa.array([FAR] * 12).cast(pa.timestamp("s")),
        pa.array([-(2**31)] * 12, pa.int32()).cast(pa.date32()),
        pa.array([86_400_000 * 10**11] * 12).view(pa.date64()),
        pa.array([FAR] * 12).cast(pa.duration("s")),
        pa.array([0] * 12).cast(pa.timestamp("s", tz="No/Where")),
        pa.array([[FAR]] * 12).cast(pa.list_(pa.timestamp("s"))),
        pa.array([{"a": FAR}] * 12).cast(pa.struct([("a", pa.timestamp("s"))])),
    ],
    ids=["timestamp", "date32", "date64", "duration", "zone", "list", "struct"],
)
@pytest.mark.parametrize("name", ["time", "label", "more"])
def test_times_that_python_does_not_know_stop_nothing(column: pa.Array, name: str, tmp_path: Path) -> None:
    columns = {"text": pa.array(TEXTS), "label": pa.array(LABELS), name: column}
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as sink, pa.ipc.new_file(sink, pa.table(columns).schema) as writer:
        writer.write_table(pa.table(columns))
    if name == "label":
        with pytest.raises(BadcaseError, match=r"classes|label"):
            imported(tmp_path / "t.arrow", tmp_path / "p")
    else:
        assert imported(tmp_path / "t.arrow", tmp_path / "p")[0].n == 12


@pytest.mark.parametrize("size", [b"\x80" + b"\x7f" * 11, b"\xff" * 11 + b"\x00"], ids=["beyond", "below"])
def test_a_tar_with_a_file_of_an_absurd_size_is_refused(size: bytes, tmp_path: Path) -> None:
    """A size of 12 bytes may be beyond what any file can have, and below 0."""
    (tmp_path / "cat").mkdir()
    write_tree(tmp_path, {"cat/0.jpg": photo(0)})
    path = tmp_path / "t.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(tmp_path / "cat" / "0.jpg", "cat/0.jpg")
    raw = bytearray(path.read_bytes())
    raw[124:136] = size
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    path.write_bytes(raw)
    with pytest.raises(BadcaseError, match=r"t\.tar: this is not a tar file that can be read"):
        TarRoot(path)


@pytest.mark.parametrize("odd", [{"x": 1}, [{"x": 1}]], ids=["object", "objects"])
@pytest.mark.parametrize("column", ["text", "label"])
def test_an_object_in_one_row_leaves_the_column_to_the_others(column: str, odd: object, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
    rows[3][column] = odd
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    result = understand(tmp_path / "t.jsonl", text="text", label="label")
    assert result.classes == ("cat", "dog")
    items, result = imported(tmp_path / "t.jsonl", tmp_path / "p")
    assert [items.text(at) for at in range(2)] == TEXTS[:2]


@pytest.mark.parametrize("ending", ["npy", "npz"])
@pytest.mark.parametrize("what", ["labels", "probs", "features"])
def test_an_array_of_no_dimension_is_refused(what: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    np.save(path, 7) if ending == "npy" else np.savez(path, probs=7)
    with pytest.raises(BadcaseError, match="one value, and no rows"):
        load_array(path, what)


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a21" * 10 + b"abcd\nsize 12345\n"


def test_pipes_sockets_and_devices_in_a_folder_are_set_aside_and_never_opened(tmp_path: Path) -> None:
    """They passed without a word; an open pipe waits for its other end without an end."""
    data = class_folders(tmp_path / "d")
    os.mkfifo(data / "cat" / "pipe.jpg")
    (data / "dog" / "device.jpg").symlink_to("/dev/zero")
    (data / "dog" / "nowhere.jpg").symlink_to("gone")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(data / "cat")  # the path of a socket is short
        listening.bind("socket.jpg")
        os.chdir(here)
        items, said = imported(data, tmp_path / "p")
    assert len(items) == 12
    told = {one.key: one.what for one in said.set_aside}
    assert {name for name, what in told.items() if "pipe, a socket or a device" in what} == {
        "cat/pipe.jpg",
        "cat/socket.jpg",
        "dog/device.jpg",
    }
    assert "leads nowhere" in told["dog/nowhere.jpg"]
    with pytest.raises(BadcaseError, match="neither a file nor a folder"):
        understand(data / "cat" / "pipe.jpg")


def test_links_and_pipes_in_a_tar_are_set_aside(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "d.tar", "w") as archive:
        for row, label in enumerate(LABELS):
            archive.add(write_tree(tmp_path / "one", {"a.jpg": photo(row)}) / "a.jpg", f"{label}/{row}.jpg")
        for name, kind in (("link", tarfile.SYMTYPE), ("again", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(f"cat/{name}.jpg")
            info.type, info.linkname = kind, "cat/0.jpg"
            archive.addfile(info)
    items, said = imported(tmp_path / "d.tar", tmp_path / "p")
    assert len(items) == 12 and {one.key for one in said.set_aside} == {"cat/link.jpg", "cat/again.jpg", "cat/pipe.jpg"}
    assert all("in a tar" in one.what for one in said.set_aside)


def test_notes_of_git_lfs_are_told_as_what_they_are(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    (data / "cat" / "0.jpg").write_bytes(LFS)
    items, said = imported(data, tmp_path / "p")
    assert len(items) == 11 and [(one.key, "Git LFS" in one.what, "git lfs pull" in one.remedy) for one in said.set_aside] == [
        ("cat/0.jpg", True, True)
    ]
    texts = write_tree(tmp_path / "t", {f"{label}/{row}.txt": TEXTS[row].encode() for row, label in enumerate(LABELS)})
    (texts / "cat" / "0.txt").write_bytes(LFS)
    assert ["Git LFS" in one.what for one in imported(texts, tmp_path / "q")[1].set_aside] == [True]
    for name in ("t.csv", "t.parquet", "t.jsonl", "t.xlsx"):
        lone = write_tree(tmp_path / name, {name: LFS})
        for path in (lone, lone / name):
            with pytest.raises(BadcaseError, match="Git LFS") as refused:
                understand(path)
            assert "git lfs pull" in refused.value.hint
    with pytest.raises(BadcaseError, match="Git LFS"):
        load_array(write_tree(tmp_path, {"probs.npy": LFS}) / "probs.npy", "probs")
    model = write_tree(tmp_path / "model", {"config.json": b"{}", "model.safetensors": LFS})
    for load in (lambda: read_weights(model / "model.safetensors", []), lambda: hub_options(str(model))):
        with pytest.raises(BadcaseError, match="Git LFS"):
            load()
