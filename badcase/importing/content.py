"""The content of every row, checked and fingerprinted: texts, image files, or images that a table holds inside."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import ColumnRoles, is_embedded_image, strings
from badcase.importing.rows import TableRows
from badcase.items.image_measures import Sharpness, image_measures
from badcase.items.images import THUMB, Examined, examine
from badcase.items.roots import inside
from badcase.items.text_measures import text_measures
from badcase.items.twins import Thumbs
from badcase.progress import Job, Progress

_STEP = 200  # items between two signs of life


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
        found.rows.append(at)
        found.content.append(text)
        found.fingerprints.append(fingerprint(text.encode("utf-8", "surrogatepass")))
    return found


def gather_images(rows: TableRows, columns: ColumnRoles, usable: Sequence[int], media: Path) -> Job[Contents]:
    """Decode the image of every usable table row once; embedded ones are written to the folder `media`."""
    assert columns.image is not None
    found = Contents()
    column = rows.table[columns.image]
    embedded = is_embedded_image(column)
    paths = [None] * len(column) if embedded else strings(column)
    for done, at in enumerate(usable):
        if done % _STEP == 0:
            yield Progress(_("Checking images"), done, len(usable), _("images"))
        try:
            name, raw = _embedded(rows, at, column[at].as_py()) if embedded else _file(rows, at, paths[at])
            examined, grey = examine(raw)
            mark = fingerprint(raw)
        except BadcaseError as error:
            found.bad.append((at, error))
            continue
        if embedded:
            name = f"{mark}.{examined.format.lower()}"
            media.mkdir(exist_ok=True)
            (media / name).write_bytes(raw)
        found.rows.append(at)
        found.content.append(name)
        found.fingerprints.append(mark)
        found.examined.append(examined)
        found.sharpness.add(grey)
    yield Progress(_("Checking images"), len(usable), len(usable), _("images"))
    return found


def row_bytes(rows: TableRows, columns: ColumnRoles, at: int) -> bytes:
    """What the fingerprint of one table row is made of; BadcaseError where its image is not there."""
    if columns.image is None:
        text = strings(rows.table[columns.text or ""].slice(at, 1))[0] or ""
        return text.encode("utf-8", "surrogatepass")
    column = rows.table[columns.image]
    if is_embedded_image(column):
        return _embedded(rows, at, column[at].as_py())[1]
    return _file(rows, at, strings(column.slice(at, 1))[0])[1]


def _file(rows: TableRows, at: int, written: str | None) -> tuple[str, bytes]:
    """The name and bytes of the image that a row names by its path."""
    if not written or not written.strip():
        raise BadcaseError(_("the row names no image"), hint=_("Fill in its path, or remove the row."))
    folder = posixpath.dirname(rows.place(int(rows.number[at]))[0])
    name = inside(folder, _under(rows, written))
    if name is None:
        raise BadcaseError(
            _("the path leads outside the data set"),
            got=written,
            hint=_("Move the image into the data folder, or pass the folder above both with --data."),
        )
    if not rows.root.has(name):
        raise BadcaseError(_("the image is missing"), got=written, hint=_("Put it there, or remove the row."))
    try:
        return name, rows.root.read(name)
    except OSError as error:
        raise BadcaseError(_("the image cannot be read"), got=error, hint=_("Check the file and its permissions.")) from error


def _under(rows: TableRows, written: str) -> str:
    """An absolute path inside the data as a path relative to it; every other path as it is."""
    path = Path(written.strip())
    if path.is_absolute() and path.is_relative_to(rows.root.location):
        folder = posixpath.dirname(rows.parts[0].name)
        return posixpath.relpath(path.relative_to(rows.root.location).as_posix(), folder or ".")
    return written


def _embedded(rows: TableRows, at: int, value: Any) -> tuple[str, bytes]:
    raw = value.get("bytes") if isinstance(value, dict) else value
    if raw is not None:
        return "", raw
    return _file(rows, at, value.get("path") if isinstance(value, dict) else None)
