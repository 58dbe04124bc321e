"""The content of every row, checked and fingerprinted: texts, image files, or images that a table holds inside."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.column_values import is_embedded_image, strings
from badcase.importing.fingerprints import Fingerprints
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.media.media_columns import names_in
from badcase.importing.rows import TableRows
from badcase.items.file_kinds import unreadable
from badcase.items.image_measures import image_measures
from badcase.items.images import decode, inline_bytes
from badcase.items.lfs_pointers import POINTERS, is_pointer, never_fetched
from badcase.items.roots import FolderRoot, Root, digests_of
from badcase.items.seen_images import SEEN, Lookers
from badcase.items.text_measures import text_measures
from badcase.out_of_memory import is_out_of_memory
from badcase.parallel.all_cores import on_all_cores
from badcase.progress import Job, Progress

_EVERY = 0.1  # seconds between two signs of life
_TOGETHER = 8_192  # texts at once
_LIKE_POINTERS = tuple(one.decode("ascii") for one in POINTERS)


@dataclass(slots=True)
class Contents:
    """What was gathered of the rows that can be used; all lists run in step, `rows` says which table rows they are."""

    rows: list[int] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    fingerprints: Fingerprints = field(default_factory=Fingerprints)
    seen: NDArray[np.void] | None = None  # (n,) records of SEEN; None of texts
    bad: list[tuple[int, BadcaseError]] = field(default_factory=list)

    def part(self, places: Sequence[int]) -> Contents:
        """Some of them, in this order."""
        rows, content = [self.rows[at] for at in places], [self.content[at] for at in places]
        seen = None if self.seen is None else self.seen[list(places)]
        return Contents(rows, content, self.fingerprints.part(places), seen, self.bad)

    def measures(self) -> NDArray[np.void]:
        """(n,) records of what tells whether an item shows anything; see `image_measures` and `text_measures`."""
        if self.seen is None:
            return text_measures(self.content)
        return image_measures(self.seen["width"], self.seen["height"], self.seen["thumb"], self.seen["sharpness"])


def gather_texts(rows: TableRows, column: str, usable: Sequence[int]) -> Contents:
    """The texts of the usable table rows; an empty one is bad, and so is a note of Git LFS."""
    found, digests = Contents(), bytearray()
    values = strings(rows.table[column])
    for start in range(0, len(usable), _TOGETHER):
        some = usable[start : start + _TOGETHER]
        doubtful = [at for at in some if not (text := values[at]) or text.isspace() or text.startswith(_LIKE_POINTERS)]
        bad = [(at, error) for at in doubtful if (error := _why_no_text(values[at] or ""))]
        if bad:
            found.bad += bad
            without = {at for at, _error in bad}
            some = [at for at in some if at not in without]
        texts = [values[at] or "" for at in some]
        found.rows += some
        found.content += texts
        digests += digests_of([text.encode("utf-8", "surrogatepass") for text in texts])
    found.fingerprints = Fingerprints.of(digests)
    return found


def _why_no_text(text: str) -> BadcaseError | None:
    if not text.strip():
        return BadcaseError(_("the text is empty"), hint=_("Fill it in, or remove the row."))
    return never_fetched() if is_pointer(text.encode("utf-8", "surrogatepass")) else None


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

    def work(piece: Sequence[int]) -> list[tuple[str, bytes, bytes | BadcaseError]]:
        """First all reads, then all decoding: one by one, each would find the caches full of what the other needs."""
        given = [read(at) for at in piece]
        records = iter(lookers.look([one for one in given if isinstance(one, tuple)]))
        return [(*one, next(records)) if isinstance(one, tuple) else ("", b"", one) for one in given]

    Image.init()  # the list of what Pillow reads is not made for threads that fill it
    told = -_EVERY
    records = bytearray()
    with closing(Lookers(len(usable))) as lookers, closing(on_all_cores(work, usable)) as results:
        for done, (at, (name, raw, record)) in enumerate(zip(usable, results, strict=True)):
            if time.monotonic() - told >= _EVERY:
                yield Progress(_("Checking images"), done, len(usable), _("images"))
                told = time.monotonic()
            if isinstance(record, BadcaseError):
                found.bad.append((at, record))
                continue
            found.rows.append(at)
            found.content.append(_written(raw, record, media) if embedded else name)
            records += record
    yield Progress(_("Checking images"), len(usable), len(usable), _("images"))
    found.seen = np.frombuffer(records, SEEN)
    found.fingerprints = Fingerprints(found.seen["fingerprint"])
    return found


def _written(raw: bytes, record: bytes, media: Path) -> str:
    """Write an image that a table holds; returns its name."""
    seen = np.frombuffer(record, SEEN)[0]
    name = f"{seen['fingerprint'].decode()}.{seen['format'].decode().lower()}"
    media.mkdir(exist_ok=True)
    (media / name).write_bytes(raw)
    return name


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
