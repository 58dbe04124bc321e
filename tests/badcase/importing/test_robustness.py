"""One bad item never stops an import: it is set aside with where, what and the remedy."""

from __future__ import annotations

import os
import shutil
import struct
import threading
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.importing import Imported, import_items
from badcase.items import SetAside
from badcase.items.images import decode, examine
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, encoded, imported, photo, write_tree


def only(result: Imported) -> SetAside:
    (bad,) = result.set_aside
    assert bad.where and bad.what and bad.remedy
    return bad


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"this is no image", "does not decode"),
        (photo(5)[:300], "does not decode"),
        (photo(5, format="PNG")[:-400], "does not decode"),
    ],
)
def test_a_broken_image_is_set_aside(content: bytes, what: str, tmp_path: Path) -> None:
    data = write_tree(class_folders(tmp_path / "d"), {"cat/bad.jpg": content})
    items, result = imported(data, tmp_path / "p")
    assert items.n == 12 and only(result).key == "cat/bad.jpg" and what in only(result).what
    assert " at 0x" not in only(result).what


def packed(files: dict[str, bytes], place: Path) -> Path:
    """Files as a folder, a zip or a tar, as the name of the place ends."""
    if not place.suffix:
        return write_tree(place, files)
    folder = write_tree(place.with_suffix(""), files)
    shutil.make_archive(str(folder), place.suffix[1:], folder)
    shutil.rmtree(folder)
    return place


@pytest.mark.parametrize("name", ["d", "d.zip", "d.tar"])
def test_many_images_of_many_sizes_keep_their_order_with_broken_ones_among_them(name: str, tmp_path: Path) -> None:
    sizes = [(20 + at % 13, 20 + at % 7) for at in range(90)]
    files = {f"{'ab'[at % 2]}/{at:02}.png": photo(at, size=size, format="PNG") for at, size in enumerate(sizes)}
    broken = [f"{'ab'[at % 2]}/{at:02}.png" for at in (3, 40, 41, 88)]
    files |= {key: files[key][:60] for key in broken}
    items, result = imported(packed(files, tmp_path / name), tmp_path / "p")
    assert sorted(bad.key for bad in result.set_aside) == sorted(broken)
    assert list(items.keys) == sorted(files.keys() - set(broken))
    for at, key in enumerate(items.keys):
        assert items.image(at).size == sizes[int(key[2:4])]
        measures = items.measures[at]
        assert (measures["width"], measures["height"]) == sizes[int(key[2:4])]


def test_a_check_of_images_that_is_given_up_ends_at_once(tmp_path: Path) -> None:
    large = photo(0, size=(300, 300), format="PNG")
    data = write_tree(tmp_path / "d", {f"{'ab'[at % 2]}/{at}.png": large for at in range(200)})
    before = threading.active_count()
    (tmp_path / "p").mkdir()
    job = import_items(data, tmp_path / "p")
    while "Checking" not in next(job).name:
        pass
    began = time.monotonic()
    job.close()
    assert time.monotonic() - began < 1 and threading.active_count() == before


@pytest.mark.parametrize(
    "content", [encoded(Image.new("RGB", (20, 20), "red"), "EPS"), b"GRIB\0\0\0\1" + bytes(90)], ids=["postscript", "weather"]
)
def test_no_other_program_is_started_to_read_an_image(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostScript is a programming language, and a file called .png may hold it."""
    started: list[object] = []
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *how, **more: started.append(how))
    data = write_tree(class_folders(tmp_path / "d"), {"cat/bad.png": content})
    _items, result = imported(data, tmp_path / "p")
    assert "unknown image format" in only(result).what and not started


def huge_png(side: int) -> bytes:
    """A PNG of side x side pixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(side // 8 + 1)) for _row in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_an_image_of_20000_pixels_is_used_as_jpeg_and_a_bomb_is_set_aside(tmp_path: Path) -> None:
    wide = encoded(Image.new("L", (20_000, 1_000), 90), "JPEG")
    data = write_tree(class_folders(tmp_path / "d"), {"cat/bomb.png": huge_png(20_000), "cat/wide.jpg": wide})
    items, result = imported(data, tmp_path / "p")
    assert "too large" in only(result).what and "20000 x 20000" in only(result).what
    big = items.find("cat/wide.jpg")
    assert items.size(big) == (20_000, 1_000) and items.image(big, 200).size == (200, 10)


def test_unusual_images_look_as_a_viewer_shows_them() -> None:
    cmyk = encoded(Image.new("RGB", (30, 30), (200, 30, 30)).convert("CMYK"), "JPEG")
    sixteen = encoded(Image.fromarray(np.full((30, 30), 0x8000, np.uint16)))
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "blue")]
    animated = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    clear = encoded(Image.new("RGBA", (30, 30), (0, 0, 0, 0)))
    for raw, color in ((cmyk, (200, 30, 30)), (sixteen, (128,) * 3), (animated, (255, 0, 0)), (clear, (255,) * 3)):
        seen = decode(raw)
        assert seen.mode == "RGB" and np.allclose(seen.getpixel((15, 15)), color, atol=8)
    assert examine(animated)[0].animated and not examine(cmyk)[0].animated


