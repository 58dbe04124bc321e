"""The content of every row, checked and fingerprinted: texts, image files, or images that a table holds inside."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from badcase.all_cores import on_all_cores
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.column_values import is_embedded_image, strings
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.media.media_columns import names_in
from badcase.importing.rows import TableRows
from badcase.items.file_kinds import unreadable
from badcase.items.image_measures import Lines, Sharpness, image_measures, lines_of
from badcase.items.images import HEIF, THUMB, Examined, decode, ending_of, examine, inline_bytes
from badcase.items.lfs_pointers import is_pointer, never_fetched
from badcase.items.roots import FolderRoot, Root
from badcase.items.text_measures import text_measures
from badcase.items.twins.image_twins import Thumbs
from badcase.out_of_memory import OutOfMemory, is_out_of_memory
from badcase.progress import Job, Progress

_EVERY = 0.1  # seconds between two signs of life
_MUCH = 100_000_000  # bytes: an image that needs more may be alone in being too large for the memory that is free


@dataclass(slots=True)
class Contents:
    """What was gathered of the rows that can be used; all lists run in step, `rows` says which table rows they are."""

    rows: list[int] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    examined: list[Examined] = field(default_factory=list)
    sharpness: Sharpness = field(default_factory=Sharpness)
    bad: list[tuple[int, BadcaseError]] = field(default_factory=list)

    def thumbs(self) -> Thumbs:
        """(n, 16, 16) grey."""
        return np.stack([one.thumb for one in self.examined]) if self.examined else np.zeros((0, THUMB, THUMB), np.uint8)

    def measures(self) -> NDArray[np.void]:
        """(n,) records of what tells whether an item shows anything; see `image_measures` and `text_measures`."""
        if not self.examined:
            return text_measures(self.content)
        widths, heights = [one.width for one in self.examined], [one.height for one in self.examined]
        return image_measures(widths, heights, self.thumbs(), self.sharpness.values())


@dataclass(slots=True)
class _Checked:
    """An image that can be used; `raw` only where it has to be written."""

    name: str
    raw: bytes
    fingerprint: str
    examined: Examined
    lines: Lines


def fingerprint(raw: bytes) -> str:
    """BLAKE2b-128 in hex."""
    return blake2b(raw, digest_size=16).hexdigest()


def gather_texts(rows: TableRows, column: str, usable: Sequence[int]) -> Contents:
    """The texts of the usable table rows; an empty one is bad."""
    found = Contents()
    values = strings(rows.table[column])
    for at in usable:
        text = values[at]
        if text is None or not text.strip():
            found.bad.append((at, BadcaseError(_("the text is empty"), hint=_("Fill it in, or remove the row."))))
            continue
        if is_pointer(raw := text.encode("utf-8", "surrogatepass")):
            found.bad.append((at, never_fetched()))
            continue
        found.rows.append(at)
        found.content.append(text)
        found.fingerprints.append(fingerprint(raw))
    return found


def gather_images(rows: TableRows, columns: ColumnRoles, usable: Sequence[int], media: Path) -> Job[Contents]:
    """Decode the image of every usable table row once, on all cores; embedded ones are written to the folder `media`."""
    assert columns.image is not None
    found = Contents()
    column = rows.table[columns.image]
    embedded = is_embedded_image(column)
    joined = None if embedded else rows.joins[columns.image]
    written = [] if joined is None else names_in(column)

    def read(at: int) -> tuple[str, bytes] | BadcaseError:
        try:
            return ("", _embedded(rows, at, column[at].as_py())) if joined is None else _file(joined, at, written[at])
        except BadcaseError as error:
            return error

    def checked(name: str, raw: bytes) -> _Checked | BadcaseError:
        try:
            examined, grey = _examined(name, raw)
        except BadcaseError as error:
            if isinstance(error, OutOfMemory) and error.needed < _MUCH:
                raise  # where there is not even so much, each further image would be set aside
            return error
        return _Checked(name, raw if embedded else b"", fingerprint(raw), examined, lines_of(grey))

    def work(piece: Sequence[int]) -> list[_Checked | BadcaseError]:
        """First all reads, then all decoding: one by one, each would find the caches full of what the other needs."""
        return [one if isinstance(one, BadcaseError) else checked(*one) for one in [read(at) for at in piece]]

    Image.init()  # the list of what Pillow reads is not made for threads that fill it
    told = -_EVERY
    with closing(on_all_cores(work, usable)) as results:
        for done, (at, one) in enumerate(zip(usable, results, strict=True)):
            if time.monotonic() - told >= _EVERY:
                yield Progress(_("Checking images"), done, len(usable), _("images"))
                told = time.monotonic()
            if isinstance(one, BadcaseError):
                found.bad.append((at, one))
                continue
            if embedded:
                one.name = f"{one.fingerprint}.{one.examined.format.lower()}"
                media.mkdir(exist_ok=True)
                (media / one.name).write_bytes(one.raw)
            found.rows.append(at)
            found.content.append(one.name)
            found.fingerprints.append(one.fingerprint)
            found.examined.append(one.examined)
            found.sharpness.add(one.lines)
    yield Progress(_("Checking images"), len(usable), len(usable), _("images"))
    return found


def row_bytes(rows: TableRows, columns: ColumnRoles, at: int) -> bytes:
    """What the fingerprint of one table row is made of; BadcaseError where its image is not there."""
    if columns.image is None:
        text = strings(rows.table[columns.text or ""].slice(at, 1))[0] or ""
        return text.encode("utf-8", "surrogatepass")
    column = rows.table[columns.image]
    if is_embedded_image(column):
        return _embedded(rows, at, column[at].as_py())
    return _file(rows.joins[columns.image], at, names_in(column.slice(at, 1))[0])[1]


def small_picture(rows: TableRows, columns: ColumnRoles, at: int, side: int) -> bytes | None:
    """The image of one table row as a PNG of `side` pixels at most; None for a text, and where it cannot be read."""
    if columns.image is None or not side:
        return None
    try:
        image = decode(row_bytes(rows, columns, at), side)
    except BadcaseError:  # the import says so, and goes on
        return None
    made = BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def _file(joined: JoinedMedia, at: int, written: str | None) -> tuple[str, bytes]:
    """The name and bytes of the image that a row names."""
    if not written or not written.strip():
        raise BadcaseError(_("the row names no image"), hint=_("Fill in its path, or remove the row."))
    name = joined.names[at]
    if name is None:
        remedy = _("It was looked for in {place}. Put it there, remove the row, or name the folder of the images with --images.")
        if joined.packed:
            remedy = _("It was looked for in {place}, but not in {packed}, which cannot be read in place: unpack that there.")
            if not isinstance(joined.root, FolderRoot):
                remedy = _("It was looked for in {place}, but not in {packed} inside: unpack the former, and name the folder.")
        hint = remedy.format(place=joined.looked, packed=joined.packed)
        raise BadcaseError(_("the image is missing"), got=written, hint=hint)
    if not name:
        remedy = _("Write the path of the image that is meant, or name its folder with --images.")
        raise BadcaseError(_("several files or rows have this name"), got=written, hint=remedy)
    return name, _read(joined.root, name)


def _examined(name: str, raw: bytes) -> tuple[Examined, NDArray[np.uint8]]:
    if is_pointer(raw):
        raise never_fetched()
    try:
        return examine(raw)
    except BadcaseError as error:
        if raw and ending_of(name) in HEIF:
            raise BadcaseError(
                _("the file is called a HEIC photo and is none, or a damaged one"), hint=_("Export it again as JPEG.")
            ) from error
        raise


def _read(root: Root, name: str) -> bytes:
    if (told := unreadable(name)) is not None:
        raise BadcaseError(told[0], got=posixpath.basename(name), hint=told[1])
    try:
        return root.read(name)
    except OSError as error:
        if is_out_of_memory(error):
            raise
        raise BadcaseError(_("the image cannot be read"), got=error, hint=_("Check the file and its permissions.")) from error


def _embedded(rows: TableRows, at: int, value: Any) -> bytes:
    """The bytes of the image that a cell holds, or else of the file that it names."""
    raw = value.get("bytes") if isinstance(value, dict) else value
    if isinstance(raw, str):
        return inline_bytes(raw)
    if raw is not None:
        return bytes(raw)
    path = value.get("path") if isinstance(value, dict) else None
    if not path:
        raise BadcaseError(_("the row holds no image"), hint=_("Fill it in, or remove the row."))
    name = posixpath.normpath(posixpath.join(posixpath.dirname(rows.place(int(rows.number[at]))[0]), path))
    if not rows.root.has(name):
        raise BadcaseError(
            _("the image is missing"),
            got=path,
            hint=_("Put it into {place}, or remove the row.").format(place=rows.root.location),
        )
    return _read(rows.root, name)
