"""Which row of the source each item is now: by its key and content, never by its number alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_values import strings
from badcase.importing.content import row_bytes
from badcase.importing.importer import read_again
from badcase.importing.keys import row_keys
from badcase.importing.row_labels import RowLabels
from badcase.items.roots import Root, digest_of, fingerprint, inside, open_root
from badcase.items.source import SourcePart

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


_NAMED_ELSEWHERE = frozenset({"hf", "list"})  # formats whose class names stand in a file beside the table


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An item whose row the source has no more, with what became of it in words."""

    item: int
    key: str
    what: str


@dataclass(frozen=True, slots=True)
class SourceRows:
    """Where items stand in the source as it is now.

    Attributes:
        parts: Its tables now, with their digests.
        changed: Whether it is another than at the import, as far as the items that were asked for tell.
        rows: Item -> row, from 1 over all parts.
        labels: Item -> the stored class that its row has now.
        names: Item -> the name of its file now, where items are files in class folders.
        written: For each label column, what stands for each stored class of the project now.
        unmatched: The items that were asked for and are not there.
    """

    parts: tuple[SourcePart, ...]
    changed: bool
    rows: Mapping[int, int]
    labels: Mapping[int, int]
    names: Mapping[int, str]
    written: Mapping[str, Sequence[Any]]
    unmatched: Sequence[Unmatched]


def match_rows(project: ProjectData, wanted: Sequence[int]) -> SourceRows:
    """Find the rows of these items in the source as it is now.

    Where a table is byte for byte what was imported, its rows are where they were. Where it is not, a row is an item's if it
    has the item's key and content; where rows have no key, if it has the item's content and no other has, or as many rows as
    items are alike in everything. An image is an item's only while its bytes are the item's.

    Raises:
        BadcaseError: The source is gone, or has no longer the columns that were read.
    """
    source = project.source
    if not source.location.exists():
        raise _gone(project, source.location)
    root = open_root(source.location)
    if (same := _unchanged(project, root, wanted)) is not None:
        return same
    matching = _Matching(project, source_path(project))
    return matching.result(wanted)


def _gone(project: ProjectData, place: Path) -> BadcaseError:
    hint = _("Put it back there, say where it is now (badcase relocate {project} PATH), or export to another format.")
    return BadcaseError(
        _("the project's data set is no longer at its path"), where=str(place), hint=hint.format(project=project.path)
    )


def _unchanged(project: ProjectData, root: Root, wanted: Sequence[int]) -> SourceRows | None:
    """The rows of the import, where nothing that matters has changed since; else None."""
    source, items = project.source, project.items
    if source.format in _NAMED_ELSEWHERE:
        return None
    if source.format == "folder" and items.kind == "text":
        return None  # a text is compared as it was read, in the encoding that its folder tells
    for part in source.parts:
        if part.name and not (root.has(part.name) and part.digest and digest_of(root, part.name) == part.digest):
            return None
    names = {}
    if items.kind == "image":
        for i in wanted:
            try:
                if fingerprint(items.media(i).open_bytes()) != items.fingerprint(i):
                    return None
            except BadcaseError:
                return None
        names = {i: items.text(i) for i in wanted} if source.format == "folder" else {}
    rows, written = {i: items.row(i) for i in wanted}, project.taxonomy.imported.written
    return SourceRows(source.parts, False, rows, {i: int(items.given[i]) for i in wanted}, names, written, ())


def source_path(project: ProjectData) -> Path:
    """What the project was made from: a table, or the whole folder or archive."""
    source = project.source
    lone = source.parts[0].name if source.lone else ""
    place = source.location / lone
    if inside("", lone) is None or not (place.is_file() or place.is_dir()):
        raise _gone(project, place)
    return place


