"""The memory that decoding an image takes, told from its header alone: what is too much is refused before anything is decoded."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image
from PIL.IcoImagePlugin import IcoFile

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.shortages import size_text
from badcase.size_bounds import IMAGE

# Bytes of a pixel as Pillow holds it, by mode; 4 for all others, RGB too.
_HELD = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
# Bytes of a pixel that a decoder needs beside, since it decodes the whole image before Pillow has any of it.
_BESIDE = {"WEBP": 12, "AVIF": 8, "HEIF": 8, "JPEG2000": 16, "GIF": 4}
_RGB = 4
_TURNED = frozenset({2, 3, 4, 5, 6, 7, 8})  # EXIF's orientations that need a second image
_PNG = b"\x89PNG\r\n\x1a\n"


def check_memory(image: Image.Image, size: tuple[int, int]) -> int:
    """The bytes that an opened image takes until it is RGB, where it need not be turned.

    Args:
        image: Nothing of it is decoded yet; its own size is the one that it is decoded at.
        size: In the file, before any reduction.

    Raises:
        BadcaseError: They are more than `badcase.size_bounds.IMAGE` allows.
    """
    pixels, held = image.size[0] * image.size[1], _HELD.get(image.mode, 4)
    each = held + _BESIDE.get(image.format or "", 0) + (0 if image.mode == "RGB" else _RGB)
    needed = pixels * each + _coefficients(image, size)
    _check(needed, size)
    return needed


def check_turned(image: Image.Image, size: tuple[int, int], needed: int) -> int:
    """The same where it is turned as EXIF says; only after `check_memory`, since a PNG is decoded to look for that."""
    if image.getexif().get(0x0112, 1) in _TURNED:
        needed += image.size[0] * image.size[1] * _HELD.get(image.mode, 4)
        _check(needed, size)
    return needed


def check_icon(raw: bytes) -> None:
    """Refuse an icon one of whose images is too large: it is decoded as soon as it is opened, at a size that it does not tell.

    Raises:
        BadcaseError: There is such a one.
        SyntaxError: It is no icon.
    """
    for entry in IcoFile(io.BytesIO(raw)).entry:
        inner = raw[entry.offset : entry.offset + 24]
        if len(inner) == 24:
            width, height = (
                struct.unpack_from(">II", inner, 16) if inner.startswith(_PNG) else struct.unpack_from("<ii", inner, 4)
            )
            _check(abs(width * height) * 2 * _RGB, (width, height))


def _check(needed: int, size: tuple[int, int]) -> None:
    if needed > IMAGE.bytes:
        raise BadcaseError(
            _("the image is too large to decode"),
            expected=_("at most {size} of memory").format(size=size_text(IMAGE.bytes)),
            got=_("{width} x {height} pixels, {size}").format(width=size[0], height=size[1], size=size_text(needed)),
            hint=" ".join([_("Make a smaller copy."), IMAGE.remedy(needed)]),
        )


def _coefficients(image: Any, size: tuple[int, int]) -> int:
    """The bytes of the coefficients of a progressive JPEG: all of them are held, whatever size it is decoded at."""
    if not image.info.get("progressive") or not getattr(image, "layer", None):
        return 0
    areas = [across * down for _id, across, down, *_rest in image.layer]
    return 2 * size[0] * size[1] * sum(areas) // max(1, *areas)
