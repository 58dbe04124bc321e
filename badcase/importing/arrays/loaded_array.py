"""What a file of numbers holds, and how its columns are told apart: numbers, keys, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.arrow_types import is_list

# In an .npz or a table with several arrays, the one for each argument by its usual name.
USUAL_NAMES = {
    "labels": ("labels", "label", "y", "given", "target", "class", "category", "class_name", "label_name"),
    "probs": ("probs", "pred_probs", "probabilities", "p", "proba", "logits", "scores"),
    "features": ("features", "embeddings", "x", "X", "embedding", "vector"),
}
_MOST_WHOLE = 8  # columns of whole numbers, of which one may be the keys whatever it is called
CLASS_NAMES = ("classes", "class_names", "columns")  # beside the array of an .npz: the names of its columns
INDEX = ("", "__index_level_0__", "Unnamed: 0")  # how pandas writes an index without a name
_KEYS = frozenset(
    {
        "id",
        "ids",
        "key",
        "keys",
        "uid",
        "uuid",
        "guid",
        "name",
        "names",
        "file",
        "files",
        "filename",
        "filenames",
        "filepath",
        "fname",
        "path",
        "paths",
        "url",
        "image",
        "images",
        "img",
        "imagename",
        "imagepath",
        "item",
        "items",
        "sample",
        "row",
        "rowid",
        "index",
        "idx",
    }
)


@dataclass(frozen=True, slots=True)
class LoadedArray:
    """What a file holds.

    Attributes:
        values: (n, k) a matrix, (n,) a column, or a list of lists.
        columns: (k,) the names of the columns; None where they have none.
        beside: Columns (n,) that may be keys or say something else: texts, an index, also whole numbers of the matrix.
        taken: The column or array that is it, where others could be it by their names, and those.
    """

    values: NDArray[Any] | list[Any]
    columns: list[str] | None = None
    beside: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)
    taken: Sequence[str] = ()


def is_key_name(name: str) -> bool:
    """Whether a column of this name tells which item a row is of: "id", "file_name", "Image ID"."""
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    if any(part in word for part in ("class", "label", "target", "category")):
        return False
    return word in _KEYS or word.replace("_", "") in _KEYS or word.endswith(("_id", "_path", "_name", "_key", "_file"))


def array_of_table(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], what: str, where: str, *, named: bool = True
) -> LoadedArray:
    """The labels, probs or features of a table that comes in batches; a matrix becomes float32 batch by batch.

    Labels: the column with the usual name, else the only one that is no key, else all that are numbers, as a matrix.
    Others: the lists of the only column of lists, else all columns of numbers. What else there is stands `beside`.
    """
    doubled = [name for name in schema.names if schema.names.count(name) > 1]
    if doubled:
        what_else = _("two columns are called {name}").format(name=doubled[0])
        raise BadcaseError(what_else, where=where, hint=_("Rename one of them."))
    names = _columns_of(schema, what)
    whole = [name for name in names if pa.types.is_integer(schema.field(name).type)]
    kept = _Beside(schema, [name for name in schema.names if name not in names or (name in whole and len(whole) <= _MOST_WHOLE)])
    taken = kept.watched(batches)
    if what == "labels" and len(names) == 1:
        rivals = [name for name in USUAL_NAMES[what] if name in schema.names and name not in names]
        return LoadedArray(_one_column(names[0], taken), beside=kept.columns(), taken=[*names, *rivals] if rivals else ())
    if not names:
        got = ", ".join(name for name in schema.names if name not in INDEX)
        hint = _("Write a column of numbers for each class; the names of answers alone do not say how sure a model is.")
        if what == "labels":
            hint = _("Call the column of the labels label.")
        raise BadcaseError(_("no column is made of numbers"), where=where, expected=_("numbers"), got=got, hint=hint)
    if all(pa.types.is_null(schema.field(name).type) for name in names):
        raise no_items(where)
    if len(names) == 1 and is_list(schema.field(names[0]).type):
        return LoadedArray(_stacked(_list_rows(taken, names[0], where), where), beside=kept.columns())
    return LoadedArray(_stacked(_rows(taken, names), where), names if named else None, kept.columns())


def _columns_of(schema: pa.Schema, what: str) -> list[str]:
    """The columns that are the array, by their names and types."""
    plain = [name for name in schema.names if name not in INDEX]
    usual = [name for name in USUAL_NAMES[what] if name in plain]
    lists = [name for name in plain if is_list(schema.field(name).type)]
    if what == "labels":
        unkeyed = [name for name in plain if not _is_key(schema.field(name))] or plain
        if usual or len(unkeyed) == 1:
            return usual[:1] or unkeyed
    elif usual and usual[0] in lists:
        return usual[:1]
    elif len(lists) == 1 and not any(pa.types.is_floating(schema.field(name).type) for name in plain):
        return lists
    kinds = {name: schema.field(name).type for name in plain if not _is_key(schema.field(name))}
    return [name for name, kind in kinds.items() if _is_number(kind) or (what == "labels" and pa.types.is_boolean(kind))]


def _is_key(column: pa.Field) -> bool:
    """A column of fractions is none, whatever it is called: a class may be called "image"."""
    return is_key_name(column.name) and not pa.types.is_floating(column.type)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind))


class _Beside:
    """Keeps some columns of the batches that pass by."""

    def __init__(self, schema: pa.Schema, names: list[str]) -> None:
        self._chunks: dict[str, list[pa.Array]] = {name: [] for name in names}
        self._kinds = {name: schema.field(name).type for name in names}

    def watched(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for name, chunks in self._chunks.items():
                chunks.append(batch.column(batch.schema.get_field_index(name)))
            yield batch

    def columns(self) -> dict[str, pa.ChunkedArray]:
        return {name: pa.chunked_array(chunks, self._kinds[name]) for name, chunks in self._chunks.items()}


def _one_column(name: str, batches: Iterable[pa.RecordBatch]) -> NDArray[Any] | list[Any]:
    parts = [batch.column(batch.schema.get_field_index(name)) for batch in batches]
    whole = pa.chunked_array(parts) if parts else pa.chunked_array([], pa.int64())
    if whole.null_count or not (pa.types.is_integer(whole.type) or pa.types.is_floating(whole.type)):
        values: list[Any] = whole.to_pylist()
        return values
    return np.asarray(whole.to_numpy())


def _rows(batches: Iterable[pa.RecordBatch], names: list[str]) -> Iterator[NDArray[np.float32]]:
    for batch in batches:
        block = np.empty((len(batch), len(names)), np.float32)
        for place, name in enumerate(names):
            column = batch.column(batch.schema.get_field_index(name)).cast(pa.float32(), safe=False)
            block[:, place] = column.to_numpy(zero_copy_only=False)  # an empty cell becomes NaN, and is refused by its row
        yield block


def _list_rows(batches: Iterable[pa.RecordBatch], name: str, where: str) -> Iterator[NDArray[np.float32]]:
    width = None
    for batch in batches:
        column = batch.column(batch.schema.get_field_index(name))
        flat = column.flatten().cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False)
        width = width or (len(flat) // len(column) if len(column) else None)
        sizes = column.value_lengths().to_numpy(zero_copy_only=False) if hasattr(column, "value_lengths") else np.empty(0)
        if len(column) and (len(flat) != len(column) * (width or 0) or (sizes != width).any()):
            raise BadcaseError(_("rows of unequal length"), where=where, expected=width, got=name)
        yield flat.reshape(len(column), -1)


def no_items(where: str) -> BadcaseError:
    """The error for a file whose array has no row."""
    hint = _("Write the file anew with a row for each item, or name another one.")
    return BadcaseError(_("no items"), where=where, expected=_("at least one"), got=0, hint=hint)


def _stacked(blocks: Iterator[NDArray[np.float32]], where: str) -> NDArray[np.float32]:
    parts = list(blocks)
    if not parts or not sum(map(len, parts)):
        raise no_items(where)
    return np.concatenate(parts)
