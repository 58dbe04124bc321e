"""Every form of a data set becomes the same items."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest

from badcase.errors import BadcaseError
from badcase.importing import understand
from badcase.items import Kind, Split
from tests.badcase.importing.importing import class_folders, imported, photo, write_tree

ROWS = [(f"n{i}", f"text number {i * 7919} about {'war' if i % 3 else 'peace'}", "ab"[i % 2]) for i in range(20)]


def delimited(mark: str) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=mark).writerows([("id", "text", "label"), *ROWS])
    return file.getvalue().encode()


def lines() -> bytes:
    return "\n".join(json.dumps(dict(zip(("id", "text", "label"), row, strict=True))) for row in ROWS).encode()


def arrow() -> pa.Table:
    return pa.table([list(column) for column in zip(*ROWS, strict=True)], ["id", "text", "label"])


def write_stream(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, arrow().schema) as writer:
        writer.write_table(arrow())


def write_zip(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)


WRITERS: dict[str, Callable[[Path], object]] = {
    "t.csv": lambda path: path.write_bytes(delimited(",")),
    "semicolons.csv": lambda path: path.write_bytes(delimited(";")),
    "t.tsv": lambda path: path.write_bytes(delimited("\t")),
    "t.csv.gz": lambda path: path.write_bytes(gzip.compress(delimited(","))),
    "t.jsonl": lambda path: path.write_bytes(lines()),
    "t.jsonl.gz": lambda path: path.write_bytes(gzip.compress(lines())),
    "t.parquet": lambda path: parquet.write_table(arrow(), path),
    "t.feather": lambda path: feather.write_feather(arrow(), path),
    "t.arrow": write_stream,
    "t.zip": lambda path: write_zip(path, "inner/labels.csv", delimited(",")),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_texts_in_any_table_format_are_the_same_items(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    items, result = imported(tmp_path / name, tmp_path / "p")
    assert items.kind is Kind.TEXT and result.classes == ("a", "b") and result.set_aside == []
    assert [(items.key(i), items.text(i), "ab"[items.given[i]]) for i in range(items.n)] == ROWS
    assert items.row(4) == 5 and items.find("n7") == 7


def test_a_class_folder_is_the_label_and_a_split_folder_the_split(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for split in ("train/", "val/", "test/"):
        class_folders(data, split=split)
    items, result = imported(data, tmp_path / "p")
    assert result.classes == ("cat", "dog") and items.n == 36
    dog = items.find("val/dog/3.jpg")
    assert items.given[dog] == 1 and items.split[dog] == Split.VALIDATION and items.size(dog) == (40, 30)
    assert items.image(dog, 20).size == (20, 15) and items.media(dog).path == data / "val/dog/3.jpg"
    assert (result.gold == (items.split == Split.TEST)).all()


@pytest.mark.parametrize("wrapper", ["", "my data/"])
def test_a_zip_of_class_folders_is_read_in_place(wrapper: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(12):
            archive.writestr(f"{wrapper}{'dog' if i % 2 else 'cat'}/{i}.jpg", photo(i))
        archive.writestr("__MACOSX/cat/._0.jpg", b"junk")
    items, result = imported(tmp_path / "d.zip", tmp_path / "p")
    assert items.n == 12 and result.set_aside == []
    assert items.media(3).path is None and items.media(3).open_bytes() == photo(int(Path(items.key(3)).stem))


@pytest.mark.parametrize("packed", [False, True])
def test_text_files_in_class_folders_are_texts_with_their_path_as_key(packed: bool, tmp_path: Path) -> None:
    files = {
        f"{split}/{['good', 'bad'][i % 2]}/{i}.txt": f"{split} text {i}\n".encode()
        for split in ("train", "val", "test")
        for i in range(8)
    }
    files |= {"train/good/9.txt": "很好".encode("gb18030"), "train/bad/10.txt": b""}
    files |= {"readme.txt": b"about", "train/bad/x.md": b"x"}
    data = write_tree(tmp_path / "set", files)
    if packed:
        data = tmp_path / "set.zip"
        with zipfile.ZipFile(data, "w") as archive:
            for name, content in files.items():
                archive.writestr(f"set/{name}", content)
    items, result = imported(data, tmp_path / "p")
    inside = "set/" if packed else ""
    assert items.kind is Kind.TEXT and result.classes == ("bad", "good") and items.n == 25
    for name, split in (("train/good/2.txt", Split.TRAIN), ("val/bad/7.txt", Split.VALIDATION)):
        item = items.find(inside + name)
        assert (items.text(item), items.split[item]) == (f"{name.split('/')[0]} text {name[-5]}", split)
        assert result.classes[items.given[item]] == name.split("/")[1]
    assert items.text(items.find(inside + "train/good/9.txt")) == "很好"
    assert {(bad.key.removeprefix(inside), bad.what) for bad in result.set_aside} == {
        ("readme.txt", "the file is not in a class folder"),
        ("train/bad/10.txt", "the text is empty"),
    }


def test_a_table_beside_images_names_them_relative_to_itself(tmp_path: Path) -> None:
    files = {f"set/pictures/{i}.png": photo(i, format="PNG") for i in range(8)}
    table = "file,label\n" + "".join(f"pictures/{i}.png,{'xy'[i % 2]}\n" for i in range(8))
    write_tree(tmp_path, files | {"set/labels.csv": table.encode(), "set/notes.txt": b""})
    for number, data in enumerate((tmp_path / "set", tmp_path / "set" / "labels.csv")):
        items, _result = imported(data, tmp_path / f"p{number}")
        assert items.key(3) == "pictures/3.png" and items.format(3) == "PNG" and items.image(3).mode == "RGB"


def test_tables_named_by_split_are_one_data_set(tmp_path: Path) -> None:
    header, *rows = delimited(",").decode().splitlines(keepends=True)
    write_tree(tmp_path / "d", {"train.csv": (header + "".join(rows[:14])).encode()})
    write_tree(tmp_path / "d", {"test.csv": (header + "".join(rows[14:])).encode()})
    items, result = imported(tmp_path / "d", tmp_path / "p")
    assert items.n == 20 and len(result.source.parts) == 2
    assert all((items.split[items.find(f"n{i}")] == Split.TRAIN) == (i < 14) for i in range(20))


def test_a_saved_hugging_face_set_keeps_its_class_names_and_embedded_images(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=["zebra", "ant"]), "page": datasets.Value("int64")}
    )
    rows = {
        "image": [{"bytes": photo(i), "path": None} for i in range(12)],
        "label": [i % 2 for i in range(11)] + [-1],
        "page": list(range(12)),
    }
    made = datasets.Dataset.from_dict(rows, features)
    datasets.DatasetDict({"train": made.select(range(8)), "test": made.select(range(8, 12))}).save_to_disk(
        str(tmp_path / "saved")
    )
    items, result = imported(tmp_path / "saved", tmp_path / "p")
    assert result.classes == ("zebra", "ant") and not result.set_aside and items.given[11] == -1
    assert items.media(5).open_bytes() == photo(5) and items.metadata(5) == {"page": 5}
    assert (items.split == [0] * 8 + [items.split[8], items.split[9], items.split[10], items.split[11]]).all()
    assert set(items.split[8:]) <= {Split.VALIDATION, Split.TEST}


def test_what_cannot_be_read_is_refused_with_a_remedy(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.txt": b"x", "empty/x.txt": b"", "broken.zip": b"PK nothing", "e.csv": b"", "b.parquet": b"x"})
    for name in ("a.txt", "empty", "broken.zip", "e.csv", "b.parquet", "not there", "no/such"):
        with pytest.raises(BadcaseError) as refusal:
            understand(tmp_path / name)
        assert refusal.value.hint, name


def test_a_quick_look_says_what_it_understood(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(delimited(","))
    seen = understand(tmp_path / "t.csv")
    assert (seen.kind, seen.format, seen.count, seen.classes) == (Kind.TEXT, "csv", 20, ("a", "b"))
    assert seen.samples[2].key == "n2" and seen.samples[2].label == "a" and not seen.choices
    assert "20 texts" in seen.sentences[0]


def test_a_zip_that_was_made_again_is_read_again(tmp_path: Path) -> None:
    for count in (6, 8):
        with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
            for i in range(count):
                archive.writestr(f"{'dog' if i % 2 else 'cat'}/{i}.jpg", photo(i))
        assert understand(tmp_path / "d.zip").count == count
