"""The key of every row, and the rows that have one of their own and a known label."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.column_values import is_embedded_image, strings
from badcase.importing.labels.labelling import Labelling
from badcase.importing.media.media_columns import names_in
from badcase.importing.rows import TableRows
from badcase.items.kinds import UNLABELLED, SetAside

_MOST_REPEATED = 0.5  # share of repeated keys above which a column is no key at all


def row_keys(rows: TableRows, columns: ColumnRoles) -> tuple[list[str | None], list[str]]:
    """The key of every table row, and what there is to say about the choice."""
    table = rows.table
    by_row: list[str | None] = [str(number) for number in rows.number]
    column = columns.key
    if column is None and columns.image is not None:
        if not is_embedded_image(table[columns.image]):
            return _apart(rows, _paths(rows, columns.image), columns.image)
        kind = table[columns.image].type
        if pa.types.is_struct(kind) and kind.get_field_index("path") >= 0:
            paths = names_in(table[columns.image])
            if None not in paths and len(set(paths)) == len(paths):
                return paths, []
    if column is None and "id" in table.column_names and "id" not in (columns.text, columns.label, columns.names):
        column = "id"
    if column is None:
        return by_row, []
    keys, told = _apart(rows, strings(table[column]), None)
    if len(set(keys)) >= len(keys) * (1 - _MOST_REPEATED):
        return keys, told
    if columns.key is None:
        return by_row, [_("The column id repeats itself, so the row number is the key.")]
    seen: set[str | None] = set()
    at = next(at for at, key in enumerate(keys) if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    raise BadcaseError(
        _("most keys occur more than once"),
        where=rows.where(int(rows.number[at])),
        expected=_("unique keys in {column}").format(column=column),
        got=keys[at],
        hint=_("Name another column with --key."),
    )


def _apart(rows: TableRows, keys: list[str | None], image: str | None) -> tuple[list[str | None], list[str]]:
    """The keys, with the table's name before those that several tables have: their ids begin anew in each.

    The name of one image file that two tables list stays the same key.
    """
    if len(rows.parts) < 2:
        return keys, []
    part_of = np.searchsorted(np.cumsum([part.rows for part in rows.parts]), rows.number, side="left").tolist()
    files = rows.joins[image].names if image is not None and image in rows.joins else None
    tables: dict[str, set[int]] = {}
    meant: dict[str, set[str]] = {}
    for at, key in enumerate(keys):
        if key:
            tables.setdefault(key, set()).add(part_of[at])
            if files is not None:
                meant.setdefault(key, set()).add(files[at] or "")
    again = {key for key, where in tables.items() if len(where) > 1 and (files is None or len(meant[key]) > 1)}
    if not again:
        return keys, []
    titles = _titles(rows)
    made = [key if key not in again else f"{titles[part]}/{key}" for key, part in zip(keys, part_of, strict=True)]
    first = next(key for key in keys if key in again)
    told = plural(
        "{n} id occurs in several tables, so the table stands before it: {examples}.",
        "{n} ids occur in several tables, so the table stands before them: {examples}.",
        len(again),
    )
    examples = ", ".join(f"{titles[part]}/{first}" for part in sorted(tables[first or ""])[:2])
    return made, [told.format(n=grouped(len(again)), examples=examples)]


def _titles(rows: TableRows) -> list[str]:
    """What tells each table from the others: its name without the ending, or else its path."""
    stems = [posixpath.basename(part.name).split(".", 1)[0] for part in rows.parts]
    return stems if len(set(stems)) == len(stems) else [part.name for part in rows.parts]


def _paths(rows: TableRows, column: str) -> list[str | None]:
    """Image paths as they were written; with their folder before them where tables in several folders wrote them."""
    paths = names_in(rows.table[column])
    folders = {posixpath.dirname(part.name) for part in rows.parts}
    if len(folders) == 1:
        return paths
    places = (posixpath.dirname(rows.place(int(number))[0]) for number in rows.number)
    return [path and posixpath.join(folder, path) for folder, path in zip(places, paths, strict=True)]


def usable_rows(
    rows: TableRows, keys: Sequence[str | None], labelling: Labelling, columns: ColumnRoles
) -> tuple[list[int], list[SetAside]]:
    """The table rows with a key of their own and a known label or none; the others set aside."""
    without = np.flatnonzero(labelling.given == UNLABELLED).tolist()
    known = all(not labelling.raw[at] or labelling.raw[at] in labelling.empty for at in without)
    if known and None not in keys and len(set(keys)) == len(keys) and all(key and not key.isspace() for key in keys):
        return list(range(len(keys))), []
    usable: list[int] = []
    bad: list[SetAside] = []
    first: dict[str, int] = {}
    for at, key in enumerate(keys):
        if key is None or not key.strip():
            error = BadcaseError(_("the key is missing"), hint=_("Fill it in, or name another column with --key."))
        elif first.setdefault(key, at) != at:
            place = rows.where(int(rows.number[first[key]]))
            error = BadcaseError(
                _("the key {key} already occurs at {place}").format(key=key, place=place),
                hint=_("Keep one of the two rows, or name another column with --key."),
            )
        elif labelling.given[at] == UNLABELLED and labelling.raw[at] and labelling.raw[at] not in labelling.empty:
            hint = _("Fill in the label, or remove the row.")
            error = BadcaseError(_("unknown label"), got=labelling.raw[at] or "", hint=hint)
        else:
            usable.append(at)
            continue
        bad.append(set_aside_row(rows, keys, at, error))
    return usable, bad


def set_aside_row(rows: TableRows, keys: Sequence[str | None], at: int, error: BadcaseError) -> SetAside:
    number = int(rows.number[at])
    return SetAside(number, keys[at] or "", rows.where(number), str(error), error.hint)
