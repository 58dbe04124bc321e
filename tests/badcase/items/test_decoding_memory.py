"""Images: too large a one is refused by its header, and where memory is short the image is not blamed."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from badcase.errors import BadcaseError
from badcase.items import images
from badcase.items.images import decode, examine
from badcase.out_of_memory import OutOfMemory
from tests.badcase.importing.importing import class_folders, encoded, imported, write_tree
from tests.small_machine import said_with

HUGE = 60_000


def png(width: int, height: int, *, depth: int = 8, colour: int = 6, body: bytes = b"") -> bytes:
    """The header of a PNG, and by itself nothing that it promises; colour 2 is RGB, 6 is RGB with transparency."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body or zlib.compress(b"")) + chunk(b"IEND", b"")


def icon(inner: bytes) -> bytes:
    """An icon of 16 x 16 pixels, as it says, whose image is another one."""
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner


def tiff(width: int, height: int) -> bytes:
    """The tags of a TIFF of one strip."""
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 10)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def patched(kind: str, old: bytes, new: bytes, **how: object) -> bytes:
    """A small image whose header says another size."""
    raw = encoded(Image.new("RGB", (321, 123)), kind, **how)
    assert old in raw
    return raw.replace(old, new)


HEADERS = {
    "png": png(HUGE, HUGE),
    "png of one bit": png(HUGE, HUGE, depth=1, colour=0),
    "png of sixteen bits": png(20_000, 20_000, depth=16, colour=0),
    "bmp": patched("BMP", struct.pack("<ii", 321, 123), struct.pack("<ii", HUGE, HUGE)),
    "gif": patched("GIF", struct.pack("<HH", 321, 123), struct.pack("<HH", HUGE, HUGE)),
    "tiff": tiff(HUGE, HUGE),
    "ppm": b"P6 60000 60000 255\n" + bytes(100),
    "tga": patched("TGA", struct.pack("<HH", 321, 123), struct.pack("<HH", HUGE, HUGE)),
    "jpeg 2000": patched("JPEG2000", struct.pack(">II", 321, 123), struct.pack(">II", HUGE, HUGE), no_jp2=True),
    "progressive jpeg": patched("JPEG", struct.pack(">HH", 123, 321), struct.pack(">HH", HUGE, HUGE), progressive=True),
    "icon": icon(png(HUGE, HUGE)),
    "icon of a bitmap": icon(struct.pack("<IiiHHIIiiII", 40, HUGE, 2 * HUGE, 1, 32, 0, 0, 0, 0, 0, 0)),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_promises_too_much_is_enough(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_arguments: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    for work in (decode, examine):
        with pytest.raises(BadcaseError, match=r"too large to decode .*at most 1 GB of memory") as raised:
            work(HEADERS[name])
        assert "BADCASE_MAX_IMAGE=" in raised.value.hint


def test_the_bound_counts_bytes_and_a_person_raises_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """By pixels alone a transparent one took four times what a grey one does."""
    monkeypatch.setenv("BADCASE_MAX_IMAGE", "50kB")
    for mode, fits in (("RGB", 110), ("L", 99), ("RGBA", 79), ("I;16", 91), ("CMYK", 79)):
        kind = "TIFF" if mode == "CMYK" else "PNG"
        assert decode(encoded(Image.new(mode, (fits, fits)), kind)).size == (fits, fits)
        with pytest.raises(BadcaseError, match="too large"):
            decode(encoded(Image.new(mode, (fits + 3, fits + 3)), kind))
    turned = Image.Exif()
    turned[0x0112] = 6
    raw = encoded(Image.new("RGB", (100, 90)), "PNG", exif=turned)
    with pytest.raises(BadcaseError, match="too large"):
        decode(raw)
    monkeypatch.setenv("BADCASE_MAX_IMAGE", "0.1 MB")
    assert decode(raw).size == (90, 100)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "LA", "I;16", "I", "F"])
def test_in_bands_an_image_is_the_same(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shades = np.random.default_rng(0).integers(0, 256, (40, 30, 4), np.uint8)
    if mode in ("I;16", "I", "F"):
        grey = shades[:, :, 0].astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]) * 200
        raw = encoded(Image.fromarray(grey), "TIFF")
    else:
        image = Image.fromarray(shades, "RGBA")
        raw = encoded(image.convert(mode) if mode in ("LA", "RGBA") else image.convert("RGB").convert(mode), "TIFF")
    whole = np.asarray(decode(raw))
    monkeypatch.setattr(images, "_BAND", 100)
    assert (np.asarray(decode(raw)) == whole).all()


def test_no_other_program_is_called_for_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PostScript file under the name of a JPEG started Ghostscript."""

    def started(*_arguments: object, **_named: object) -> None:
        raise AssertionError("Ghostscript")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", started)
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, "EPS")
    with pytest.raises(BadcaseError, match="unknown image format"):
        decode(file.getvalue())


@pytest.mark.skipif(sys.platform != "linux", reason="a bound on memory that Linux keeps")
def test_where_memory_is_short_the_image_is_not_blamed() -> None:
    """Photos of 81 megapixels were set aside as "does not decode, replace or remove the file"."""
    raw = png(15_000, 15_000, colour=2)
    decode(png(1, 1, colour=2, body=zlib.compress(bytes(4))))  # so that all that decodes is loaded
    for work in (decode, examine):
        said = said_with(60_000_000, lambda work=work: work(raw))
        assert "there is not enough memory to decode the image (got it needs 900 MB)" in said
        assert "Nothing is wrong with the file." in said and "Replace" not in said


def test_a_large_image_is_set_aside_for_memory_and_where_small_ones_fail_the_import_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = encoded(Image.new("RGB", (700, 700)))
    data = write_tree(class_folders(tmp_path / "d"), {"cat/large.png": large})
    resized = Image.Image.resize

    def short(image: Image.Image, *how: Any, **more: Any) -> Image.Image:
        if image.size[0] >= most:
            raise MemoryError
        return resized(image, *how, **more)

    monkeypatch.setattr(Image.Image, "resize", short)
    monkeypatch.setattr("badcase.items.seen_images._MUCH", 1_000_000)
    most = 700
    _items, result = imported(data, tmp_path / "p")
    (aside,) = result.set_aside
    assert aside.key == "cat/large.png"
    assert "not enough memory to decode the image (got it needs 2 MB)" in aside.what
    assert "Nothing is wrong with the file" in aside.remedy
    most = 1
    with pytest.raises(OutOfMemory, match="not enough memory"):
        imported(data, tmp_path / "q")
