"""What a layout of JSON records is: how its rows are read as plain columns, and how a label is written back into one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from badcase.i18n import _
from badcase.importing.json_layouts.json_text import Place

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Aside:
    """Why a record is no row, and the remedy."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LayoutRows:
    """The records as plain ones, or why one is none; the column of each role that the layout knows; what a person should know."""

    rows: Sequence[Record | Aside]
    roles: dict[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """One program's way to write labelled records.

    Attributes:
        title: What people call it.
        fits: Whether records are written so.
        read: The records as plain ones. Labels of a list are a list, so that one or several can be read from it.
        edits: The record, a column that `read` made, and a label (or a list of them) -> what stands where in the record.
            None where the column is one that the record itself has.
    """

    title: str
    fits: Callable[[Sequence[Record]], bool]
    read: Callable[[Sequence[Record]], LayoutRows]
    edits: Callable[[Record, str, Any], dict[Place, Any] | None]


_MOST = 0.9  # share of the records that are as the layout has it
# What code that takes a record apart raises where it is not made as it should be.
_OTHER_SHAPE = (TypeError, AttributeError, LookupError, ValueError)


def fits_layout(layout: JsonLayout, records: Sequence[Record]) -> bool:
    """Whether records are written so: all of them, or so many of them alone that the others are spoilt ones."""
    if _fits(layout, records):
        return True
    alone = [record for record in records if _fits(layout, [record])]
    return len(alone) >= _MOST * len(records) and _fits(layout, alone)


def _fits(layout: JsonLayout, records: Sequence[Record]) -> bool:
    try:
        return layout.fits(records)
    except _OTHER_SHAPE:
        return False


def read_layout(layout: JsonLayout, records: Sequence[Record]) -> LayoutRows:
    """The rows of records, and why those are none that are not made as the layout has it."""
    try:
        return layout.read(records)
    except _OTHER_SHAPE:
        pass
    whole = [at for at, record in enumerate(records) if _can_be_read(layout, record)]
    read = layout.read([records[at] for at in whole]) if whole else LayoutRows([])
    what = _("the record is not made as {layout} makes them").format(layout=layout.title)
    rows: list[Record | Aside] = [Aside(what, _("Mend or remove it.")) for _record in records]
    for at, row in zip(whole, read.rows, strict=True):
        rows[at] = row
    return LayoutRows(rows, read.roles, read.notes)


def _can_be_read(layout: JsonLayout, record: Record) -> bool:
    try:
        layout.read([record])
    except _OTHER_SHAPE:
        return False
    return True


def as_list(value: Any) -> list[Any]:
    """A label, or a list of them, as a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
