"""What is refused is read once the remedy in the message is followed."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from badcase.errors import BadcaseError
from tests.badcase.importing.importing import imported, photo, write_tree
from tests.badcase.importing.test_archives_beside_tables import NAMES, PHOTOS, N, table, zipped

TEXTS = [f"the text number {i * 37} of these" for i in range(N)]


def refused(data: Path, tmp_path: Path) -> BadcaseError:
    with pytest.raises(BadcaseError) as told:
        imported(data, tmp_path / "refused")
    return told.value


def test_a_table_that_nothing_joins_to_the_images_does_not_leave_the_labels_to_their_folders(tmp_path: Path) -> None:
    """Frames of videos lie in a folder each, and the folders became the classes beside a table that tells others."""
    frames = {f"v{i % 2}/frame{i:03}.jpg": photo(i) for i in range(N)}
    lines = [f"v{i % 2},{i},{'ab'[i // 4]}" for i in range(N)]
    data = write_tree(tmp_path / "d", frames | {"labels.csv": "\n".join(["video,frame,label", *lines]).encode()})
    told = refused(data, tmp_path)
    assert "labels.csv" in str(told) and "no column of it names the images" in str(told)
    assert imported(data, tmp_path / "p", label="label")[1].classes == ("v0", "v1")
    files = [f"{line},{name}" for line, name in zip(lines, frames, strict=True)]
    (data / "labels.csv").write_text("\n".join(["video,frame,label,file", *files]))
    assert imported(data, tmp_path / "q")[1].classes == ("a", "b")


def test_a_short_list_of_classes_beside_their_folders_is_no_table_of_labels(tmp_path: Path) -> None:
    files = {f"{'ab'[i % 2]}/{i}.jpg": photo(i) for i in range(N)}
    data = write_tree(tmp_path / "d", files | {"classes.csv": b"label,meaning\na,first of all\nb,second of all\n"})
    assert imported(data, tmp_path / "p")[1].classes == ("a", "b")


def test_a_folder_with_nothing_but_an_archive_names_it(tmp_path: Path) -> None:
    inside = {f"{'ab'[i % 2]}/{name}": PHOTOS[name] for i, name in enumerate(NAMES)}
    data = write_tree(tmp_path / "d", {"set/all.zip": zipped(inside)})
    place = str(refused(data, tmp_path).hint).rpartition("--data ")[2]
    assert imported(place, tmp_path / "p")[1].classes == ("a", "b")


def test_an_archive_inside_an_archive_is_read_when_the_outer_one_is_unpacked(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", {"all.zip": zipped({"labels.csv": table(NAMES), "images.zip": zipped(PHOTOS)})})
    assert "images.zip inside: unpack the former, and name the folder" in str(refused(data / "all.zip", tmp_path).hint)
    with zipfile.ZipFile(data / "all.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert imported(tmp_path / "unpacked", tmp_path / "p")[0].n == N


@pytest.mark.parametrize("nested", [False, True])
def test_lines_that_are_lists_come_with_the_line_that_converts_them(
    nested: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas")
    told = [{"cats": {"a": float(i % 2 == 0), "b": float(i % 2)}} if nested else "ab"[i % 2] for i in range(N)]
    lines = [json.dumps(pair) for pair in zip(TEXTS, told, strict=True)]
    data = write_tree(tmp_path / "d", {"t.jsonl": "\n".join(lines).encode()})
    found = re.search(r"Convert it: (.+)", str(refused(data / "t.jsonl", tmp_path).hint))
    assert found is not None
    monkeypatch.chdir(data)
    exec(found[1], {})
    items, result = imported(data / "t-rows.jsonl", tmp_path / "p")
    assert items.texts()[:] == TEXTS and [name[-1] for name in result.classes] == ["a", "b"]
    assert [result.classes[given][-1] for given in items.given] == ["ab"[i % 2] for i in range(N)]


def test_a_table_without_any_content_says_what_it_holds_instead_of_an_empty_choice(tmp_path: Path) -> None:
    parquet.write_table(
        pa.table({"images": [[photo(i)] for i in range(N)], "label": [i % 2 for i in range(N)]}), tmp_path / "t.parquet"
    )
    told = str(refused(tmp_path / "t.parquet", tmp_path))
    assert "no column can be the text" in told and "images (list" in told


def test_formulas_that_nothing_computed_are_told_with_what_to_do(tmp_path: Path) -> None:
    """Written by a program and never opened, they counted as empty without a word."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [("text", "label"), *((text, "ab"[i % 2] if i % 4 else '=IF(1>0,"a","b")') for i, text in enumerate(TEXTS))]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    items, result = imported(tmp_path / "t.xlsx", tmp_path / "p")
    assert (items.given < 0).sum() == 2 and any(note.startswith("2 formulas in t.xlsx have no value") for note in result.notes)


@pytest.mark.parametrize("name", ["SMSSpamCollection", "reviews.data", "all.tab.gz"])
def test_a_named_table_is_read_whatever_its_ending(name: str, tmp_path: Path) -> None:
    import gzip

    raw = "\n".join(f"{('ham', 'spam')[i % 2]}\t{text}" for i, text in enumerate(TEXTS)).encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    items, result = imported(tmp_path / name, tmp_path / "p")
    assert result.classes == ("ham", "spam") and items.texts()[:] == TEXTS
    (tmp_path / "x.data").write_bytes(b"\0\1,\n" * 100)
    assert "this kind of file cannot be read" in str(refused(tmp_path / "x.data", tmp_path))
