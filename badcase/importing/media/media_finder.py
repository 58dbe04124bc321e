"""Finding the files of a table: in its own folder, in the folder that --images names, or where its paths lead."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.media.media_index import MediaIndex
from badcase.importing.media.path_spellings import FORMS, is_absolute, leads_up, split_word
from badcase.importing.media.ways import Choice, Way, best_way, sampled
from badcase.items.images import ending_of
from badcase.items.roots import FolderRoot, Root, open_root
from badcase.items.source import SourcePart
from badcase.items.splits import split_named
from badcase.items.tar_root import is_tar

_NEARLY = 0.9
_FOLDERS_TOLD = 3


class MediaFinder:
    """The files around one data set; its folder is walked once, and only where a path does not lead to its file at once.

    Args:
        root: The root of the tables.
        images: The folder, zip or tar that a person named for the images.
        names: Every file of the root, where that is known already.

    Raises:
        BadcaseError: There is nothing at `images`.
    """

    def __init__(self, root: Root, images: str | None = None, names: Sequence[str] | None = None) -> None:
        self.named = images is not None
        self.root = root if images is None else _named_root(images, root)
        self._names = names if images is None else None
        self._index: MediaIndex | None = None

    @property
    def index(self) -> MediaIndex:
        """All files of the root."""
        if self._index is None:
            self._index = MediaIndex(self.root.names() if self._names is None else self._names)
        return self._index

    def join(self, column: str, values: Sequence[str | None], parts: Sequence[SourcePart], part_of: Sequence[int]) -> JoinedMedia:
        """The file of every row.

        Args:
            column: The name of the column, for what is said.
            values: (rows,) what it holds.
            parts: The tables.
            part_of: (rows,) which of them each row stands in.
        """
        names: list[str | None] = [None] * len(values)
        rivals: Counter[str] = Counter()
        plain = True
        at_of = np.asarray(part_of)
        for folder, word, members in _alike(parts):
            here = np.flatnonzero(np.isin(at_of, members)).tolist()
            rows = [at for at in here if values[at] and str(values[at]).strip()]
            distinct = list(dict.fromkeys(str(values[at]) for at in rows))
            taken, direct = self._way(distinct, "" if self.named else folder, word)
            plain = plain and direct
            for at in rows:
                names[at] = taken.found.get(str(values[at]))
            if taken.rivals:
                rivals.update(dict(taken.rivals) | {taken.way.folder or "": taken.count()})
        root, names = _within(self.root, names)
        given = sum(bool(value and value.strip()) for value in values)
        told = () if plain and not self.named and root is self.root else (_told(column, root, names, given),)
        packed = "" if any(names) else self._packed()
        folders = tuple(sorted(rivals.items(), key=lambda one: (-one[1], one[0])))
        return JoinedMedia(root, names, told, self._looked(), packed, folders)

    def _way(self, values: Sequence[str], start: str, word: str) -> tuple[Choice, bool]:
        """The way of one table's values, and whether it is simply what stands there."""
        direct = self._direct(values, start)
        if direct.count() == len(values):
            return direct, True
        best = best_way(values, self.index, start, lambda folder: _own(folder, word))
        return (direct, True) if direct.count() and direct.count() >= best.count() * _NEARLY else (best, False)

    def _direct(self, values: Sequence[str], start: str) -> Choice:
        """The paths as they stand there, from the table's folder, or absolute; in a folder they may lead out of it."""
        sample = sampled(values)
        counts = [sum(self._place(form(value), start) is not None for value in sample) for form in FORMS]
        form = counts.index(max(counts))
        found: dict[str, str] = {}
        for value in values if counts[form] else ():
            if (name := self._place(FORMS[form](value), start)) is not None:
                found[value] = name
        return Choice(Way(form, 0, start), found)

    def _place(self, path: str, start: str) -> str | None:
        """The name of the file at a path in the root, absolute where it lies outside; None where there is none."""
        if not path:
            return None
        name = path if is_absolute(path) else posixpath.join(start, path)
        if leads_up(path):
            name = posixpath.normpath(name)
        if not is_absolute(name) and not leads_up(name):
            there = name in self._index if self._index is not None else False
            return name if there or self.root.has(name) else None
        if not isinstance(self.root, FolderRoot):
            return None
        full = Path(os.path.normpath(self.root.location / name))
        try:
            return str(full) if full.is_absolute() and full.is_file() else None
        except (OSError, ValueError):  # a name too long, a null byte
            return None

    def _packed(self) -> str:
        """The zip or tar that lies at the top of the folder, where there is just one."""
        place = self.root.location
        if not isinstance(self.root, FolderRoot) or not place.is_dir():
            return ""
        found = [path for path in sorted(place.iterdir()) if path.suffix.lower() == ".zip" or is_tar(path.name)]
        return str(found[0]) if len(found) == 1 else ""

    def _looked(self) -> str:
        if self._index is None:
            return str(self.root.location)
        return _("{place} and the folders in it ({n} images)").format(place=self.root.location, n=grouped(len(self._index)))


