"""Decoding images: one way to RGB for everything that Pillow reads, and the check that an import makes of each."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote_to_bytes

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.decoding_memory import check_icon, check_memory, check_turned
from badcase.out_of_memory import OutOfMemory, is_out_of_memory
from badcase.shortages import size_text

SUFFIXES = frozenset(
    {
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".bmp",
        ".gif",
        ".webp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
        ".pbm",
        ".ico",
        ".jp2",
        ".avif",
        ".tga",
    }
)
HEIF = frozenset({".heic", ".heif", ".hif"})  # read with the extra `heif`
_BASE64_HEADS = ("/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR", "SUkqA", "TU0AK")  # JPEG, PNG, GIF, WebP, TIFF
_READ = SUFFIXES | HEIF
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
# What Pillow may read an image as, whatever its name; its other readers are for what no data set holds, and one of them calls
# another program.
_KINDS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "MPO", "AVIF", "JPEG2000", "HEIF", "ICO", "DIB", "TGA")
_BAND = 1 << 22  # pixels that are turned into RGB at once
THUMB = 16


@dataclass(frozen=True, slots=True)
class Examined:
    """What the import learns from one decode: size as seen (EXIF applied), format, grey thumbnail (16, 16) uint8."""

    width: int
    height: int
    format: str
    animated: bool
    thumb: NDArray[np.uint8]


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case, with its point; "" for none."""
    start, point, ending = name.rpartition(".")
    return f".{ending.lower()}" if point and start and start[-1] != "/" and "/" not in ending else ""


def is_image_name(name: str) -> bool:
    """Whether the name ends like an image's."""
    return ending_of(name) in _READ


def is_inline_image(text: str) -> bool:
    """Whether a text is an image itself: a data: address, or the base64 of a file that begins like an image."""
    head = text[:64].lstrip()
    return head.startswith("data:image/") or (len(text) > 64 and head.startswith(_BASE64_HEADS))


def inline_bytes(text: str) -> bytes:
    """The bytes of such a text; BadcaseError where it is not whole."""
    plain = text.strip()
    head, _comma, body = plain.partition(",") if plain.startswith("data:") else ("", ",", plain)
    try:
        if head and not head.endswith(";base64"):
            return unquote_to_bytes(body)
        return base64.b64decode("".join(body.split()), validate=True)
    except ValueError as error:
        raise BadcaseError(_("the base64 of the image is not whole"), hint=_("Replace it, or remove the row.")) from error


def decode(raw: bytes, max_side: int | None = None, *, least: int | None = None) -> Image.Image:
    """The image as RGB, turned as EXIF says, no side over `max_side` pixels.

    least: Where the format can be decoded at a half, a quarter or an eighth of its size, and nothing else is asked for, the
    smallest of these of which no side is under so many pixels.

    Raises:
        BadcaseError: It is broken, or takes more memory than `badcase.size_bounds` allows.
        OutOfMemory: There is not so much memory now.
    """
    with _told(raw) as opened:
        image = _to_rgb(opened("RGB", max_side or least))
        if max_side is not None:
            image.thumbnail((max_side, max_side), Image.Resampling.BICUBIC)
        return image


def examine(raw: bytes) -> tuple[Examined, NDArray[np.uint8]]:
    """Decode an image once (JPEG at a reduced scale) and describe it; the errors are those of `decode`.

    Returns the description and the decoded image in grey (height, width), at least 64 pixels a side where it has them.
    """
    if not raw:
        raise BadcaseError(_("the file is empty"), hint=_("Replace or remove the file."))
    with _told(raw) as opened:
        image = opened("L", 4 * THUMB)
        width, height = cast(tuple[int, int], image.info["badcase size"])
        turned = image.getexif().get(0x0112, 1)
        if turned >= 5:
            width, height = height, width
        animated = bool(getattr(image, "is_animated", False))
        name = image.format or "?"
        plain = turned == 1 and image.mode in ("L", "RGB") and "transparency" not in image.info
        seen = image if plain else _to_rgb(image)
        grey = seen if seen.mode == "L" else seen.convert("L")
        thumb = np.asarray(grey.resize((THUMB, THUMB), Image.Resampling.BOX), np.uint8)
        return Examined(width, height, name, animated, thumb), np.asarray(grey, np.uint8)


