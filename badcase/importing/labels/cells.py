"""The cells of a label column by their distinct values, whatever type the column has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.arrow_types import is_binary, is_list, jsonable
from badcase.importing.column_values import is_string, strings
from badcase.importing.labels.list_texts import list_items, record_fields


@dataclass(frozen=True, slots=True)
class LabelCells:
    """A label column as few values and a number for each row.

    Attributes:
        codes: (rows,) int64, the place of each row's value in the lists below, -1 where it has none.
        texts: What each value says, without blanks around it; None where that is nothing (NaN).
        shown: The same with its blanks.
        written: Each value as JSON can carry it, as an export writes it back.
        counts: How many rows have each.
        note: What there is to say of how they were read.
    """

    codes: npt.NDArray[np.int64]
    texts: list[str | None]
    shown: list[str | None]
    written: list[Any]
    counts: list[int]
    note: str = ""

    def raw(self) -> list[str | None]:
        """(rows,) the text of every row."""
        made: list[str | None] = np.array([*self.texts, None], object)[self.codes].tolist()
        return made


def label_cells(name: str, column: pa.ChunkedArray, *, lists: bool = True) -> LabelCells:
    """The distinct values of a label column, in the order of their first rows; lists of one label are that label.

    Args:
        name: The column, for words.
        column: Its cells.
        lists: Whether texts that are lists are taken apart too.

    Raises:
        BadcaseError: Where the cells are no labels: lists of several, records, bytes that are no text, or nothing at all.
    """
    if pa.types.is_null(column.type) or column.null_count == len(column):
        raise BadcaseError(
            _("the label column holds no value at all"), where=name, hint=_("Fill in the labels, or name another column.")
        )
    if is_list(column.type):
        return _single_entries(name, column)
    if pa.types.is_nested(column.type):
        return _single_field(name, column)
    if is_binary(column.type) or pa.types.is_interval(column.type):
        raise _not_read(name, column.type)
    cells = _distinct(name, column)
    if is_string(column) and (fields := record_fields(cells.texts)):
        raise _holds_records(name, _named(fields))
    return _entries_of_texts(name, cells) if lists and is_string(column) else cells


def _distinct(name: str, column: pa.ChunkedArray) -> LabelCells:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        encoded = column.dictionary_encode().combine_chunks()
    except pa.ArrowNotImplementedError as error:
        raise _not_read(name, column.type) from error
    if isinstance(encoded, pa.ChunkedArray):  # a table without chunks
        encoded = pa.array([], column.type).dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
    shown = strings(pa.chunked_array([encoded.dictionary]))
    counts = np.bincount(codes[codes >= 0], minlength=len(shown)).tolist()
    return LabelCells(codes, [text and text.strip() for text in shown], shown, jsonable(encoded.dictionary), counts)


def _not_read(name: str, kind: pa.DataType) -> BadcaseError:
    what = _("the label column holds bytes that are no UTF-8 text") if is_binary(kind) else _("labels of this type are not read")
    return BadcaseError(
        what, where=name, got=kind, hint=_("Write the labels as texts or numbers, or name another column with --label.")
    )


# --- cells that hold more than one value ------------------------------------------------------------------------------


def _single_entries(name: str, column: pa.ChunkedArray) -> LabelCells:
    """Lists: where each has one entry, or none, that is the label of the row."""
    whole = column.combine_chunks()
    whole = whole.cast(pa.large_list(whole.type.value_type))
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    lengths = np.asarray(whole.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    if lengths.max(initial=0) > 1:
        raise _holds_lists(name, int(lengths.max()))
    cells = label_cells(name, pa.chunked_array([whole.flatten()]))
    codes = np.full(len(column), -1, np.int64)
    codes[lengths == 1] = cells.codes
    written = [[value] for value in cells.written]
    return LabelCells(codes, cells.texts, cells.shown, written, cells.counts, _note_of_entries(name))


def _entries_of_texts(name: str, cells: LabelCells) -> LabelCells:
    """Texts that are lists, "['cat']": the same; texts beside them that are none stay as they are."""
    items = [list_items(text) if text else None for text in cells.texts]
    most = max((len(item) for item in items if item is not None), default=0)
    if most > 1:
        raise _holds_lists(name, most)
    if not most:
        return cells
    entries = [
        text if item is None else str(item[0]).strip() if item else None for text, item in zip(cells.texts, items, strict=True)
    ]
    return replace(cells, texts=entries, shown=entries, note=_note_of_entries(name))


def _note_of_entries(name: str) -> str:
    return _("The column {name} holds lists of one label each; that is the class.").format(name=name)


def _holds_lists(name: str, most: int) -> BadcaseError:
    return BadcaseError(
        _("the label column holds lists"),
        where=name,
        expected=_("one label a row"),
        got=plural("lists of up to {n} label", "lists of up to {n} labels", most).format(n=grouped(most)),
        hint=_("Read them with --task multilabel, or name another column with --label."),
    )


def _single_field(name: str, column: pa.ChunkedArray) -> LabelCells:
    """Records: where they have a single field, that is the label."""
    kind = column.type
    if pa.types.is_struct(kind) and kind.num_fields == 1 and not pa.types.is_nested(kind.field(0).type):
        field = kind.field(0).name
        inner = label_cells(name, pa.chunked_array([chunk.flatten()[0] for chunk in column.chunks], kind.field(0).type))
        note = _("The column {name} holds records of the field {field}; that is the class.").format(name=name, field=field)
        return LabelCells(inner.codes, inner.texts, inner.shown, [{field: value} for value in inner.written], inner.counts, note)
    raise _holds_records(name, _fields(column))


def _holds_records(name: str, fields: str) -> BadcaseError:
    return BadcaseError(
        _("the label column holds records, not labels"),
        where=name,
        expected=_("a text or a number a row"),
        got=fields,
        hint=_("Write one of the fields into a column of its own, and name that with --label."),
    )


def _fields(column: pa.ChunkedArray) -> str:
    """What the records of a column hold, in words."""
    kind = column.type
    if pa.types.is_struct(kind):
        names: Sequence[Any] = [kind.field(at).name for at in range(kind.num_fields)]
    elif pa.types.is_map(kind):
        rows = column.slice(0, 100).drop_null().to_pylist()
        names = list(dict.fromkeys(key for row in rows for key, _value in row))
    else:
        return str(kind)
    return _named(names)


def _named(names: Sequence[Any]) -> str:
    said = ", ".join(name if isinstance(name, str) else json.dumps(name, default=str) for name in names[:10])
    return plural("the field {names}", "the fields {names}", len(names)).format(names=said + ", ..." * (len(names) > 10))