def _named_root(images: str, root: Root) -> Root:
    named = Path(images).expanduser()
    beside = root.location / named if root.location.is_dir() else named
    place = named.absolute() if named.exists() or not beside.exists() else beside
    if not place.exists():
        raise BadcaseError(
            _("there is nothing at this path"),
            where="images",
            got=str(place),
            hint=_("Name the folder of the images with --images."),
        )
    return open_root(place)


def _alike(parts: Sequence[SourcePart]) -> list[tuple[str, str, list[int]]]:
    """The tables (their places) whose paths start alike: those of one folder and one split."""
    made: dict[tuple[str, str], list[int]] = {}
    for at, part in enumerate(parts):
        folder, file = posixpath.split(part.name)
        made.setdefault((folder, file.split(".", 1)[0]), []).append(at)
    return [(folder, word, members) for (folder, word), members in made.items()]


def _own(folder: str, word: str) -> bool:
    """Whether a folder is a table's own by their names: train/ or train_images/ of train.csv."""
    named = split_word(word)
    if named is not None:
        return any(split_named(split_word(part) or "") is split_named(named) for part in folder.split("/"))
    return bool(word) and word.lower() in folder.lower().split("/")


def _within(root: Root, names: Sequence[str | None]) -> tuple[Root, list[str | None]]:
    """A root that all files lie in, and their names there; the same root where none lies outside."""
    if not any(name and Path(name).is_absolute() for name in names):
        return root, list(names)
    location = os.path.normpath(root.location)
    full = [name and os.path.normpath(root.location / name) for name in names]
    drives = Counter(os.path.splitdrive(name)[0].lower() for name in full if name)
    drive = drives.most_common(1)[0][0]  # no folder lies above two drives, so what lies on another is missing here
    full = [name and (name if os.path.splitdrive(name)[0].lower() == drive else None) for name in full]
    above = os.path.commonpath({Path(name).parent for name in full if name})
    if os.path.commonpath([above, location]) == location:
        above = location
    moved = [name and os.path.relpath(name, above).replace(os.sep, "/") for name in full]
    return root if above == location else FolderRoot(Path(above)), moved


def _told(column: str, root: Root, names: Sequence[str | None], given: int) -> str:
    found = [name for name in names if name]
    counts = Counter(posixpath.dirname(name) for name in found)
    folders = [folder or root.location.name for folder, _n in counts.most_common()]
    listed = ", ".join(sorted(folders[:_FOLDERS_TOLD]))
    if len(folders) > _FOLDERS_TOLD:
        listed = _("{folders} and {n} more folders").format(folders=listed, n=grouped(len(folders) - _FOLDERS_TOLD))
    endings = " ".join(sorted({ending_of(name) for name in found} - {""}))
    template = _("Images: {found} of {all} values of {column} are files in {folders} ({endings}).")
    if not found:
        template = _("Images: none of {all} values of {column} leads to a file.")
    return template.format(found=grouped(len(found)), all=grouped(given), column=column, folders=listed, endings=endings)
