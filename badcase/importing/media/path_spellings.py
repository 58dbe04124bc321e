"""How tables spell the names of files: what one path looks like after other machines, browsers and spreadsheets."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from badcase.items.images import is_image_name
from badcase.items.splits import split_named

_DRIVE = re.compile(r"[A-Za-z]:(?=/|$)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_DIGITS = frozenset("0123456789")
_WHOLE = re.compile(r"(\d+)\.0+")


def as_written(written: str) -> str:
    """The path without blanks, quotes and what `./` and `//` add; of an address (file://, https://) its path."""
    plain = written.strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'":
        plain = plain[1:-1]
    if ":" in plain and _SCHEME.match(plain):
        plain = _of_address(plain)
    untidy = "//" in plain or "/." in plain or plain[:1] == "." or plain[-1:] == "/"
    return posixpath.normpath(plain) if untidy else plain


def with_slashes(written: str) -> str:
    """The same of a path that Windows wrote."""
    return as_written(written.replace("\\", "/"))


def decoded(written: str) -> str:
    """The same of a path that a browser encoded: %20 is a blank."""
    return as_written(unquote(with_slashes(written)))


FORMS: tuple[Callable[[str], str], ...] = (as_written, with_slashes, decoded)


def _of_address(address: str) -> str:
    parts = urlsplit(address)
    if len(parts.scheme) == 1:
        return address  # a drive of Windows
    named = parse_qs(parts.query).get("d")  # how Label Studio names a file of its storage
    path = named[0] if named else parts.path
    if parts.scheme.lower() == "file":
        path = unquote(path)
        path = path[1:] if _DRIVE.match(path[1:]) else path
        return f"//{parts.netloc}{path}" if parts.netloc not in ("", "localhost") else path
    return path


def is_absolute(path: str) -> bool:
    """Whether a path (with slashes) begins at the root of some machine."""
    return path.startswith("/") or _DRIVE.match(path) is not None


def leads_up(path: str) -> bool:
    """Whether a path (with slashes) leaves the folder that it starts in."""
    return path == ".." or path.startswith("../")


def steps(path: str) -> tuple[str, ...]:
    """The folders of a path and its name, without a drive, and without what leads up."""
    plain = _DRIVE.sub("", path, count=1) if _DRIVE.match(path) else path
    return tuple(part for part in plain.split("/") if part not in ("", ".", ".."))


def folded(path: str) -> str:
    """Equal for paths that differ in case or in Unicode form alone."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def without_ending(name: str) -> str:
    """The name of a file without its ending; one without any stays, and so does an id with a point in it."""
    return name.rpartition(".")[0] if is_image_name(name) else name


def number(name: str) -> str | None:
    """An id of digits alone without the zeros before it and without `.0` behind it; None for every other."""
    if name[-1:] not in _DIGITS:
        return None
    folder, _slash, file = name.rpartition("/")
    if whole := _WHOLE.fullmatch(file):
        file = whole[1]
    if not (file.isascii() and file.isdecimal()):
        return None
    plain = file.lstrip("0") or "0"
    return f"{folder}/{plain}" if folder else plain


def split_word(stem: str) -> str | None:
    """The part of a file's name that names a split: "val" of instances_val2017; None where none does."""
    return next((word for word in re.split(r"[^A-Za-z]+", stem) if word and split_named(word) is not None), None)
