"""Columns whose cells hold any number of labels, as texts such as "cat;dog" or as lists, read as sets of labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.arrow_types import is_list
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.column_values import is_string
from badcase.importing.labels.cells import LabelCells, label_cells
from badcase.importing.labels.labelling import Labelling
from badcase.importing.labels.list_texts import ListForm, parsed, usual_form
from badcase.importing.labels.missing import Missing, missing_labels
from badcase.importing.labels.numbers import in_order, is_integer
from badcase.importing.labels.spellings import spellings
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.label_sets import NO_LABEL, SEPARATOR, set_name
from badcase.items.source import SeveralLabels

_SEPARATORS = ";|,"  # as a data set may write it, the plainest first


@dataclass(frozen=True, slots=True)
class _Cells:
    """The distinct cells of a column of sets.

    Attributes:
        codes: (rows,) the place of each row's cell in the lists below, -1 for an empty one.
        labels: The labels of each cell, each by its name and as the column writes it; None for a cell that means that
            nobody has said.
        written: Each cell as an export writes it back.
        counts: How many rows have each.
        form: How a set that nobody has is written; None for lists that are no text.
        missing: Which cells mean that nobody has said.
    """

    codes: npt.NDArray[np.int64]
    labels: list[list[tuple[str, Any]] | None]
    written: list[Any]
    counts: list[int]
    form: ListForm | None
    missing: Missing


def list_columns(rows: TableRows) -> list[str]:
    """Columns that can hold the labels of items as lists: of texts or of numbers, called as labels are."""
    names = [name for name in rows.table.column_names if "label" in name.lower() or name.lower() in ("tags", "classes")]
    return [name for name in names if is_list(rows.table[name].type)]


def read_label_sets(rows: TableRows, columns: ColumnRoles, options: ReadOptions = NOTICED) -> Labelling:
    """Sets of labels as classes, from a column of texts such as "cat;dog" or of lists; an empty cell is the empty set.

    Sets stand in the order of their labels, and labels by number where they are numbers, else by name. `several` of the
    labelling says what an export needs to write a set that no item came with.
    """
    if columns.label is None:
        raise BadcaseError(_("there is no label column"), hint=_("Name it with --label."))
    cells = _cells(columns.label, rows.table[columns.label], options)
    counts: Counter[str] = Counter()
    atoms: dict[str, Any] = {}
    for found, n in zip(cells.labels, cells.counts, strict=True):
        for label, atom in found or ():
            counts[label] += n
            atoms.setdefault(label, atom)
    spelled = spellings(counts, join=options.join_spellings)
    atoms = {spelled.name[text]: atoms[text] for text, _n in reversed(counts.most_common())}  # each as it is written most
    names = in_order(atoms)
    if len(names) < 2:
        raise BadcaseError(
            _("a label column needs at least two labels"),
            where=columns.label,
            got=", ".join(names) or _("no label at all"),
            hint=_("Name the right column with --label, or leave out --task multilabel."),
        )
    declared = rows.class_names.get(columns.label, ())
    spoken = [declared[int(name)] if is_integer(name) and 0 <= int(name) < len(declared) else name for name in names]
    _plain(columns.label, spoken)
    place = {name: at for at, name in enumerate(names)}
    ids = [None if one is None else tuple(sorted({place[spelled.name[label]] for label, _atom in one})) for one in cells.labels]
    form = cells.form or ListForm("", "", "", "")
    several = SeveralLabels(
        tuple(spoken),
        columns.label,
        None if cells.form is None else form.joiner,
        tuple(atoms[name] for name in names),
        form.opening,
        form.closing,
        form.quote,
    )
    return _labelling(columns.label, cells, ids, several, (*cells.missing.notes, *spelled.notes))


def _labelling(
    column: str, cells: _Cells, ids: Sequence[tuple[int, ...] | None], several: SeveralLabels, notes: Sequence[str]
) -> Labelling:
    empty = int((cells.codes < 0).sum())
    sets = sorted({one for one in ids if one is not None} | ({()} if empty else set()))
    code = {one: at for at, one in enumerate(sets)}
    codes = np.array([-1 if one is None else code[one] for one in ids] + [code.get((), -1)], np.int32)
    given = codes[cells.codes]
    written, most = [several.written(one) for one in sets], [0] * len(sets)
    for value, n, at in zip(cells.written, cells.counts, codes[:-1].tolist(), strict=True):
        if at >= 0 and n > most[at]:
            written[at], most[at] = value, n
    bare = int((given == code[()]).sum()) if () in code else 0
    said = plural("{n} row has no label: the empty set.", "{n} rows have no label: the empty set.", bare)
    unsaid = [str(value) if one is None else "" for one, value in zip(ids, cells.written, strict=True)]
    return Labelling(
        tuple(set_name(several.names[at] for at in one) for one in sets),
        given,
        np.array([*unsaid, ""], object)[cells.codes].tolist(),
        {column: written},
        several,
        (*notes, *([said.format(n=grouped(bare))] if bare else [])),
        cells.missing.values,
    )


def _name(label: Any) -> str:
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def _cells(name: str, column: pa.ChunkedArray, options: ReadOptions) -> _Cells:
    if column.null_count == len(column):
        raise BadcaseError(
            _("the label column holds no value at all"), where=name, hint=_("Fill in the labels, or name another column.")
        )
    if is_list(column.type):
        return _cells_of_lists(name, column)
    cells = label_cells(name, column, lists=False)
    counts = {text: n for text, n in zip(cells.texts, cells.counts, strict=True) if text}
    missing = missing_labels(name, counts, options.missing, sets=True)
    if is_string(column):
        found, form = _parts([text or "" for text in cells.texts])
    else:
        found = [[] if text is None else [text] for text in cells.texts]
        form = ListForm("", "", "", SEPARATOR)
    labels = [
        None if text in missing.values else [(name, label) for label in one if (name := _name(label).strip())]
        for text, one in zip(cells.texts, found, strict=True)
    ]
    return _Cells(cells.codes, labels, cells.written, cells.counts, form, missing)


def _cells_of_lists(name: str, column: pa.ChunkedArray) -> _Cells:
    lists = column.cast(pa.large_list(column.type.value_type))
    whole = pa.concat_arrays(lists.chunks) if lists.num_chunks != 1 else lists.chunk(0)
    lengths = np.asarray(whole.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    inner: LabelCells = label_cells(name, pa.chunked_array([whole.flatten()]), lists=False)
    ends = np.cumsum(lengths)
    place: dict[tuple[int, ...], int] = {}
    numbers = inner.codes.tolist()
    codes = [
        place.setdefault(tuple(numbers[start:end]), len(place))
        for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True)
    ]
    counts = np.bincount(codes, minlength=len(place)).tolist()
    written = [[inner.written[at] for at in one if at >= 0] for one in place]
    labels: list[list[tuple[str, Any]] | None] = [
        [(text, inner.written[at]) for at in one if at >= 0 and (text := inner.texts[at])] for one in place
    ]
    return _Cells(np.array(codes, np.int64), labels, written, counts, None, Missing(frozenset()))


def _parts(texts: Sequence[str]) -> tuple[list[list[Any]], ListForm]:
    """The labels of every text, and how the column writes a set: a list in brackets, or labels set apart by a mark."""
    lists = [parsed(text) for text in texts]
    forms = [one[1] for one in lists if one is not None]
    if forms and len(forms) * 2 >= sum(bool(text) for text in texts):
        form = usual_form(forms)
        return [one[0] if one is not None else [text] * bool(text) for one, text in zip(lists, texts, strict=True)], form
    mark = next((mark for mark in _SEPARATORS if any(mark in text for text in texts)), SEPARATOR)
    spaced = sum(f"{mark} " in text for text in texts) * 2 > sum(mark in text for text in texts)
    parted = re.compile(rf"\s*{re.escape(mark)}\s*")
    return [[part for part in parted.split(text.strip()) if part] for text in texts], ListForm("", "", "", mark + " " * spaced)


def _plain(column: str, names: Sequence[str]) -> None:
    bad = next((name for name in names if SEPARATOR in name or name == NO_LABEL), None)
    if bad is not None:
        raise BadcaseError(_("a label may not contain a semicolon"), where=column, got=bad, hint=_("Rename it in the data."))
