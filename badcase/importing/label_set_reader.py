"""Columns whose cells hold any number of labels, as texts such as "cat;dog" or as lists, read as sets of labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import ColumnRoles, is_string, strings
from badcase.importing.labelling import Labelling, label_order
from badcase.importing.rows import TableRows
from badcase.items.label_sets import NO_LABEL, SEPARATOR, set_name
from badcase.items.source import SeveralLabels

_SEPARATORS = ";|,"  # as a data set may write it, the plainest first


def is_list(kind: pa.DataType) -> bool:
    """Whether a column of this type holds a list in each cell."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def list_columns(rows: TableRows) -> list[str]:
    """Columns that can hold the labels of items as lists: of texts or of numbers, called as labels are."""
    names = [name for name in rows.table.column_names if "label" in name.lower() or name.lower() in ("tags", "classes")]
    return [name for name in names if is_list(rows.table[name].type)]


def read_label_sets(rows: TableRows, columns: ColumnRoles) -> Labelling:
    """Sets of labels as classes, from a column of texts such as "cat;dog" or of lists; an empty cell is the empty set.

    Sets stand in the order of their labels, and labels by number where they are numbers, else by name. `several` of the
    labelling says what an export needs to write a set that no item came with.
    """
    if columns.label is None:
        raise BadcaseError(_("there is no label column"), hint=_("Name it with --label."))
    column = rows.table[columns.label]
    cells, joiner = _cells(column)
    written = {str(label): label for cell in cells for label in cell}  # as the column's own type writes each
    names = sorted(written, key=label_order)
    if len(names) < 2:
        raise BadcaseError(
            _("a label column needs at least two labels"),
            where=columns.label,
            got=", ".join(names) or _("no label at all"),
            hint=_("Name the right column with --label."),
        )
    _plain(columns.label, names)
    declared = rows.class_names.get(columns.label)
    place = {name: at for at, name in enumerate(names)}
    ids = [tuple(sorted({place[str(label)] for label in cell})) for cell in cells]
    sets = sorted(set(ids))
    code = {one: at for at, one in enumerate(sets)}
    spoken = [declared[int(name)] if declared is not None and name.isdecimal() else name for name in names]
    several = SeveralLabels(tuple(spoken), columns.label, joiner, tuple(written[name] for name in names))
    return Labelling(
        tuple(set_name(spoken[at] for at in one) for one in sets),
        np.fromiter((code[one] for one in ids), np.int32, len(ids)),
        ["" for _id in ids],
        {columns.label: _written(column, ids, sets, several)},
        several,
    )


def _cells(column: pa.ChunkedArray) -> tuple[list[list[Any]], str | None]:
    """The labels of every row, and what joins them in a text (None for lists)."""
    if is_list(column.type):
        return [[one for one in cell or [] if one is not None] for cell in column.to_pylist()], None
    if not is_string(column):
        return [[] if value is None else [value] for value in strings(column)], SEPARATOR
    texts = [value or "" for value in strings(column)]
    mark = next((mark for mark in _SEPARATORS if any(mark in text for text in texts)), SEPARATOR)
    spaced = sum(f"{mark} " in text for text in texts) * 2 > sum(mark in text for text in texts)
    parted = re.compile(rf"\s*{re.escape(mark)}\s*")
    return [[part for part in parted.split(text.strip()) if part] for text in texts], mark + " " * spaced


def _written(
    column: pa.ChunkedArray, ids: Sequence[tuple[int, ...]], sets: Sequence[tuple[int, ...]], several: SeveralLabels
) -> list[Any]:
    """How the column itself writes each set: its most frequent spelling."""
    if several.joiner is None or not is_string(column):
        return [several.written(one) for one in sets]
    spellings: dict[tuple[int, ...], Counter[str]] = {one: Counter() for one in sets}
    for one, text in zip(ids, strings(column), strict=True):
        spellings[one][text or ""] += 1
    return [spellings[one].most_common(1)[0][0] for one in sets]


def _plain(column: str, names: Sequence[str]) -> None:
    bad = next((name for name in names if SEPARATOR in name or name == NO_LABEL), None)
    if bad is not None:
        raise BadcaseError(_("a label may not contain a semicolon"), where=column, got=bad, hint=_("Rename it in the data."))