class _Matching:
    """The items of a project and the rows of its source as it is now, side by side."""

    def __init__(self, project: ProjectData, place: Path) -> None:
        self._project, self._items = project, project.items
        self._imported = project.taxonomy.imported
        self._rows, self._columns, one_hot = read_again(project.source, place, project.task)
        about = self._imported, project.taxonomy.stored_classes, project.task
        self._labels = RowLabels(self._rows, self._columns, one_hot, *about)
        self._rows_by_key: dict[str, list[int]] = defaultdict(list)
        keys = self._keys()
        self._by_number = keys is None or self._are_numbered()
        for at, key in enumerate(keys or ()):
            if key:
                self._rows_by_key[key].append(at)

    def _are_numbered(self) -> bool:
        """Whether the keys of the items that are there are the numbers of their rows."""
        there = np.flatnonzero(~self._items.gone & (self._items.places == 0)).tolist()
        keys, rows = self._items.keys[:], self._items.rows
        return all(keys[i] == str(rows[i]) for i in there)

    def _keys(self) -> list[str | None] | None:
        """The keys of the rows now; None where a row's number is all there is."""
        try:
            keys = row_keys(self._rows, self._columns)[0]
        except BadcaseError:  # so many repeat that they name nothing any more
            return None
        return None if keys == [str(number) for number in self._rows.number] else keys

    def result(self, wanted: Iterable[int]) -> SourceRows:
        found: dict[int, int] = {}
        unmatched: list[Unmatched] = []
        for i in wanted:
            at = self._by_content(i) if self._by_number else self._by_key(i)
            if isinstance(at, str):
                unmatched.append(Unmatched(i, self._items.key(i), at))
            else:
                found[i] = at
        for i, at in list(found.items()):
            label = self._labels.of(at)
            told = -1 if label is None else self._project.taxonomy.view.told_one(label)
            if label is None or (label != self._items.given[i] and told != self._project.checked_labels[i]):
                what = _("its label was changed there to {label}").format(label=self._labels.names[at] or _("none"))
                unmatched.append(Unmatched(i, self._items.key(i), what))
                del found[i]
        labels = {i: label for i, at in found.items() if (label := self._labels.of(at)) is not None}
        rows = {i: int(self._rows.number[at]) for i, at in found.items()}
        unmatched.sort(key=lambda one: one.item)
        before = {part.name: part.digest for part in self._project.source.parts}
        changed = bool(unmatched) or self._labels.written != self._imported.written
        changed |= any(not part.name or before.get(part.name) != part.digest for part in self._parts)
        return SourceRows(self._parts, changed, rows, labels, self._names(found), self._labels.written, unmatched)

    @cached_property
    def _parts(self) -> tuple[SourcePart, ...]:
        """The tables of the source with the digests that they have now."""
        root = self._rows.root
        return tuple(replace(part, digest=digest_of(root, part.name)) if part.name else part for part in self._rows.parts)

    def _names(self, found: Mapping[int, int]) -> dict[int, str]:
        if self._project.source.format != "folder":
            return {}
        column = self._rows.table["image" if self._items.kind == "image" else "file"]
        return {i: str(column[at].as_py()) for i, at in found.items()}

    # --- one row ----------------------------------------------------------------------------------------------------

    def _by_key(self, i: int) -> int | str:
        rows = self._rows_by_key.get(self._items.key(i), [])
        alike = [at for at in rows if self._content(at) == self._items.fingerprint(i)]
        if len(alike) > 1:
            alike = [at for at in alike if self._is_whole(at, i)]
        if len(alike) == 1:
            return alike[0]
        if alike:
            return _("several rows have its key")
        if rows:
            return _("its content was changed")
        return self._moved(i)

    def _moved(self, i: int) -> int | str:
        """A file under another name, where no item had that name and no other file has these bytes."""
        if self._columns.key is None and self._items.kind == "image":
            rows = self._new_files.get(self._items.fingerprint(i), [])
            if len(rows) == 1 and len(self._items_by_content[self._items.fingerprint(i)]) == 1:
                return rows[0]
        return _("there is no row with its key")

    def _by_content(self, i: int) -> int | str:
        mark = self._items.fingerprint(i)
        rows, items = self._rows_by_content.get(mark, []), self._items_by_content[mark]
        if not rows:
            return _("no row has its content")
        if len(rows) == len(items) == 1:
            return rows[0]
        rows, items = [at for at in rows if self._is_whole(at, i)], [j for j in items if self._is_twin(j, i)]
        if not rows:
            return _("rows have its content, but other labels or columns")
        if len(rows) != len(items):
            return _("{n} rows are like it, where there were {m}").format(n=len(rows), m=len(items))
        return rows[items.index(i)]

    def _content(self, at: int) -> str | None:
        """The fingerprint of a row's content; None where it has none that can be read."""
        if self._columns.image is None:
            return fingerprint((self._texts[at] or "").encode("utf-8", "surrogatepass"))
        try:
            return fingerprint(row_bytes(self._rows, self._columns, at))
        except (BadcaseError, OSError):
            return None

    def _is_whole(self, at: int, i: int) -> bool:
        """Whether a row is like an item in its label and every other column too."""
        return self._labels.of(at) == self._items.given[i] and self._extra_of_row(at) == self._extra_of_item(i)

    def _is_twin(self, j: int, i: int) -> bool:
        return self._items.given[j] == self._items.given[i] and self._extra_of_item(j) == self._extra_of_item(i)

    def _extra_of_row(self, at: int) -> dict[str, Any]:
        names = [name for name in self._items.metadata_names if name in self._rows.table.column_names]
        return {name: self._rows.table[name][at].as_py() for name in names}

    def _extra_of_item(self, i: int) -> dict[str, Any]:
        return {name: value for name, value in self._items.metadata(i).items() if name in self._rows.table.column_names}

    # --- indexes ----------------------------------------------------------------------------------------------------

    @cached_property
    def _texts(self) -> Sequence[str | None]:
        return strings(self._rows.table[self._columns.text or ""])

    @cached_property
    def _items_by_content(self) -> dict[str | None, list[int]]:
        gone = self._items.gone
        return _indexed(None if gone[i] else mark for i, mark in enumerate(self._items.fingerprints[:]))

    @cached_property
    def _rows_by_content(self) -> dict[str | None, list[int]]:
        return _indexed(self._content(at) for at in range(len(self._rows.table)))

    @cached_property
    def _new_files(self) -> dict[str | None, list[int]]:
        known = set(self._items.keys[:])
        found: dict[str | None, list[int]] = defaultdict(list)
        for key, rows in self._rows_by_key.items():
            for at in rows if key not in known else ():
                found[self._content(at)].append(at)
        return found


def _indexed(values: Iterable[str | None]) -> dict[str | None, list[int]]:
    """Value -> the places that have it."""
    found: dict[str | None, list[int]] = defaultdict(list)
    for at, value in enumerate(values):
        found[value].append(at)
    return found
