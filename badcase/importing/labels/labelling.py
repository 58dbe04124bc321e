"""From the written labels to classes in a stable order, and back to what each column writes for a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.labels.cells import LabelCells, label_cells
from badcase.importing.labels.missing import Missing, missing_labels
from badcase.importing.labels.numbers import in_order, is_integer
from badcase.importing.labels.spellings import Spellings, blanks_told, spellings
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.source import SeveralLabels


@dataclass(frozen=True, slots=True)
class Labelling:
    """Classes and the given label of each row.

    Attributes:
        classes: Their names in order.
        given: (rows,) int32, -1 where there is no label or one that is unknown.
        raw: What stood there.
        written: For each label column, the JSON-able value that stands for each class.
        several: Only where items may have any number of labels, see `read_label_sets`.
        notes: What a person should know of how labels were read.
        empty: Those of `raw` that mean "no label".
    """

    classes: tuple[str, ...]
    given: npt.NDArray[np.int32]
    raw: Sequence[str | None]
    written: dict[str, list[Any]]
    several: SeveralLabels | None = None
    notes: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset()


def read_labels(rows: TableRows, columns: ColumnRoles, options: ReadOptions = NOTICED) -> Labelling:
    """Classes and given labels. Order: as declared, else by id where there are ids, else by number or name."""
    if columns.label is None:
        raise BadcaseError(_("there is no label column"), hint=_("Name it with --label."))
    cells = label_cells(columns.label, rows.table[columns.label])
    if columns.label in rows.class_names:
        return _declared(columns.label, rows.class_names[columns.label], cells)
    counts = label_counts(cells)
    missing = missing_labels(columns.label, counts, options.missing)
    spelled = spellings({label: n for label, n in counts.items() if label not in missing.values}, join=options.join_spellings)
    values = in_order(set(spelled.name.values()))
    place = {value: at for at, value in enumerate(values)}
    codes = np.array([place.get(spelled.name.get(text or "", ""), -1) for text in cells.texts] + [-1], np.int32)
    given = codes[cells.codes]
    if not values or (len(values) < 2 and (missing.guessed or not (given < 0).any())):  # what has no label may be of another
        raise _too_few(rows, columns, values, missing)
    written: dict[str, list[Any]] = {}
    names = values
    if columns.names is not None:
        spelling = label_cells(columns.names, rows.table[columns.names])
        said = _most_frequent(given, spelling, len(values))
        partner = [value if at is None else spelling.texts[at] or value for at, value in zip(said, values, strict=True)]
        if all(map(is_integer, partner)) and not all(map(is_integer, values)):
            # The named column spells the names and its partner holds the ids, which decide the order.
            order = np.array(sorted(range(len(values)), key=lambda at: (int(partner[at]), partner[at])))
            back = np.append(np.argsort(order).astype(np.int32), np.int32(-1))
            given, codes = back[given], back[codes]
            names = values = [values[at] for at in order]
            said, partner = [said[at] for at in order], [partner[at] for at in order]
        else:
            names = partner
        written[columns.names] = [value if at is None else spelling.written[at] for at, value in zip(said, partner, strict=True)]
    written[columns.label] = _written(cells, codes, values)
    return Labelling(tuple(names), given, cells.raw(), written, notes=told(cells, missing, spelled), empty=missing.values)


def label_counts(cells: LabelCells) -> dict[str, int]:
    """How many rows have each label that is not empty."""
    counts: dict[str, int] = {}
    for text, n in zip(cells.texts, cells.counts, strict=True):
        if text:
            counts[text] = counts.get(text, 0) + n
    return counts


def told(cells: LabelCells, missing: Missing, spelled: Spellings) -> tuple[str, ...]:
    """Sentences on how a label column was read."""
    shown: dict[str, dict[str, int]] = {}
    for text, value, n in zip(cells.texts, cells.shown, cells.counts, strict=True):
        if text and value is not None:
            shown.setdefault(text, {})[value] = n
    return (*([cells.note] if cells.note else []), *missing.notes, *blanks_told(shown), *spelled.notes)


def _declared(column: str, declared: Sequence[str], cells: LabelCells) -> Labelling:
    """Class ids whose names the source declares, or already those names."""
    code = {str(at): at for at in range(len(declared))} | {name: at for at, name in enumerate(declared)}
    empty = frozenset({"-1"}) - code.keys()  # so do data sets that declare their classes write that there is no label
    codes = np.array([code.get(text or "", -1) for text in cells.texts] + [-1], np.int32)
    ids = all(text is None or is_integer(text) for text in cells.texts)
    usual: list[Any] = list(range(len(declared))) if ids else list(declared)
    unknown = [
        (text, n)
        for text, n, at in zip(cells.texts, cells.counts, codes[:-1], strict=True)
        if text and at < 0 and text not in empty
    ]
    notes = [
        plural(
            '{n} row has the label "{value}", which is no class that the data set declares.',
            '{n} rows have the label "{value}", which is no class that the data set declares.',
            n,
        ).format(n=grouped(n), value=text)
        for text, n in unknown[:5]
    ]
    written = _written(cells, codes, usual)
    return Labelling(tuple(declared), codes[cells.codes], cells.raw(), {column: written}, notes=tuple(notes), empty=empty)


def _written(cells: LabelCells, codes: npt.NDArray[np.int32], usual: Sequence[Any]) -> list[Any]:
    """How the column itself writes each class: its most frequent spelling, with the column's own type; unseen ones as usual."""
    made, most = list(usual), [0] * len(usual)
    for value, n, at in zip(cells.written, cells.counts, codes[:-1].tolist(), strict=True):
        if at >= 0 and n > most[at]:
            made[at], most[at] = value, n
    return made


def _most_frequent(given: npt.NDArray[np.int32], cells: LabelCells, k: int) -> list[int | None]:
    """For each of k classes, the place in `cells` of the value that most of its rows have; None where they have none."""
    both = (given >= 0) & (cells.codes >= 0)
    pairs, counts = np.unique(np.stack([given[both].astype(np.int64), cells.codes[both]]), axis=1, return_counts=True)
    found: list[int | None] = [None] * k
    for at in np.argsort(counts, kind="stable"):
        if cells.texts[pairs[1, at]]:
            found[pairs[0, at]] = int(pairs[1, at])
    return found


def _too_few(rows: TableRows, columns: ColumnRoles, values: Sequence[str], missing: Missing) -> BadcaseError:
    if missing.guessed:
        hint = _("Say --missing '' where {names} is a class.").format(names=", ".join(sorted(missing.guessed)))
    elif rows.format == "folder":
        hint = _("Put the images or texts of another class into a folder beside it.")
    elif others := [name for name in rows.table.column_names if name not in (columns.label, columns.text, columns.image)]:
        hint = _("Name the right column with --label ({names}), or add items of another class.").format(names=", ".join(others))
    else:
        hint = _("Add items of another class.")
    return BadcaseError(
        _("a label column needs at least two classes"),
        where=columns.label or "",
        got=_("one class: {name}").format(name=values[0]) if values else _("no label at all"),
        hint=hint,
    )
