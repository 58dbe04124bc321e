"""What every reader gives: the rows of a data set as columns, whatever the format was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped
from badcase.importing.media.joined_media import JoinedMedia
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.source import SourcePart

_COLUMNS = 20_000  # at most; each is looked at for what it could be


def check_columns(count: int, name: str) -> None:
    """Refuse a table of more columns than anybody means, which would take hours to look at."""
    if count > _COLUMNS:
        raise BadcaseError(
            _("the table has too many columns"),
            where=name,
            expected=_("at most {n}").format(n=grouped(_COLUMNS)),
            got=grouped(count),
            hint=_("Keep the columns that are needed: the text or image, the label, and few others."),
        )


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows that could be read.

    Attributes:
        table: The columns as the source has them (strings where the format has only text).
        number: (n,) int64, the row of each in the source, from 1 over all parts.
        class_names: For columns of class ids whose names the source declares.
        details: What an export needs to write the same format again, JSON-able.
        lone: The source is a single table file, and its folder is only where relative image paths start.
        key: The column of keys, where the format has one.
        roles: The column of other roles, such as text and label, where the format has one.
        notes: What a person should know of how it was read.
        joins: For columns that name files, the file of each row.
    """

    format: str
    root: Root
    parts: tuple[SourcePart, ...]
    table: pa.Table
    number: npt.NDArray[np.int64]
    bad: Sequence[SetAside] = ()
    class_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    lone: bool = False
    key: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    joins: Mapping[str, JoinedMedia] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_columns(len(self.table.schema), self.parts[0].name if self.parts else self.format)

    def place(self, number: int) -> tuple[str, int]:
        """The part that holds a row, and the row's number inside it."""
        for part in self.parts:
            if number <= part.rows:
                return part.name, number
            number -= part.rows
        raise IndexError(number)

    def where(self, number: int) -> str:
        """A row's place in words: "labels.csv, row 7"."""
        name, inside = self.place(number)
        return _("{name}, row {row}").format(name=name, row=inside) if name else _("row {row}").format(row=inside)


def joined(parts: Sequence[TableRows], splits: Sequence[str | None]) -> TableRows:
    """Several tables with the same columns as one; a split that the file name told becomes a column `split`."""
    tables, numbers, bad, before = [], [], [], 0
    for rows, split in zip(parts, splits, strict=True):
        table = rows.table
        if split is not None and "split" not in table.column_names:
            table = table.append_column("split", pa.array([split] * len(table), pa.string()))
        tables.append(table)
        numbers.append(rows.number + before)
        bad += [replace(item, row=item.row + before) for item in rows.bad]
        before += sum(part.rows for part in rows.parts)
    return replace(
        parts[0],
        parts=tuple(part for rows in parts for part in rows.parts),
        table=concatenated(tables),
        number=np.concatenate(numbers),
        bad=bad,
        details=_together(parts),
        class_names={name: names for rows in parts for name, names in rows.class_names.items()},
        notes=tuple(dict.fromkeys(note for rows in parts for note in rows.notes)),
        joins={
            column: replace(first, names=[name for rows in parts for name in rows.joins[column].names])
            for column, first in parts[0].joins.items()
            if all(column in rows.joins and rows.joins[column].root == first.root for rows in parts)
        },
    )


def concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables as one; a column that is of types with nothing in common is text."""
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        kinds: dict[str, set[str]] = {}
        for table in tables:
            for field in table.schema:
                kinds.setdefault(field.name, set()).add(str(field.type))
        texts = {name for name, found in kinds.items() if len(found) > 1}
        return pa.concat_tables([_as_text(table, texts) for table in tables], promote_options="permissive")


def _as_text(table: pa.Table, names: set[str]) -> pa.Table:
    for at, name in enumerate(table.column_names):
        if name in names and not pa.types.is_null(table.schema.field(at).type):
            values = [None if value is None else str(value) for value in table.column(at).to_pylist()]
            table = table.set_column(at, name, pa.chunked_array([pa.array(values, pa.large_string())]))
    return table


def _together(parts: Sequence[TableRows]) -> dict[str, Any]:
    """The details of all parts; those of one table stand under its name."""
    tables = {name: how for rows in parts for name, how in rows.details.get("tables", {}).items()}
    return {**parts[0].details, **({"tables": tables} if tables else {})}
