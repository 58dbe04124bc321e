"""From the written labels to classes in a stable order, and back to what each column writes for a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.items.columns import Columns, strings
from badcase.items.rows import Rows
from badcase.language import _

# What programs write for "no value". Words such as "none" or "unknown" are classes in some data sets, so they stay.
_MISSING = frozenset({"", "nan", "null", "<na>", "#n/a", "n/a", "?"})


@dataclass(frozen=True, slots=True)
class Labelling:
    """classes: their names in order. given (rows,) int32, -1 where the label is missing or unknown; `raw` says what it
    was. written: for each label column, the JSON-able value that stands for each class.
    """

    classes: tuple[str, ...]
    given: npt.NDArray[np.int32]
    raw: Sequence[str | None]
    written: dict[str, list[Any]]


def read_labels(rows: Rows, columns: Columns) -> Labelling:
    """Classes and given labels. Order: as declared, else by id where there are ids, else by name."""
    if columns.label is None:
        raise BadcaseError(_("there is no label column"), hint=_("Name it with --label."))
    raw = [value if value is None else value.strip() for value in strings(rows.table[columns.label])]
    declared = rows.class_names.get(columns.label)
    if declared is not None:
        return _declared(columns.label, declared, raw)
    counts = Counter(value for value in raw if not _missing(value))
    if "-1" in counts and all(value.isdecimal() for value in counts if value != "-1"):
        del counts["-1"]  # by convention the id of "no label"
    if len(counts) < 2:
        raise BadcaseError(
            _("a label column needs at least two classes"),
            where=columns.label,
            got=", ".join(counts) or _("no label at all"),
            hint=_("Name the right column with --label."),
        )
    values = sorted(counts, key=_order)
    written = {columns.label: _written(rows.table[columns.label], raw, values)}
    names = values
    if columns.names is not None:
        spelled = [value if value is None else value.strip() for value in strings(rows.table[columns.names])]
        # The ids decide the order and the other column the names, whichever of the two was called the label.
        of = {
            value: name for value, name in zip(raw, spelled, strict=True) if not _missing(value) and not _missing(name)
        }
        if not all(map(_is_number, values)) and all(_is_number(of.get(value, "x")) for value in values):
            values = sorted(values, key=lambda value: _order(of[value]))
            written = {columns.label: _written(rows.table[columns.label], raw, values)}
            names = values
        else:
            names = [of.get(value, value) for value in values]
        back = {of.get(value, value): at for at, value in enumerate(values)}
        order = sorted(back, key=lambda name: back[name])
        written[columns.names] = _written(rows.table[columns.names], spelled, order)
    code = {value: at for at, value in enumerate(values)}
    given = np.fromiter((code.get(value or "", -1) for value in raw), np.int32, len(raw))
    return Labelling(tuple(names), given, raw, written)


def _declared(column: str, declared: Sequence[str], raw: Sequence[str | None]) -> Labelling:
    """Class ids whose names the source declares, or already those names."""
    code = {str(at): at for at in range(len(declared))} | {name: at for at, name in enumerate(declared)}
    ids = all(value is None or _is_number(value) for value in raw)
    given = np.fromiter((code.get(value or "", -1) for value in raw), np.int32, len(raw))
    return Labelling(tuple(declared), given, raw, {column: list(range(len(declared))) if ids else list(declared)})


def _written(column: pa.ChunkedArray, raw: Sequence[str | None], values: Sequence[str]) -> list[Any]:
    """How the column itself writes each class: its most frequent spelling, with the column's own type."""
    wanted = set(values)
    spellings: dict[str, Counter[Any]] = {value: Counter() for value in values}
    for value, as_written in zip(raw, column.to_pylist(), strict=True):
        if value in wanted and value is not None:
            spellings[value][as_written] += 1
    return [spellings[value].most_common(1)[0][0] if spellings[value] else value for value in values]


def _missing(value: str | None) -> bool:
    return value is None or value.lower() in _MISSING


def _is_number(value: str) -> bool:
    return value.lstrip("-").isdecimal()


def _order(value: str) -> tuple[int, int, str]:
    return (0, int(value), value) if _is_number(value) else (1, 0, value)
