"""What a layout of JSON records is: how its rows are read as plain columns, and how a label is written back into one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

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


def as_list(value: Any) -> list[Any]:
    """A label, or a list of them, as a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
