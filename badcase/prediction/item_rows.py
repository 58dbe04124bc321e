"""Which row of an array that was made elsewhere is which item of a project: by keys, else by order where the counts agree."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.importing.arrays.class_columns import few
from badcase.importing.arrays.loaded_array import INDEX, LoadedArray
from badcase.importing.arrays.row_keys import KeyJoin, join_by_key, key_texts, may_be_keys
from badcase.items.kinds import Kind

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


@dataclass(frozen=True, slots=True)
class ItemRows:
    """`rows` (n,) the row of each item; `column`, the keys that told them, if any; what was understood, in sentences."""

    rows: npt.NDArray[np.int64]
    column: str | None
    notes: list[str]


def rows_of_items(project: ProjectData, loaded: LoadedArray, where: str) -> ItemRows:
    """The row of every item.

    Raises:
        BadcaseError: Where an item has no row, or two rows that differ, or nothing tells which row is whose.
    """
    join = join_by_key(loaded.beside, _wanted(project, loaded))
    if join is None or (join.column in INDEX and join.found < len(project.items)):
        return _by_order(project, loaded, where)
    _refuse_missing(project, join, where)
    _refuse_contradictions(project, loaded, join, where)
    column = join.column if join.column not in INDEX else _("the index")
    notes = [_("Rows are matched to items by {column}.").format(column=column)]
    if join.how:
        notes = [_("Rows are matched to items by {column}, {how}.").format(column=column, how=join.how)]
    for n, one, many in (
        (join.further, "{n} row is of no item and is left out.", "{n} rows are of no item and are left out."),
        (len(join.doubles), "{n} row repeats another and is left out.", "{n} rows repeat others and are left out."),
    ):
        if n:
            notes.append(plural(one, many, n).format(n=n))
    return ItemRows(join.rows, join.column, notes)


def _wanted(project: ProjectData, loaded: LoadedArray) -> dict[str, list[str]]:
    """What may tell an item: its key; by columns of the same name what the data set says there, the text among it."""
    items = project.items
    wanted = {"": list(items.keys)}
    for name in loaded.beside:
        if name in items.metadata_names:
            wanted[name] = key_texts(items.metadata_column(name))
        elif project.kind is Kind.TEXT and name == project.source.columns.get("text"):
            wanted[name] = [text.strip() for text in items.texts()]
    return {name: values for name, values in wanted.items() if len(set(values)) == len(values)}


def _refuse_missing(project: ProjectData, join: KeyJoin, where: str) -> None:
    missing = np.flatnonzero(join.rows < 0)
    if len(missing):
        words = plural("{n} item of the project has no row", "{n} items of the project have no row", len(missing))
        raise BadcaseError(
            words.format(n=len(missing)),
            where=where,
            expected=_("a row for each of {n} items").format(n=len(project.items)),
            got=_("none for {keys}").format(keys=few([project.items.key(int(i)) for i in missing[:9]])),
            hint=_("Run the model on these items too: items are ranked against each other, so all need a prediction."),
        )


def _refuse_contradictions(project: ProjectData, loaded: LoadedArray, join: KeyJoin, where: str) -> None:
    for row, first in join.doubles:
        if not np.array_equal(loaded.values[row], loaded.values[first]):
            item = int(np.flatnonzero(join.rows == first)[0])
            raise BadcaseError(
                _("two rows of one item say different things"),
                where=where,
                expected=_("one row for each key in {column}").format(column=join.column),
                got=_("{key} in the rows {first} and {second}").format(
                    key=project.items.key(item), first=first + 1, second=row + 1
                ),
                hint=_("Keep one of the two."),
            )


def _by_order(project: ProjectData, loaded: LoadedArray, where: str) -> ItemRows:
    m, n = len(loaded.values), len(project.items)
    _refuse_ambiguous(project, loaded, where)
    keys = [name for name, column in loaded.beside.items() if may_be_keys(name, column) and not _in_order(project, name, column)]
    if keys:
        raise BadcaseError(
            _("the column {name} has no key of the project").format(name=keys[0] if keys[0] not in INDEX else _("of the index")),
            where=where,
            expected=few([project.items.key(i) for i in range(min(n, 4))]) + (", …" if n > 4 else ""),
            got=few(key_texts(loaded.beside[keys[0]])[:4]),
            hint=_(
                "badcase export PROJECT keys.csv --format csv lists the keys. Where rows are in that order, remove the column."
            ),
        )
    told = {"first": project.items.key(0), "last": project.items.key(n - 1)}
    if m == n:
        note = _("There are no keys, so row 1 is taken as {first} and the last as {last}, in the order of the items.")
        return ItemRows(np.arange(n), None, [note.format(**told)])
    source = sum(part.rows for part in project.source.parts)
    rows = project.items.rows
    if m == source and rows.max() <= m and len(np.unique(rows)) == n:
        note = plural(
            "There are no keys, so rows are taken in the order of the data set; {n} row of it is no item.",
            "There are no keys, so rows are taken in the order of the data set; {n} rows of it are no items.",
            m - n,
        )
        return ItemRows(rows - 1, None, [note.format(n=m - n)])
    either = _("{n} rows").format(n=n) if source <= n else _("{n} rows, or {m} as the data set has").format(n=n, m=source)
    raise BadcaseError(
        _("neither keys nor the number of rows tell which row is which item"),
        where=where,
        expected=either,
        got=m,
        hint=_("Write a table with a column called key; badcase export PROJECT keys.csv --format csv lists the keys."),
    )


def _refuse_ambiguous(project: ProjectData, loaded: LoadedArray, where: str) -> None:
    """BadcaseError where a column has parts of keys that several items share, such as names of files without their folder."""
    names = [posixpath.basename(key) for key in project.items.keys]
    counts = Counter(end for name in names for end in {name, posixpath.splitext(name)[0]})
    ends = {end for end, n in counts.items() if n > 1}
    for name, column in loaded.beside.items():
        if name in INDEX and not may_be_keys(name, column):
            continue  # an index that counts the rows of a frame
        cells = key_texts(column)
        if sum(cell in ends for cell in cells) * 2 > len(cells):
            shared = next(cell for cell in cells if cell in ends)
            raise BadcaseError(
                _("the column {name} fits several items a row").format(name=name),
                where=where,
                expected=_("whole keys, such as {key}").format(key=project.items.key(0)),
                got=shared,
                hint=_("Write the whole keys; badcase export PROJECT keys.csv --format csv lists them."),
            )


def _in_order(project: ProjectData, name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column is one of the data set, row by row: it then says that the order is that of the items."""
    items, cells = project.items, key_texts(column)
    if name in items.metadata_names:
        return cells == key_texts(items.metadata_column(name))
    texts = name == project.source.columns.get("text") and project.kind is Kind.TEXT
    return texts and cells == [text.strip() for text in items.texts()]