@contextmanager
def _told(raw: bytes) -> Iterator[Callable[[str, int | None], Image.Image]]:
    """Give what opens the image, near a mode and a side; whatever goes wrong with it is told in words."""
    needed = 0

    def opened(mode: str, max_side: int | None) -> Image.Image:
        nonlocal needed
        image = _opened(raw)
        size = image.size
        if max_side is not None:
            image.draft(mode, (max_side, max_side))  # a JPEG decodes near the size that is needed, and its shades alone
        needed = check_memory(image, size)
        needed = check_turned(image, size, needed)
        image.info["badcase size"] = size
        return image

    try:
        yield opened
    except BadcaseError:
        raise
    except Image.DecompressionBombError as error:  # by Pillow's own bound, which a few of its readers ask
        raise BadcaseError(_("the image is too large to decode"), got=error, hint=_("Make a smaller copy.")) from error
    except Exception as error:  # Pillow's decoders fail in many ways on damaged files; all mean the same here
        if is_out_of_memory(error):
            raise _short(needed) from error
        raise _broken(error) from error


def _short(needed: int) -> OutOfMemory:
    error = OutOfMemory(
        _("there is not enough memory to decode the image"),
        got=_("it needs {size}").format(size=size_text(needed)) if needed else "",
        hint=_("Nothing is wrong with the file. Close other programs, or use a machine with more memory, and do it again."),
    )
    error.needed = needed
    return error


def _broken(error: Exception) -> BadcaseError:
    """What Pillow says, but not where it had the bytes in memory."""
    unknown = isinstance(error, UnidentifiedImageError)
    got = _("unknown image format") if unknown else error
    return BadcaseError(_("the image does not decode"), got=got, hint=_("Replace or remove the file."))


def _opened(raw: bytes) -> Image.Image:
    """An image whose pixels nobody has decoded yet, by the first of Pillow's readers that knows it.

    `Image.open` checks its size by a bound of the whole process, which is the user's: it warns at what ordinary scans reach
    and cannot be set for one call. `check_memory` checks instead.
    """
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIF_BRANDS and b"avif" not in raw[8:32]:
        _know_heif()
    tried = set[str]()
    for make_known in (Image.preinit, Image.init):  # the usual kinds, then all
        make_known()
        for kind in [one for one in _KINDS if one in Image.OPEN and one not in tried]:
            tried.add(kind)
            reader, knows = Image.OPEN[kind]
            try:
                known = knows is None or knows(raw[:16])
                if known and not isinstance(known, str):  # a text says why it cannot be read here
                    if kind == "ICO":
                        check_icon(raw)
                    return reader(io.BytesIO(raw), "")
            except (SyntaxError, IndexError, TypeError, struct.error):
                continue  # it only begins like one of this kind
    raise UnidentifiedImageError


def _know_heif() -> None:
    """Teach Pillow to read HEIC and HEIF, by the library of the extra `heif`."""
    if "HEIF" in Image.OPEN:
        return
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        what, remedy = heif_missing()
        raise BadcaseError(what, hint=remedy) from error
    register_heif_opener(thumbnails=False)


def heif_missing() -> tuple[str, str]:
    """What is said of HEIC and HEIF without the library that reads them, and the remedy."""
    remedy = _("Install it with `pip install 'badcase[heif]'`, or convert the photos to JPEG.")
    return _("HEIC and HEIF photos need the library pillow-heif"), remedy


def _to_rgb(image: Image.Image) -> Image.Image:
    """The same image or another one as RGB; band by band, so that it takes little more memory than the two."""
    ImageOps.exif_transpose(image, in_place=True)
    image.load()
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        highest = max(float(_numbers(band).max(initial=0.0)) for _top, band in _bands(image))
        floating = image.mode == "F"
        made = Image.new("RGB", image.size)
        for top, band in _bands(image):
            made.paste(Image.fromarray(_eight_bits(_numbers(band), highest, floating=floating)).convert("RGB"), (0, top))
        return made
    clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    made = Image.new("RGB", image.size)
    for top, band in _bands(image):
        made.paste(_on_white(band) if clear else band.convert("RGB"), (0, top))
    return made


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The image in parts of whole rows, each with the row that it begins with."""
    width, height = image.size
    rows = max(1, _BAND // max(1, width))
    if rows >= height:
        yield 0, image
        return
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(top + rows, height)))


def _on_white(image: Image.Image) -> Image.Image:
    """What lies under a transparent pixel is arbitrary, so it is shown on white as a viewer would."""
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _numbers(image: Image.Image) -> NDArray[np.float64]:
    return np.nan_to_num(np.asarray(image).astype(np.float64))


def _eight_bits(numbers: NDArray[np.float64], highest: float, *, floating: bool) -> NDArray[np.uint8]:
    """16-bit and float grey as 8 bits, by the range that such files use and never by the image's own contrast."""
    if floating and highest <= 1.0:
        numbers = numbers * 255.0
    elif highest > 255.0:
        numbers = numbers / 256.0
    return np.clip(numbers, 0, 255).astype(np.uint8)
