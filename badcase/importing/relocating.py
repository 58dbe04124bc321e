"""Data that were moved are found again: the new place is compared with what was imported before it is taken."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.column_values import is_embedded_image, strings
from badcase.importing.locate import read_rows
from badcase.importing.read_options import ReadOptions
from badcase.items.kinds import Kind
from badcase.items.places import MovablePlace
from badcase.items.roots import fingerprint, open_root
from badcase.progress import Job, Progress
from badcase.trust.named_places import name_places

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_COMPARED = 200  # images whose bytes are compared
_STEP = 2_000


@dataclass(frozen=True, slots=True)
class Relocated:
    """What was found at the new place.

    Attributes:
        path: Where the data, or their images, are now.
        items: How many items the project has.
        found: How many of them were found there.
        compared: Of how many the content was compared.
        same: How many of these are what they were.
        sentences: The same in words.
    """

    path: Path
    items: int
    found: int
    compared: int
    same: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where the source would be, and what its one table would be called; neither where only the images are there."""

    location: Path | None
    name: str | None = None


def relocating(project: ProjectData, path: Path, *, force: bool = False) -> Job[Relocated]:
    """Look for the data of a project at another place, and keep that place; see `Project.relocate`.

    Of images the files are looked for by name and some compared by content; of texts, and of images that lie in a table, the
    table is read again.
    """
    path = Path(os.path.normpath(path.expanduser().absolute()))
    if not path.exists():
        raise BadcaseError(_("there is nothing at this path"), where=str(path), hint=_("Check the path."))
    yield Progress(_("Looking for the data"))
    reading = next(_readings(project, path), _Reading(None))
    if project.kind is Kind.IMAGE and not project.items.are_inside:
        media = _best_root(project, path, reading)
        found, compared, same = yield from _compare_files(project, media)
        place = MovablePlace.of(media, project.path)
    else:
        found, compared, same = _compare_table(project, path, reading)
        place = project.items.media_place if project.items.are_inside else MovablePlace.of(reading.location or path, project.path)
    n = len(project.items)
    if not force and (2 * found <= n or 2 * same <= compared):
        raise BadcaseError(
            _("this is not the data set of the project"),
            where=str(path),
            expected=plural("the {n} item of the project", "the {n} items of the project", n).format(n=grouped(n)),
            got="; ".join(_counts(n, found, compared, same)),
            hint=_("Name the folder, table or zip that the project was made from, or take this one all the same with --force."),
        )
    source = project.source_place if reading.location is None else MovablePlace.of(reading.location, project.path)
    project.move_data(source, place, reading.name)
    name_places(project.path, *(one.last(project.path) for one in (source, place)))
    return Relocated(path, n, found, compared, same, tuple(_counts(n, found, compared, same) + _rest(project, reading)))


def _counts(n: int, found: int, compared: int, same: int) -> list[str]:
    """How much of it is there, in words."""
    told = [_("{found} of {n} items found").format(found=grouped(found), n=grouped(n))]
    if same < compared:
        told.append(_("{n} of {compared} compared are not what they were").format(n=compared - same, compared=compared))
    return told


def _rest(project: ProjectData, reading: _Reading) -> list[str]:
    """What is still elsewhere."""
    source, place = project.source, project.source_place.found(project.path)
    if reading.location is not None or (place is not None and (not source.lone or (place / source.parts[0].name).exists())):
        return []
    gone = source.location / source.parts[0].name if source.lone else source.location
    return [_("only the images are here; the table is still looked for in {path}").format(path=gone)]


# --- where the source could be ----------------------------------------------------------------------------------------


def _readings(project: ProjectData, path: Path) -> Iterator[_Reading]:
    """What the path could be: what the project was made from, or the folder that it lies in; the likeliest first."""
    source = project.taxonomy.source
    if source.lone:
        name = source.parts[0].name
        if path.is_file():
            if project.kind is Kind.TEXT or project.items.are_inside or _names_images(project, path):
                yield _Reading(path.parent, path.name)
        elif (path / name).is_file():
            yield _Reading(path, name)
        return
    names = [part.name for part in source.parts if part.name]
    for place in (path, path / source.location.name):
        # Class folders have no table: they are told by their files.
        if (names and _held(place, names) == len(names)) or (not names and _held(place, _files(project)) > 0):
            yield _Reading(place)


