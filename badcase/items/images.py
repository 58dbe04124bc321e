"""Decoding images: one way to RGB for everything that Pillow reads, and the check that an import makes of each."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote_to_bytes

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from badcase.errors import BadcaseError
from badcase.i18n import _

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
# Pillow reads these by another program, Ghostscript, which runs what stands in the file, or by what others registered.
_BY_OTHERS = frozenset({"EPS", "WMF", "BUFR", "GRIB", "HDF5"})
LARGEST = 200_000_000  # pixels decoded at once: 600 MB of RGB
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


def decode(raw: bytes, max_side: int | None = None) -> Image.Image:
    """The image as RGB, turned as EXIF says, no side over `max_side` pixels; BadcaseError where it is broken."""
    try:
        image = _to_rgb(_bounded(raw, max_side))
    except BadcaseError:
        raise
    except Exception as error:  # Pillow's decoders fail in many ways on damaged files; all mean the same here
        raise _broken(error) from error
    if max_side is not None:
        image.thumbnail((max_side, max_side), Image.Resampling.BICUBIC)
    return image


def examine(raw: bytes) -> tuple[Examined, NDArray[np.uint8]]:
    """Decode an image once (JPEG at a reduced scale) and describe it; BadcaseError where it cannot be used.

    Returns the description and the decoded image in grey (height, width), at least 64 pixels a side where it has them.
    """
    if not raw:
        raise BadcaseError(_("the file is empty"), hint=_("Replace or remove the file."))
    try:
        image = _bounded(raw, 4 * THUMB)
        width, height = cast(tuple[int, int], image.info["badcase size"])
        if image.getexif().get(0x0112, 1) >= 5:
            width, height = height, width
        animated = bool(getattr(image, "is_animated", False))
        name = image.format or "?"
        grey = _to_rgb(image).convert("L")
        thumb = np.asarray(grey.resize((THUMB, THUMB), Image.Resampling.BOX), np.uint8)
    except BadcaseError:
        raise
    except Exception as error:  # as above
        raise _broken(error) from error
    return Examined(width, height, name, animated, thumb), np.asarray(grey, np.uint8)


def _broken(error: Exception) -> BadcaseError:
    """What Pillow says, but not where it had the bytes in memory."""
    unknown = isinstance(error, UnidentifiedImageError)
    got = _("unknown image format") if unknown else error
    return BadcaseError(_("the image does not decode"), got=got, hint=_("Replace or remove the file."))


def _bounded(raw: bytes, max_side: int | None) -> Image.Image:
    """Open an image; a JPEG is told to decode near the size that is needed, and nothing decodes beyond LARGEST."""
    image = _opened(raw)
    size = image.size
    if max_side is not None:
        image.draft("RGB", (max_side, max_side))
    if image.size[0] * image.size[1] > LARGEST:
        raise BadcaseError(
            _("the image is too large to decode"),
            expected=_("at most {n} million pixels").format(n=LARGEST // 1_000_000),
            got=f"{size[0]} x {size[1]}",
            hint=_("Make a smaller copy, or save it as JPEG."),
        )
    image.info["badcase size"] = size
    return image


def _opened(raw: bytes) -> Image.Image:
    """An image whose pixels nobody has decoded yet, by the first of Pillow's readers that knows it.

    `Image.open` checks its size by a bound of the whole process, which is the user's: it warns at what ordinary scans reach
    and cannot be set for one call. `_bounded` checks instead.
    """
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIF_BRANDS and b"avif" not in raw[8:32]:
        _know_heif()
    tried = set[str]()
    for make_known in (Image.preinit, Image.init):  # the usual kinds, then all
        make_known()
        for kind in [one for one in Image.ID if one not in tried | _BY_OTHERS]:
            tried.add(kind)
            reader, knows = Image.OPEN[kind]
            try:
                known = knows is None or knows(raw[:16])
                if known and not isinstance(known, str):  # a text says why it cannot be read here
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
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        # What lies under a transparent pixel is arbitrary, so it is shown on white as a viewer would.
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """16-bit and float grey as 8 bits, by the range that such files use and never by the image's own contrast."""
    numbers = np.nan_to_num(values.astype(np.float64))
    largest = float(numbers.max(initial=0.0))
    if np.issubdtype(values.dtype, np.floating) and largest <= 1.0:
        numbers = numbers * 255.0
    elif largest > 255.0:
        numbers = numbers / 256.0
    return np.clip(numbers, 0, 255).astype(np.uint8)
