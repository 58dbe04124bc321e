"""Arrays from files that others wrote: .npy, .npz, .csv and .parquet, a matrix as one block of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.language import _

# In an .npz or a table with several arrays, the one for each argument by its usual name.
_NAMES = {
    "labels": ("labels", "label", "y", "given", "target"),
    "probs": ("probs", "pred_probs", "probabilities", "p"),
    "features": ("features", "embeddings", "x", "X"),
}
_BATCH = 65_536  # rows of a table that are numbers and Arrow at once


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds: a matrix, a column, or a column of lists, and the names of the columns where it had any."""

    values: NDArray[Any] | list[Any]
    columns: list[str] | None = None


def load_array(path: Path, what: str) -> Loaded:
    """Read labels, probs or features. A .npy is memory-mapped; a table becomes float32 batch by batch.

    .npz: its only array, or the one with the usual name. A table of labels: the column with the usual name, else its
    only column, else all columns as a matrix. The unnamed index column that pandas writes is left out. A .csv whose
    first line is numbers has no header. BadcaseError names the file.
    """
    try:
        match path.suffix.lower():
            case ".npy":
                return Loaded(np.load(path, mmap_mode="r", allow_pickle=False))
            case ".npz":
                with np.load(path, allow_pickle=False) as arrays:
                    return Loaded(arrays[_choose(list(arrays), what, path)])
            case ".csv":
                names = _header(path)
                options = pyarrow.csv.ReadOptions(column_names=None if names else _numbered(path), block_size=1 << 24)
                with pyarrow.csv.open_csv(path, read_options=options) as reader:
                    return _from_batches(reader.schema, reader, what, path, named=names is not None)
            case ".parquet":
                with pyarrow.parquet.ParquetFile(path) as file:
                    batches = file.iter_batches(batch_size=_BATCH)
                    return _from_batches(file.schema_arrow, batches, what, path, named=True)
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, BadcaseError):
            raise
        raise BadcaseError(_("cannot be read"), where=str(path), got=error) from error
    kinds = ".npy, .npz, .csv, .parquet"
    raise BadcaseError(_("unknown kind of file"), where=str(path), expected=kinds, got=path.suffix or path.name)


def _choose(names: list[str], what: str, path: Path) -> str:
    known = [name for name in _NAMES[what] if name in names]
    if len(names) == 1 or known:
        return known[0] if known else names[0]
    raise BadcaseError(
        _("several arrays, and none is called {name}").format(name=what), where=str(path),
        expected=", ".join(_NAMES[what]), got=", ".join(names),
    )  # fmt: skip


def _first_cells(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as file:
        return [cell.strip().strip('"') for cell in file.readline().rstrip("\r\n").split(",")]


def _header(path: Path) -> list[str] | None:
    """The names in the first line, or None where it is a row of numbers; 0, 1, 2, ... are names of classes."""
    cells = _first_cells(path)
    if len(cells) > 1 and cells == [str(i) for i in range(len(cells))]:
        return cells
    try:
        [float(cell) for cell in cells]
    except ValueError:
        return cells
    return None


def _numbered(path: Path) -> list[str]:
    return [str(i) for i in range(len(_first_cells(path)))]


def _from_batches(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], what: str, path: Path, *, named: bool
) -> Loaded:
    names = [name for name in schema.names if name not in ("", "__index_level_0__", "Unnamed: 0")]
    usual = [name for name in _NAMES["labels"] if name in names]
    if what == "labels" and (len(names) == 1 or usual):
        name = usual[0] if usual else names[0]
        return Loaded(_one_column(name, batches))
    if len(names) == 1 and _is_list(schema.field(names[0]).type):
        return Loaded(_stacked(_list_rows(batches, names[0], path), path))
    for name in names:
        kind = schema.field(name).type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            text = _("column {name} is not made of numbers").format(name=name)
            raise BadcaseError(text, where=str(path), expected=_("numbers"), got=kind)
    return Loaded(_stacked(_rows(batches, names), path), names if named else None)


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


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


def _list_rows(batches: Iterable[pa.RecordBatch], name: str, path: Path) -> Iterator[NDArray[np.float32]]:
    width = None
    for batch in batches:
        column = batch.column(batch.schema.get_field_index(name))
        flat = column.flatten().cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False)
        width = width or (len(flat) // len(column) if len(column) else None)
        if len(column) and (len(flat) != len(column) * (width or 0)):
            raise BadcaseError(_("rows of unequal length"), where=str(path), expected=width, got=name)
        yield flat.reshape(len(column), -1)


def _stacked(blocks: Iterator[NDArray[np.float32]], path: Path) -> NDArray[np.float32]:
    parts = list(blocks)
    if not parts:
        raise BadcaseError(_("no items"), where=str(path), expected=_("at least one"), got=0)
    return np.concatenate(parts)
