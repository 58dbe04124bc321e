"""The same format out as in: the corrected label fields change, and nothing else does."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from badcase.export import Exported, export
from badcase.export.corrections import Corrections
from badcase.export.rewriters import rewrite_csv, rewrite_jsonl
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, photo, write_tree


def corrected(data: Path, tmp_path: Path, *, out: str, **columns: str) -> Exported:
    """Import, relabel item 1 to the class of another, exclude item 2, export."""
    with Project.create(tmp_path / "p", data, **columns) as project:
        project.journal.record([1], "relabel", int(project.given[1] + 1) % len(project.classes))
        project.journal.record([2], "exclude")
        project.journal.record([3], "keep")
        return finish(export(project, tmp_path / out))


TABLE = (
    'id;label;text;label_name\r\n"a";0;"one ""quoted""; text";"cat"\r\n\r\nb; 1 ;two\nlines;"dog"\r\n'
    'c;1;"three\r\nlines";dog\r\nd;0;four;cat'
).replace("two\nlines", "two  spaces")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_csv_keeps_every_byte_but_the_corrected_fields(encoding: str, packed: bool, tmp_path: Path) -> None:
    text = TABLE.replace("four", "四 天气 股票 比赛")
    expected = text.replace('b; 1 ;two  spaces;"dog"', 'b;0;two  spaces;"cat"').replace('c;1;"three\r\nlines";dog\r\n', "")
    name = "t.csv.gz" if packed else "t.csv"
    raw = text.encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(raw) if packed else raw)
    done = corrected(tmp_path / name, tmp_path, out=f"out.{name}")
    written = done.path.read_bytes()
    assert (gzip.decompress(written) if packed else written) == expected.encode(encoding)
    assert (done.changed, done.excluded, done.files) == (1, 1, 1)


def test_jsonl_keeps_every_byte_but_the_corrected_values(tmp_path: Path) -> None:
    lines = [
        '{"text": "one,\\u00e9", "label": "cat",  "n": [1, {"label": 2}]}',
        '  {"n":1.50,"label" : "dog" ,"text":"two \\"x\\" é"}  ',
        '{"text": "three", "label": "dog"}',
        "",
        '{"text": "four", "label": "cat"}',
    ]
    (tmp_path / "t.jsonl").write_bytes("\r\n".join(lines).encode())
    lines[1] = lines[1].replace('"dog"', '"cat"')
    done = corrected(tmp_path / "t.jsonl", tmp_path, out="o.jsonl")
    assert done.path.read_bytes() == "\r\n".join([*lines[:2], *lines[3:]]).encode()


cells = st.text(st.sampled_from("ab ,;\"'\t\n\r|é天"), max_size=8)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(cells, st.sampled_from(["cat", "dog", 'a "b"']), cells), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    st.data(),
)
def test_in_any_quoting_newline_and_encoding_only_corrected_fields_change(
    rows: list[tuple[str, str, str]], newline: str, quoting: int, encoding: str, data: st.DataObject
) -> None:
    def written(rows: list[tuple[str, str, str]]) -> bytes:
        file = io.StringIO(newline="")
        # A quoted neighbour keeps the encoding recognizable whatever the cells hold.
        writer = csv.writer(file, lineterminator=newline, quoting=quoting)  # type: ignore[arg-type]
        writer.writerows([("first", "label", "天气股票比赛体育财经新闻教育科技社会"), *rows])
        return file.getvalue().encode(encoding)

    # A line that ends in a carriage return, and a bare newline at the start of the next: nobody could tell them from one end.
    assume(newline != "\r" or quoting == csv.QUOTE_ALL or not any(row[0].startswith("\n") for row in rows))
    classes = ["cat", "dog", 'a "b"']
    labels = data.draw(st.dictionaries(st.integers(1, len(rows)), st.integers(0, 2)))
    dropped = data.draw(st.frozensets(st.integers(1, len(rows))))
    changed = Corrections({r: c for r, c in labels.items() if r not in dropped}, dropped, {"label": list(classes)})
    expected = [(a, classes[labels[r]] if r in labels else b, c) for r, (a, b, c) in enumerate(rows, 1) if r not in dropped]
    assert rewrite_csv("t.csv", written(rows), changed) == written(expected)


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=3), values, max_size=3), min_size=1, max_size=5), st.booleans(), st.data())
def test_in_any_json_only_corrected_values_change(
    objects: list[dict[str, object]], ascii_only: bool, data: st.DataObject
) -> None:
    rows = [value | {"label": "cat"} for value in objects]
    dump = lambda rows: "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows)  # noqa: E731
    wrong = data.draw(st.sets(st.integers(1, len(rows))))
    changed = Corrections(dict.fromkeys(wrong, 1), frozenset(), {"label": ["cat", "dog"]})
    expected = [row | {"label": "dog"} if at in wrong else row for at, row in enumerate(rows, 1)]
    assert rewrite_jsonl("t.jsonl", dump(rows).encode(), changed).decode() == dump(expected)


def contents(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("packed", [False, True])
def test_class_folders_move_the_corrected_and_leave_out_the_excluded(packed: bool, tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d", split="train/")
    write_tree(data, {"readme.txt": b"hello", ".hidden": b"h"})
    if packed:
        zipped = tmp_path / "d.zip"
        with zipfile.ZipFile(zipped, "w") as archive:
            for name, content in contents(data).items():
                archive.writestr(zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6)), content)
        data = zipped
    expected = contents(data)
    expected["train/dog/1-cat.jpg"] = expected.pop("train/cat/1.jpg")
    del expected["train/cat/2.jpg"]
    done = corrected(data, tmp_path, out="out.zip" if packed else "out")
    assert contents(done.path) == expected


def test_text_files_in_class_folders_move_too_and_an_export_as_class_folders_is_read_again(tmp_path: Path) -> None:
    files = {f"{['cat', 'dog'][i % 2]}/{i}.txt": f"a text of {i}, {['miau', 'wau'][i % 2]}\n".encode() for i in range(12)}
    data = write_tree(tmp_path / "d", files | {"notes.md": b"about"})
    with Project.create(tmp_path / "p", data) as project:
        moved, gone = project.items.find("cat/4.txt"), project.items.find("dog/5.txt")
        project.journal.record([moved], "relabel", 1)
        project.journal.record([gone], "exclude")
        finish(export(project, tmp_path / "same"))
        finish(export(project, tmp_path / "folders", format="folder"))
    expected = contents(data)
    expected["dog/4.txt"] = expected.pop("cat/4.txt")
    del expected["dog/5.txt"]
    assert contents(tmp_path / "same") == expected
    with Project.create(tmp_path / "again", tmp_path / "folders") as again:
        read = {again.items.text(i): again.classes[again.given[i]] for i in range(len(again.items))}
    assert len(read) == 11 and read["a text of 4, miau"] == "dog" and read["a text of 6, miau"] == "cat"


def test_the_hand_signs_zip_keeps_every_member_but_the_table(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "signdigits_planted.zip"
    done = corrected(data, tmp_path, out="out.zip")
    before, after = contents(data), contents(done.path)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == {"labels.csv"}
    old, new = before["labels.csv"].splitlines(), after["labels.csv"].splitlines()
    assert new == [old[0], old[1], b"images/02556.jpg,0,0", *old[4:]] and done.files == 2109


def test_banking_keeps_every_line_but_the_corrected_ones(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "banking77.csv.gz"
    done = corrected(data, tmp_path, out="out.csv.gz", label="label")
    old, new = (gzip.decompress(path.read_bytes()).splitlines() for path in (data, done.path))
    assert new == [old[0], old[1], new[2], *old[4:]]
    assert new[2] == old[2].replace(b",12,card_arrival,", b",13,card_delivery_estimate,", 1)


def test_parquet_keeps_its_schema_metadata_and_compression(tmp_path: Path) -> None:
    schema = pa.schema(
        [pa.field("text", pa.string()), pa.field("label", pa.int8(), metadata={"note": "ids"})], metadata={"who": "me"}
    )
    table = pa.table([[f"words {i * 7919}" for i in range(10)], [i % 3 for i in range(10)]], schema=schema)
    parquet.write_table(table, tmp_path / "t.parquet", compression="zstd", row_group_size=4)
    done = corrected(tmp_path / "t.parquet", tmp_path, out="o.parquet")
    read = parquet.ParquetFile(done.path)
    assert read.schema_arrow.equals(schema, check_metadata=True)
    assert read.metadata.row_group(0).column(0).compression == "ZSTD" and read.metadata.num_row_groups == 3
    assert read.read()["label"].to_pylist() == [0, 2, 0, 1, 2, 0, 1, 2, 0]


def test_a_saved_hugging_face_set_loads_with_the_corrections_in(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])})
    rows = {"text": [f"words {i * 7919}" for i in range(12)], "label": [i % 2 for i in range(12)]}
    made = datasets.Dataset.from_dict(rows, features)
    parts = datasets.DatasetDict({"train": made.select(range(8)), "test": made.select(range(8, 12))})
    parts.save_to_disk(str(tmp_path / "saved"))
    done = corrected(tmp_path / "saved", tmp_path, out="o")
    again = datasets.load_from_disk(str(done.path))
    assert again["train"]["label"][:] == [0, 0, 1, 0, 1, 0, 1] and again["train"].features == features
    assert again["test"]["text"][:] == rows["text"][8:]


def test_several_tables_are_each_corrected_in_their_own_rows(tmp_path: Path) -> None:
    for name, start in (("train", 0), ("test", 10)):
        rows = [f"words {i * 7919},{'xy'[i % 2]}" for i in range(start, start + 10)]
        write_tree(tmp_path / "d", {f"{name}.csv": "\n".join(["text,label", *rows]).encode()})
    with Project.create(tmp_path / "p", tmp_path / "d") as project:
        item = project.items.rows.tolist().index(3)
        project.journal.record([item], "relabel", 1 - int(project.given[item]))
        done = finish(export(project, tmp_path / "o"))
    old, new = contents(tmp_path / "d"), contents(done.path)
    changed = {name for name in old if old[name] != new[name]}
    assert len(changed) == 1 and old.keys() == new.keys()
    (name,) = changed
    differing = [at for at, (a, b) in enumerate(zip(old[name].split(b"\n"), new[name].split(b"\n"), strict=True)) if a != b]
    assert differing == [3]


def test_an_image_table_in_split_folders_is_read_and_written(tmp_path: Path) -> None:
    for split in ("train", "test"):
        rows = "".join(f"{i}.jpg,{'xy'[i % 2]}\n" for i in range(8))
        files = {f"{split}/{i}.jpg": photo(i + 50 * (split == "test")) for i in range(8)}
        write_tree(tmp_path / "d", files | {f"{split}/metadata.csv": f"file_name,label\n{rows}".encode()})
    with Project.create(tmp_path / "p", tmp_path / "d") as project:
        assert len(project.items) == 16 and not project.set_aside and project.items.find("test/3.jpg") >= 0
        item = project.items.find("train/2.jpg")
        project.journal.record([item], "relabel", 1)
        done = finish(export(project, tmp_path / "o"))
    assert (done.path / "train/metadata.csv").read_text().splitlines()[3] == "2.jpg,y"
    assert (done.path / "test/metadata.csv").read_bytes() == (tmp_path / "d/test/metadata.csv").read_bytes()


def test_an_export_read_again_gives_the_corrected_labels() -> None:
    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        rows = [f'"text, {i * 7919}",{"abc"[i % 3]}' for i in range(60)]
        (path / "t.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
        with Project.create(path / "p", path / "t.csv") as project:
            items = rng.choice(60, 20, replace=False)
            project.journal.record(items[:15].tolist(), "relabel", rng.integers(0, 3, 15).tolist())
            project.journal.record(items[15:].tolist(), "exclude")
            wanted = [project.classes[c] for i, c in enumerate(project.labels) if i not in set(items[15:].tolist())]
            finish(export(project, path / "o.csv"))
        with Project.create(path / "again", path / "o.csv") as again:
            assert [again.classes[c] for c in again.given] == wanted