def _names_images(project: ProjectData, path: Path) -> bool:
    """Whether a file is a table with the column of the images, and no archive of them or anything else."""
    source = project.taxonomy.source
    try:
        rows = read_rows(path, ReadOptions.of(source.options))
        return rows.lone and source.columns.get("image") in rows.table.column_names
    except BadcaseError:
        return False


def _files(project: ProjectData) -> list[str]:
    """The names of some files of class folders."""
    name_of = project.items.text if project.kind is Kind.IMAGE else project.items.key
    return [name_of(i) for i in _sample(len(project.items), 50)]


def _held(place: Path, names: Sequence[str]) -> int:
    """How many of these files are in a folder or archive; -1 where it is neither."""
    try:
        root = open_root(place)
    except (BadcaseError, OSError):
        return -1
    return sum(root.has(name) for name in names)


# --- images that lie as files -----------------------------------------------------------------------------------------


def _sample(n: int, most: int) -> Sequence[int]:
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int)).tolist()


def _best_root(project: ProjectData, path: Path, reading: _Reading) -> Path:
    """Where most of the images are: at the same place as seen from the source, or right where the person pointed."""
    old_source, old_media = project.source_place.last(project.path), project.items.media_place.last(project.path)
    places = [path, path / old_media.name, path / project.taxonomy.source.location.name]
    if reading.location is not None:
        away = os.path.relpath(old_media, old_source)
        places.insert(0, Path(os.path.normpath(reading.location / away)))
    names = _files(project)
    held = {place: _held(place, names) for place in places if place.exists()}
    best = max(held, key=lambda place: held[place])  # the first of those that hold as many
    table_alone = held[best] <= 0 and reading.location is not None  # was moved
    return old_media if table_alone and old_media.exists() else best


def _compare_files(project: ProjectData, media: Path) -> Job[tuple[int, int, int]]:
    """How many files are there, how many were compared, and how many of these are the same."""
    items, n, found = project.items, len(project.items), 0
    try:
        root = open_root(media)
    except (BadcaseError, OSError):
        return 0, 0, 0
    for i in range(n):
        if i % _STEP == 0:
            yield Progress(_("Looking for the data"), i, n, _("images"))
        found += root.has(items.text(i))
    compared = same = 0
    for i in _sample(n, _COMPARED):
        if root.has(name := items.text(i)):
            compared += 1
            same += _is_same(root.read, name, items.fingerprint(i))
    return found, compared, same


def _is_same(read: Callable[[str], bytes], name: str, mark: str) -> bool:
    try:
        return fingerprint(read(name)) == mark
    except OSError:
        return False


# --- what a table holds -----------------------------------------------------------------------------------------------


def _compare_table(project: ProjectData, path: Path, reading: _Reading) -> tuple[int, int, int]:
    """How many of the texts, or of the images that a table holds, are in the table that is there now."""
    source = project.taxonomy.source
    place = path if reading.location is None else reading.location / (reading.name or "")
    rows = read_rows(place, ReadOptions.of(source.options))
    column = source.columns.get("image") or source.columns.get("text")
    if column is None or column not in rows.table.column_names:
        return 0, 0, 0
    values = rows.table[column]
    if is_embedded_image(values):
        raws = ((cell.get("bytes") if isinstance(cell, dict) else cell) for cell in values.to_pylist())
        marks = Counter(fingerprint(raw) for raw in raws if raw is not None)
    else:
        marks = Counter(fingerprint(text.encode("utf-8", "surrogatepass")) for text in strings(values) if text is not None)
    wanted = Counter(project.items.fingerprints)
    found = (wanted & marks).total()
    return found, found, found
