"""Arrays from files that others wrote: .npy, .npz, .csv and .parquet, a matrix as one block of numbers."""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
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
from badcase.i18n import _
from badcase.importing.arrow_types import is_list
from badcase.importing.encodings import read_text

# In an .npz or a table with several arrays, the one for each argument by its usual name.
_NAMES = {
    "labels": ("labels", "label", "y", "given", "target"),
    "probs": ("probs", "pred_probs", "probabilities", "p"),
    "features": ("features", "embeddings", "x", "X"),
}
_HEAD = 65_536  # bytes of a table of numbers that tell its encoding
_BATCH = 65_536  # rows of a table that are numbers and Arrow at once


@dataclass(frozen=True, slots=True)
class LoadedArray:
    """What a file holds: a matrix, a column, or a column of lists, and the names of the columns where it had any."""

    values: NDArray[Any] | list[Any]
    columns: list[str] | None = None


def load_array(path: Path, what: str) -> LoadedArray:
    """Read labels, probs or features. A .npy is memory-mapped; a table becomes float32 batch by batch.

    .npz: its only array, or the one with the usual name. A table of labels: the column with the usual name, else its
    only column, else all columns as a matrix. The unnamed index column that pandas writes is left out. A .csv whose
    first line is numbers has no header; it may be set apart by semicolons, then with decimal commas, and its text in
    any encoding that a data set may have. BadcaseError names the file.
    """
    ending = path.suffix.lower()
    if ending not in _LOADERS:
        kinds = ", ".join(_LOADERS)
        raise BadcaseError(_("unknown kind of file"), where=str(path), expected=kinds, got=path.suffix or path.name)
    if not path.is_file():
        raise BadcaseError(_("there is no such file"), where=str(path), hint=_("Check the path."))
    try:
        return _LOADERS[ending](path, what)
    except BadcaseError:
        raise
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, pa.ArrowException) as error:
        hint = _numpy_hint() if ending.startswith(".np") else _("Is the file complete?")
        raise BadcaseError(_("cannot be read"), where=str(path), got=error, hint=hint) from error


def _npy(path: Path, what: str) -> LoadedArray:
    _check_start(path, b"\x93NUMPY")
    return LoadedArray(np.load(path, mmap_mode="r", allow_pickle=False))


def _npz(path: Path, what: str) -> LoadedArray:
    _check_start(path, b"PK")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:  # numpy leaves a broken one open
        return LoadedArray(arrays[_choose(list(arrays), what, path)])


def _check_start(path: Path, expected: bytes) -> None:
    """BadcaseError where a file begins otherwise: numpy would take it for a pickle, and advise to trust it."""
    with path.open("rb") as file:
        start = file.read(len(expected))
    if start != expected:
        what = _("this is no {ending} file").format(ending=path.suffix)
        raise BadcaseError(what, where=str(path), got=start or _("an empty file"), hint=_numpy_hint())


def _csv(path: Path, what: str) -> LoadedArray:
    source = _in_utf8(path, whole=what == "labels")
    shape = _Shape.of(source)
    names = shape.names()
    with pyarrow.csv.open_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(column_names=None if names else shape.numbers(), block_size=1 << 24),
        parse_options=pyarrow.csv.ParseOptions(delimiter=shape.delimiter),
        convert_options=pyarrow.csv.ConvertOptions(decimal_point=shape.decimal_point),
    ) as reader:
        loaded = _from_batches(reader.schema, reader, what, path, named=names is not None)
    if what == "labels" and isinstance(loaded.values, list):
        _take_back(shape.cells, loaded.values)
    return loaded


def _take_back(header: list[str], labels: list[Any]) -> None:
    """Put the first line before the labels where it is one of them and no header."""
    if len(header) == 1 and header[0] not in _NAMES["labels"] and header[0] in labels:
        labels.insert(0, header[0])


def _parquet(path: Path, what: str) -> LoadedArray:
    with pyarrow.parquet.ParquetFile(path) as file:
        return _from_batches(file.schema_arrow, file.iter_batches(batch_size=_BATCH), what, path, named=True)


_LOADERS = {".npy": _npy, ".npz": _npz, ".csv": _csv, ".parquet": _parquet}


def _numpy_hint() -> str:
    return _("Save it again with numpy: numbers or texts, no objects (of labels as objects save labels.astype(str)).")


def _choose(names: list[str], what: str, path: Path) -> str:
    known = [name for name in _NAMES[what] if name in names]
    if len(names) == 1 or known:
        return known[0] if known else names[0]
    raise BadcaseError(
        _("several arrays, and none is called {name}").format(name=what),
        where=str(path),
        expected=", ".join(_NAMES[what]),
        got=", ".join(names),
    )


# --- delimited text -------------------------------------------------------------------------------------------------


def _in_utf8(path: Path, *, whole: bool) -> Path | io.BytesIO:
    """The file, or its text in UTF-8 where it (or of a long one, its head) is in another encoding."""
    with path.open("rb") as file:
        head = file.read() if whole else file.read(_HEAD)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return path
    except UnicodeDecodeError:
        text = read_text(path.read_bytes())
        return io.BytesIO(text.decode(text.text).encode())


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a delimited file is written, by its first two lines."""

    cells: list[str]
    delimiter: str
    decimal_point: str

    @classmethod
    def of(cls, source: Path | io.BytesIO) -> _Shape:
        if isinstance(source, Path):
            with source.open(encoding="utf-8-sig") as file:
                first, second = file.readline(), file.readline()
        else:
            first, second = (line.decode() for line in (source.readline(), source.readline()))
            source.seek(0)
        delimiter = ";" if first.count(";") > first.count(",") else ","
        cells = [cell.strip().strip('"') for cell in first.rstrip("\r\n").split(delimiter)]
        return cls(cells, delimiter, "," if delimiter == ";" and "," in second else ".")

    def names(self) -> list[str] | None:
        """The names in the first line, or None where it is a row of numbers; 0, 1, 2, ... are names of classes."""
        if len(self.cells) > 1 and self.cells == self.numbers():
            return self.cells
        try:
            [float(cell.replace(self.decimal_point, ".")) for cell in self.cells]
        except ValueError:
            return self.cells
        return None

    def numbers(self) -> list[str]:
        return [str(i) for i in range(len(self.cells))]


# --- tables -----------------------------------------------------------------------------------------------------------


def _from_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch], what: str, path: Path, *, named: bool) -> LoadedArray:
    names = [name for name in schema.names if name not in ("", "__index_level_0__", "Unnamed: 0")]
    usual = [name for name in _NAMES[what] if name in names]
    if what == "labels" and (len(names) == 1 or usual):
        name = usual[0] if usual else names[0]
        return LoadedArray(_one_column(name, batches))
    if what != "labels" and usual and is_list(schema.field(usual[0]).type):
        names = usual[:1]
    if len(names) == 1 and is_list(schema.field(names[0]).type):
        return LoadedArray(_stacked(_list_rows(batches, names[0], path), path))
    if names and all(pa.types.is_null(schema.field(name).type) for name in names):
        raise BadcaseError(_("no items"), where=str(path), expected=_("at least one"), got=0)
    for name in names:
        kind = schema.field(name).type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            text = _("column {name} is not made of numbers").format(name=name)
            hint = _("Remove columns that are not numbers, such as keys: all columns are read.")
            raise BadcaseError(text, where=str(path), expected=_("numbers"), got=kind, hint=hint)
    return LoadedArray(_stacked(_rows(batches, names), path), names if named else None)


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