def test_an_image_is_turned_as_its_exif_says() -> None:
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("black", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees
    raw = encoded(picture, "JPEG", exif=exif)
    examined, grey = examine(raw)
    assert (examined.width, examined.height) == grey.shape[::-1] == (20, 40)
    assert decode(raw).size == (20, 40) and decode(raw).getpixel((10, 2))[0] < 60  # type: ignore[index]


def test_a_loop_of_links_ends_and_is_told(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    (data / "cat" / "again").symlink_to(data)
    (data / "dog" / "self.jpg").symlink_to("self.jpg")
    items, result = imported(data, tmp_path / "p")
    assert items.n == 12
    assert {bad.where for bad in result.set_aside} == {"cat/again", "dog/self.jpg"}


def test_a_table_that_a_person_names_may_lead_out_of_its_folder_and_one_in_a_zip_may_not(tmp_path: Path) -> None:
    (tmp_path / "other.jpg").write_bytes(photo(99))
    files = {f"{i}.jpg": photo(i) for i in range(6)}
    lines = [*(f"{i}.jpg,{'ab'[i % 2]}" for i in range(6)), "../other.jpg,a", "gone.jpg,b"]
    files |= {"labels.csv": "\n".join(["file,label", *lines]).encode()}
    items, result = imported(write_tree(tmp_path / "d", files), tmp_path / "p")
    assert items.n == 7 and items.media(6).open_bytes() == photo(99) and items.key(6) == "../other.jpg"
    assert items.media(0).path == tmp_path / "d" / "0.jpg"
    assert only(result).what == "the image is missing (got gone.jpg)" and only(result).where == "labels.csv, row 8"
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    items, result = imported(tmp_path / "d.zip", tmp_path / "q")
    assert items.n == 6 and [bad.key for bad in result.set_aside] == ["../other.jpg", "gone.jpg"]


def test_rows_without_a_label_are_items_and_empty_texts_are_set_aside(tmp_path: Path) -> None:
    lines = ["text,label", *(f"words {i * 7919},{i % 3}" for i in range(12)), "no label,", "nan,NaN", "none yet,-1", ",1"]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == 15 and result.classes == ("0", "1", "2") and (items.given[12:] == -1).all()
    assert [bad.row for bad in result.set_aside] == [16]
    assert any("3 items have no label yet" in note for note in result.notes)


def test_a_duplicate_key_is_refused_by_name_and_row(tmp_path: Path) -> None:
    lines = ["id,text,label", *(f"k{i},words {i * 7919},{i % 2}" for i in range(8)), "k3,other words,1"]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    items, result = imported(tmp_path / "t.csv", tmp_path / "p")
    assert items.n == 8 and "k3" in only(result).what and "row 4" in only(result).what and only(result).row == 9


def test_a_key_column_that_repeats_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("k,text,label\n" + "".join(f"{i % 2},word {i * 31},{i % 2}\n" for i in range(8)))
    with pytest.raises(BadcaseError, match=r"row 3.*got 0"):
        imported(tmp_path / "t.csv", tmp_path / "p", key="k")


def test_rows_that_break_the_format_are_set_aside(tmp_path: Path) -> None:
    rows = [f'"señor, café {i * 7919}",{"ab"[i % 2]}' for i in range(6)]
    lines = ["text,label", *rows, "too,many,fields", "few", '"a\nnewline",a']
    (tmp_path / "t.csv").write_bytes("\n".join(lines).encode() + b"\nbro\xffken,b\n")
    items, result = imported(tmp_path / "t.csv", tmp_path / "1")
    assert [bad.row for bad in result.set_aside] == [7, 8, 10] and items.text(6) == "a\nnewline"
    objects = [f'{{"text": "words {i * 7919}", "label": {i % 2}}}' for i in range(6)]
    (tmp_path / "t.jsonl").write_text("\n".join([*objects[:3], "{oops", "[1]", *objects[3:]]), encoding="utf-8")
    items, result = imported(tmp_path / "t.jsonl", tmp_path / "2")
    assert [bad.row for bad in result.set_aside] == [4, 5] and items.row(3) == 6


def test_a_damaged_member_of_a_zip_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(8):
            archive.writestr(f"{'cat' if i % 2 else 'dog'}/{i}.jpg", photo(i))
        archive.writestr("../escaping.jpg", photo(9))
    raw = bytearray(path.read_bytes())
    at = raw.find(photo(4)[-120:-60])
    raw[at : at + 50] = os.urandom(50)
    path.write_bytes(raw)
    items, result = imported(path, tmp_path / "p")
    assert items.n == 7
    assert {bad.key: "damaged" in bad.what for bad in result.set_aside} == {"dog/4.jpg": True, "../escaping.jpg": False}


def test_an_import_without_one_usable_item_says_why(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", {"cat/1.jpg": b"", "dog/2.jpg": b""})
    with pytest.raises(BadcaseError, match="no usable item") as refusal:
        imported(data, tmp_path / "p")
    assert refusal.value.where == "row 1" and refusal.value.hint


def test_a_label_with_one_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\nsome words,a\nother words,a\n")
    with pytest.raises(BadcaseError, match="at least two classes"):
        imported(tmp_path / "t.csv", tmp_path / "p")


def test_a_project_that_was_made_among_the_data_is_no_part_of_them(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    table = "".join(f"{name}/{i}.jpg,{name}\n" for name in ("cat", "dog") for i in range(6))
    (data / "labels.csv").write_text("file,label\n" + table)
    with Project.create(data / "mine", data) as project:
        first = project.notes
        project.journal.record([0], "exclude")
        finish(export(project, tmp_path / "out"))
    with Project.create(data / "again", data) as again:
        assert again.notes == first
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"cat", "dog", "labels.csv"}
