"""What a file is by its ending, and what to do with one that shows something but is no image that can be read."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from badcase.i18n import _
from badcase.items.images import HEIF, ending_of, heif_missing, is_image_name
from badcase.items.roots import Root

_CAMERA = frozenset(
    (
        ".3fr",
        ".arw",
        ".cr2",
        ".cr3",
        ".crw",
        ".dng",
        ".erf",
        ".iiq",
        ".kdc",
        ".mef",
        ".mos",
        ".mrw",
        ".nef",
        ".nrw",
        ".orf",
        ".pef",
        ".raf",
        ".raw",
        ".rw2",
        ".rwl",
        ".sr2",
        ".srf",
        ".srw",
        ".x3f",
    )
)
_DRAWING = frozenset({".svg", ".svgz", ".eps", ".ai", ".wmf", ".emf"})
_LAYERED = frozenset({".psd", ".psb", ".xcf", ".kra"})
_MEDICAL = frozenset({".dcm", ".dicom", ".nii", ".mha", ".mhd", ".nrrd"})
_SCENE = frozenset({".exr", ".hdr", ".jxl", ".jxr", ".heics", ".avifs"})
_DOCUMENT = frozenset({".pdf", ".djvu"})
_VIDEO = frozenset((".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".mts", ".m2ts"))
# Called when it is shown, so that it is in the language of that moment.
_SHOWN: tuple[tuple[frozenset[str], Callable[[], tuple[str, str]]], ...] = (
    (_CAMERA, lambda: (_("a camera's raw file cannot be read"), _("Convert it to JPEG or PNG."))),
    (_DRAWING, lambda: (_("a drawing made of lines has no pixels to read"), _("Convert it to PNG."))),
    (_LAYERED, lambda: (_("a file of an image editor cannot be read"), _("Save it as JPEG or PNG."))),
    (
        _MEDICAL,
        lambda: (_("a medical image cannot be read"), _("Convert it to PNG, with the window that shows what you look for.")),
    ),
    (_SCENE, lambda: (_("this kind of image cannot be read"), _("Convert it to JPEG or PNG."))),
    (_DOCUMENT, lambda: (_("a document is no image"), _("Save its pages as PNG."))),
    (_VIDEO, lambda: (_("a video is no image"), _("Save the frames that matter as JPEG or PNG."))),
)
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*", b"\x00\x00\x00\x0cjP  ")
_HEAD = 32  # bytes


def heif_is_read() -> bool:
    """Whether the library that reads HEIC and HEIF is here."""
    return find_spec("pillow_heif") is not None


def shows_something(name: str) -> bool:
    """Whether a name ends as that of an image, read here or not, or of a film."""
    return is_image_name(name) or unreadable(name) is not None


def unreadable(name: str) -> tuple[str, str] | None:
    """Why a file that a person would call an image (or a film) cannot be read, and the remedy; None for all others."""
    ending = ending_of(name)
    if ending in HEIF:
        return None if heif_is_read() else heif_missing()
    return next((told() for endings, told in _SHOWN if ending in endings), None)


def begins_like_an_image(head: bytes) -> bool:
    """Whether the first bytes of a file, 32 at least, are those of an image that can be read."""
    if head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    return head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis")


def head_of(root: Root, name: str) -> bytes:
    """The first bytes of a file; OSError where it cannot be read."""
    return root.head(name, _HEAD)
