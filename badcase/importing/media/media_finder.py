"""Finding the files of a table: in its own folder and the archives there, in what --images names, or where its paths lead."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.media.media_index import MediaIndex
from badcase.importing.media.path_spellings import FORMS, is_absolute, leads_up, split_word
from badcase.importing.media.ways import Choice, Way, best_way, sampled
from badcase.items.images import ending_of
from badcase.items.roots import FolderRoot, Root, is_archive, open_root
from badcase.items.source import SourcePart
from badcase.items.splits import split_named
from badcase.items.tar_root import is_packed_tar
from badcase.out_of_memory import is_out_of_memory

_NEARLY = 0.9
_FOLDERS_TOLD = 3
_SEALED = (".7z", ".rar")  # archives that nothing here can open


class MediaFinder:
    """The files around one data set; its folder is walked once, and only where a path does not lead to its file at once.

    Zips and tars that lie there count as folders, for those rows whose file is not unpacked beside them.

    Args:
        root: The root of the tables.
        images: The folder, zip or tar that a person named for the images, or a folder in such an archive.
        names: Every file of the root, where that is known already.

    Raises:
        BadcaseError: There is nothing at `images`.
    """

    def __init__(self, root: Root, images: str | None = None, names: Sequence[str] | None = None) -> None:
        self.named = images is not None
        self.root, self._inside = (root, "") if images is None else _named_root(images, root)
        self._given = names if images is None else None

    @cached_property
    def index(self) -> MediaIndex:
        """All files of the root."""
        return MediaIndex(self._names)

    @cached_property
    def packed(self) -> MediaIndex:
        """All files in the archives of the root."""
        return MediaIndex([f"{archive}/{name}" for archive, names in self._archives.items() for name in names or ()])

    def count(self) -> int:
        """How many files there are."""
        return len(self.index) + len(self.packed)

    @cached_property
    def _names(self) -> Sequence[str]:
        names = self.root.names() if self._given is None else self._given
        return [name for name in names if name.startswith(f"{self._inside}/")] if self._inside else names

    @cached_property
    def _archives(self) -> dict[str, Sequence[str] | None]:
        """From each archive to the names in it; None for one that cannot be read in place."""
        found: dict[str, Sequence[str] | None] = {}
        for name in self._names:
            if is_archive(name) and isinstance(self.root, FolderRoot):
                try:
                    found[name] = open_root(self.root.location / name).names()
                except (BadcaseError, OSError) as error:
                    if is_out_of_memory(error):
                        raise
                    found[name] = None
            elif is_archive(name) or is_packed_tar(name) or name.lower().endswith(_SEALED):
                found[name] = None
        return found

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
            taken, direct = self._way(distinct, self._inside if self.named else folder, word)
            plain = plain and direct
            for at in rows:
                names[at] = taken.found.get(str(values[at]))
            if taken.rivals:
                rivals.update(dict(taken.rivals) | {taken.way.folder or "": taken.count()})
        root, names = _within(self.root, names)
        given = sum(bool(value and value.strip()) for value in values)
        told = () if plain and not self.named and root is self.root else (_told(column, root, names, given),)
        folders = tuple(sorted(rivals.items(), key=lambda one: (-one[1], one[0])))
        return JoinedMedia(root, names, told, *self._looked(), folders)

    def _way(self, values: Sequence[str], start: str, word: str) -> tuple[Choice, bool]:
        """The way of one table's values, and whether it is simply what stands there."""
        direct = self._direct(values, start)
        if direct.count() == len(values):
            return direct, True
        best = best_way(values, self.index, start, lambda folder: _own(folder, word))
        plain = direct.count() > 0 and direct.count() >= best.count() * _NEARLY
        taken = direct if plain else best
        missing = [value for value in values if value not in taken.found]
        inside = (
            best_way(missing, self.packed, start, lambda folder: _own(folder, word)) if missing and len(self.packed) else None
        )
        if inside is None or not inside.found:
            return taken, plain
        return Choice(inside.way, {**inside.found, **taken.found}, taken.rivals or inside.rivals), False

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
            there = "index" in self.__dict__ and name in self.index
            return name if there or self.root.has(name) else None
        if not isinstance(self.root, FolderRoot):
            return None
        full = Path(os.path.normpath(self.root.location / name))
        try:
            return str(full) if full.is_absolute() and full.is_file() else None
        except (OSError, ValueError):  # a name too long, a null byte
            return None

    def _looked(self) -> tuple[str, str]:
        """Where files were looked for, and an archive there that cannot be read in place ("" where there is none)."""
        if "index" not in self.__dict__:
            return str(self.root.location), ""
        place = _("{place} and the folders in it ({n} images)")
        if any(self._archives.values()):
            place = _("{place} and the folders and archives in it ({n} images)")
        sealed = next((name for name, names in self._archives.items() if names is None), "")
        return place.format(place=self.root.location, n=grouped(self.count())), sealed


def _named_root(images: str, root: Root) -> tuple[Root, str]:
    """The root that a person named, and the folder in it, where that lies in an archive."""
    named = Path(images).expanduser()
    beside = root.location / named if root.location.is_dir() else named
    for place in (named.absolute(), beside):
        archive = next((path for path in (place, *place.parents) if path.exists()), place)
        if archive == place and place.exists():
            return open_root(place), ""
        if archive.is_file() and is_archive(archive.name):
            found, within = open_root(archive), place.relative_to(archive).as_posix()
            if any(name.startswith(f"{within}/") for name in found.names()):
                return found, within
    raise BadcaseError(
        _("there is nothing at this path"),
        where="images",
        got=str(named.absolute()),
        hint=_("Name the folder of the images with --images."),
    )


def _alike(parts: Sequence[SourcePart]) -> list[tuple[str, str, list[int]]]:
    """The tables (their places) whose paths start alike: those of one folder and one split."""
    made: dict[tuple[str, str], list[int]] = {}
    for at, part in enumerate(parts):
        folder, file = posixpath.split(part.name)
        made.setdefault((folder, file.split(".", 1)[0]), []).append(at)
    return [(folder, word, members) for (folder, word), members in made.items()]


def _own(folder: str, word: str) -> bool:
    """Whether a folder is a table's own by their names: train/, train.zip or train_images/ of train.csv."""
    folder = re.sub(r"\.(zip|tar)(?=/|$)", "", folder)
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
