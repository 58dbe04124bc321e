"""Files that are images by any reading are read, or set aside with a reason; none is left out in silence."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.importing import understand
from badcase.items import file_kinds
from tests.badcase.importing.importing import class_folders, imported, photo, write_tree


def heic(seed: int) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.open(io.BytesIO(photo(seed))).convert("RGB")).save(file)
    return file.getvalue()


def test_heic_photos_are_read_with_the_library_that_reads_them(tmp_path: Path) -> None:
    data = write_tree(class_folders(tmp_path / "d"), {f"bird/IMG_{i}.HEIC": heic(i) for i in range(3)})
    items, result = imported(data, tmp_path / "p")
    assert items.n == 15 and result.classes == ("bird", "cat", "dog") and result.set_aside == []
    assert items.image(0).size == (40, 30) and items.format(0) == "HEIF"


@pytest.mark.parametrize("table", [False, True])
def test_heic_photos_without_that_library_are_set_aside_with_the_line_that_installs_it(
    table: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_kinds, "heif_is_read", lambda: False)
    files = {f"bird/IMG_{i}.HEIC": b"\0\0\0\x18ftypheic" + bytes(20) for i in range(8)}
    data = write_tree(class_folders(tmp_path / "d"), files)
    if table:
        rows = [f"{path.relative_to(data)},{path.parent.name}" for path in sorted(data.glob("*/*"))]
        (data / "labels.csv").write_text("\n".join(["file,label", *rows]))
    items, result = imported(data, tmp_path / "p")
    assert items.n == 12 and len(result.set_aside) == 8
    assert {("pillow-heif" in bad.what, "pip install 'badcase[heif]'" in bad.remedy) for bad in result.set_aside} == {
        (True, True)
    }
    assert any(note.startswith("Class bird has no item: all its 8 ") for note in result.notes)
    assert sum("8 of them: HEIC and HEIF photos need" in note for note in result.notes) == 1


def test_bytes_of_a_heic_photo_say_what_is_missing_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from badcase.items.images import decode

    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    with pytest.raises(BadcaseError, match="pillow-heif"):
        decode(b"\0\0\0\x18ftypheic" + bytes(40))


def test_a_heic_photo_that_is_damaged_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif")
    data = write_tree(class_folders(tmp_path / "d"), {f"bird/{i}.HEIC": b"\0\0\0\x18ftypheic" + bytes(20) for i in range(2)})
    _items, result = imported(data, tmp_path / "p")
    assert {bad.what for bad in result.set_aside} == {"the file is called a HEIC photo and is none, or a damaged one"}
    assert "Class bird has no item: all its 2 rows were set aside." in result.notes


@pytest.mark.parametrize("ending", ["CR2", "nef", "svg", "psd", "mp4", "dcm", "pdf", "jxl"])
def test_what_shows_something_and_cannot_be_read_is_set_aside_with_its_kind(ending: str, tmp_path: Path) -> None:
    files = {f"bird/{i}.{ending}": b"x" * 40 for i in range(3)}
    items, result = imported(write_tree(class_folders(tmp_path / "d"), files), tmp_path / "p")
    assert items.n == 12 and len(result.set_aside) == 3 and len({bad.what for bad in result.set_aside}) == 1
    assert result.classes == ("cat", "dog") and "Class bird has no item: all its 3 files were set aside." in result.notes
    assert result.set_aside[0].remedy


def test_images_without_an_ending_or_with_another_are_read(tmp_path: Path) -> None:
    files = {f"bird/{i}": photo(i) for i in range(3)} | {
        "bird/x.jpg_large": photo(3),
        "bird/y.JPEG": photo(4),
        "bird/notes": b"text",
    }
    items, result = imported(write_tree(class_folders(tmp_path / "d"), files), tmp_path / "p")
    assert items.n == 17 and items.find("bird/2") >= 0 and items.find("bird/x.jpg_large") >= 0
    assert "1 other file was not read: bird/notes." in result.notes


def test_broken_links_and_empty_files_are_set_aside(tmp_path: Path) -> None:
    data = write_tree(class_folders(tmp_path / "d"), {"bird/empty.jpg": b""})
    (data / "bird" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    _items, result = imported(data, tmp_path / "p")
    assert {bad.where: bad.what.split(" (")[0] for bad in result.set_aside} == {
        "bird/gone.jpg": "the link leads nowhere: the file that it names is not there",
        "row 1": "the file is empty",
    }


def test_other_files_are_told_in_one_sentence_and_are_no_items(tmp_path: Path) -> None:
    files = {"README.md": b"#", "cat/.DS_Store": b"x", "dog/Thumbs.db": b"x", "model.pth": b"x", "dog/desktop.ini": b"x"}
    items, result = imported(write_tree(class_folders(tmp_path / "d"), files), tmp_path / "p")
    assert items.n == 12 and result.set_aside == []
    assert "2 other files were not read: README.md, model.pth." in result.notes


def test_a_folder_of_nothing_that_can_be_read_says_what_it_holds(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", {f"{'ab'[i % 2]}/{i}.cr2": b"x" for i in range(6)})
    with pytest.raises(BadcaseError, match=r"no image here can be read.*raw file") as refusal:
        understand(data)
    assert "Convert" in refusal.value.hint
