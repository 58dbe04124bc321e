"""From the written labels to classes in a stable order, and back to what each column writes for a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import ColumnRoles, strings
from badcase.importing.rows import TableRows
from badcase.items.source import SeveralLabels

# What programs write for "no value". Words such as "none" or "unknown" are classes in some data sets, so they stay.
_MISSING = frozenset({"", "nan", "null", "<na>", "#n/a", "n/a", "?"})


@dataclass(frozen=True, slots=True)
class Labelling:
    """Classes and the given label of each row.

    Attributes:
        classes: Their names in order.
        given: (rows,) int32, -1 where the label is missing or unknown.
        raw: What stood there.
        written: For each label column, the JSON-able value that stands for each class.
        several: Only where items may have any number of labels, see `read_label_sets`.
    """

    classes: tuple[str, ...]
    given: npt.NDArray[np.int32]
    raw: Sequence[str | None]
    written: dict[str, list[Any]]
    several: SeveralLabels | None = None


def read_labels(rows: TableRows, columns: ColumnRoles) -> Labelling:
    """Classes and given labels. Order: as declared, else by id where there are ids, else by name."""
    if columns.label is None:
        raise BadcaseError(_("there is no label column"), hint=_("Name it with --label."))
    raw = _stripped(rows.table[columns.label])
    if columns.label in rows.class_names:
        return _declared(columns.label, rows.class_names[columns.label], raw)
    values = _values(columns.label, raw)
    written: dict[str, list[Any]] = {}
    names: Sequence[str] = values
    if columns.names is not None:
        spelled = _stripped(rows.table[columns.names])
        other = {value: name for value, name in zip(raw, spelled, strict=True) if value and name}
        partner = [other.get(value, value) for value in values]
        if all(map(_is_number, partner)) and not all(map(_is_number, values)):
            # The named column spells the names and its partner holds the ids, which decide the order.
            values, partner = map(list, zip(*sorted(zip(values, partner, strict=True), key=_by_id), strict=True))
            names = values
        else:
            names = partner
        written[columns.names] = _written(rows.table[columns.names], spelled, partner)
    written[columns.label] = _written(rows.table[columns.label], raw, values)
    return Labelling(tuple(names), _coded(raw, {value: at for at, value in enumerate(values)}), raw, written)


def _stripped(column: pa.ChunkedArray) -> list[str | None]:
    return [value if value is None else value.strip() for value in strings(column)]


def _values(column: str, raw: Sequence[str | None]) -> list[str]:
    """The distinct labels, by number where they are numbers."""
    present = {value for value in raw if value is not None and value.lower() not in _MISSING}
    if "-1" in present and all(value.isdecimal() for value in present - {"-1"}):
        present.discard("-1")  # by convention the id of "no label"
    if len(present) < 2:
        raise BadcaseError(
            _("a label column needs at least two classes"),
            where=column,
            got=_("one class: {name}").format(name=present.pop()) if present else _("no label at all"),
            hint=_("Name the right column with --label."),
        )
    return sorted(present, key=label_order)


def _coded(raw: Sequence[str | None], code: Mapping[str, int]) -> npt.NDArray[np.int32]:
    return np.fromiter((code.get(value or "", -1) for value in raw), np.int32, len(raw))


def _declared(column: str, declared: Sequence[str], raw: Sequence[str | None]) -> Labelling:
    """Class ids whose names the source declares, or already those names."""
    code = {str(at): at for at in range(len(declared))} | {name: at for at, name in enumerate(declared)}
    ids = all(value is None or _is_number(value) for value in raw)
    return Labelling(tuple(declared), _coded(raw, code), raw, {column: list(range(len(declared))) if ids else list(declared)})


def _written(column: pa.ChunkedArray, raw: Sequence[str | None], values: Sequence[str]) -> list[Any]:
    """How the column itself writes each class: its most frequent spelling, with the column's own type."""
    wanted = set(values)
    spellings: dict[str, Counter[Any]] = {value: Counter() for value in values}
    for value, as_written in zip(raw, column.to_pylist(), strict=True):
        if value in wanted and value is not None:
            spellings[value][as_written] += 1
    return [spellings[value].most_common(1)[0][0] if spellings[value] else value for value in values]


def _is_number(value: str) -> bool:
    return value.lstrip("-").isdecimal()


def label_order(value: str) -> tuple[int, int, str]:
    """Sorts numbers by their size, before names."""
    return (0, int(value), value) if _is_number(value) else (1, 0, value)


def _by_id(pair: tuple[str, str]) -> tuple[int, int, str]:
    return label_order(pair[1])
