"""Arrays from files that others wrote: .npy, .npz, .csv, .parquet and more, a matrix as one block of numbers."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet

from badcase.errors import BadcaseError
from badcase.foreign_tables.table_files import open_arrow, open_parquet
from badcase.foreign_tables.trial import try_file
from badcase.i18n import _
from badcase.importing.arrays.delimited_numbers import delimited_table, read_delimited
from badcase.importing.arrays.loaded_array import CLASS_NAMES, USUAL_NAMES, LoadedArray, array_of_table, is_key_name
from badcase.importing.arrow_types import is_list
from badcase.items.whole_files import require_whole
from badcase.out_of_memory import is_out_of_memory
from badcase.size_bounds import check_zip

_LAST_CHARACTER = 0x10FFFF
_BATCH = 65_536  # rows of a table that are numbers and Arrow at once


def load_array(path: Path, what: str) -> LoadedArray:
    """Read labels, probs or features. A .npy is memory-mapped; a table becomes float32 batch by batch.

    .npz: its only array, or the one with the usual name; an array of keys (id, key, file, ...) beside it tells the items
    of its rows, one called classes the names of its columns. A table of labels: the column with the usual name, else its
    only column that is no key, else all columns as a matrix. Columns that are no numbers, and keys, stand beside the
    matrix. A .csv whose first line is numbers has no header; it may be set apart by semicolons, then with decimal commas,
    and its text in any encoding that a data set may have. BadcaseError names the file.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        kinds = ", ".join(ENDINGS)
        raise BadcaseError(_("unknown kind of file"), where=str(path), expected=kinds, got=path.suffix or path.name)
    if not path.is_file():
        raise BadcaseError(_("there is no such file"), where=str(path), hint=_("Check the path."))
    require_whole(path)
    try:
        loaded = ENDINGS[ending](path, what)
        if isinstance(loaded.values, np.ndarray) and not loaded.values.ndim:
            raise ValueError(_("it holds one value, and no rows"))
        _check_characters(loaded.values)
        return loaded
    except (BadcaseError, MemoryError):
        raise
    except Exception as error:  # a damaged file fails in a dozen ways, and means one thing
        if is_out_of_memory(error):
            raise
        hint = _numpy_hint() if ending.startswith(".np") else _("Is the file complete?")
        raise BadcaseError(_("cannot be read"), where=str(path), got=error, hint=hint) from error


def load_table(path: Path) -> pa.Table:
    """A table with whatever it has, such as keys alone; texts and keys of delimited text stay texts."""
    try:
        return _TABLES[path.suffix.lower()](path)
    except (BadcaseError, MemoryError):
        raise
    except Exception as error:  # as above
        if is_out_of_memory(error):
            raise
        raise BadcaseError(_("cannot be read"), where=str(path), got=error, hint=_("Is the file complete?")) from error


def _npy(path: Path, what: str) -> LoadedArray:
    _check_start(path, b"\x93NUMPY")
    return LoadedArray(np.load(path, mmap_mode="r", allow_pickle=False))


def _npz(path: Path, what: str) -> LoadedArray:
    _check_start(path, b"PK")
    with path.open("rb") as file:
        check_zip(file, path.stat().st_size, str(path))
        _check_lengths(file, path)
        file.seek(0)
        return _of_arrays(file, path, what)


def _of_arrays(file: BinaryIO, path: Path, what: str) -> LoadedArray:
    with np.load(file, allow_pickle=False) as arrays:  # numpy leaves a broken one open
        names = list(arrays)
        if len(names) == 1:
            return LoadedArray(_member(arrays, names[0]))
        chosen = _choose(names, what, path)
        values = _member(arrays, chosen)
        rivals = [name for name in USUAL_NAMES[what] if name in names and name != chosen] if what == "labels" else []
        others = {name: _member(arrays, name) for name in names if is_key_name(name) or name in CLASS_NAMES}
    keys = {name: pa.chunked_array([array.tolist()]) for name, array in others.items() if array.shape == values.shape[:1]}
    columns = [others[name] for name in CLASS_NAMES if name in others and others[name].shape == values.shape[1:]]
    called = [str(name) for name in columns[0].tolist()] if columns else None
    return LoadedArray(values, called, keys, [chosen, *rivals] if rivals else ())


def _check_lengths(file: BinaryIO, path: Path) -> None:
    """BadcaseError where an array says that it is longer than its file: numpy would take memory for what it says."""
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            with archive.open(info) as member:
                claimed = _claimed(member)
            if claimed > info.file_size:
                expected, got = _("at most {n} bytes").format(n=info.file_size), claimed
                what, where = _("an array is longer than its file"), f"{path}, {info.filename}"
                raise BadcaseError(what, where=where, expected=expected, got=got, hint=_numpy_hint())


def _claimed(member: IO[bytes]) -> int:
    """The bytes that an array says it has; 0 where it is none, which numpy tells."""
    try:
        version = np.lib.format.read_magic(member)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _fortran, dtype = header(member)
    except ValueError:
        return 0
    return math.prod(shape) * dtype.itemsize


def _member(arrays: Any, name: str) -> Any:
    """An array of an .npz."""
    array = arrays[name]
    if not isinstance(array, np.ndarray):
        raise ValueError(_("{name} is no array").format(name=name))
    _check_characters(array)
    return array


def _check_characters(values: Any) -> None:
    """ValueError where texts of NumPy hold what is no character, which Python cannot compare."""
    if getattr(values, "dtype", None) is not None and values.dtype.kind == "U" and values.dtype.itemsize and values.size:
        codes = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="))).view(np.uint32)
        if codes.max() > _LAST_CHARACTER or ((codes >= 0xD800) & (codes <= 0xDFFF)).any():
            raise ValueError(_("it holds texts with characters that do not exist"))


def _check_start(path: Path, expected: bytes) -> None:
    """BadcaseError where a file begins otherwise: numpy would take it for a pickle, and advise to trust it."""
    with path.open("rb") as file:
        start = file.read(len(expected))
    if start != expected:
        what = _("this is no {ending} file").format(ending=path.suffix)
        raise BadcaseError(what, where=str(path), got=start or _("an empty file"), hint=_numpy_hint())


def _parquet(path: Path, what: str) -> LoadedArray:
    try_file("parquet", path, str(path))
    with pyarrow.parquet.ParquetFile(path) as file:
        if any(pa.types.is_struct(column.type) or _is_scored(column.type) for column in file.schema_arrow):
            return array_of_arrow(file.read(), what, str(path))
        return array_of_table(file.schema_arrow, file.iter_batches(batch_size=_BATCH), what, str(path))


def _feather(path: Path, what: str) -> LoadedArray:
    return array_of_arrow(_feather_table(path), what, str(path))


def _feather_table(path: Path) -> pa.Table:
    try_file("arrow", path, str(path))
    with pa.memory_map(str(path)) as source:
        return open_arrow(source)


def _parquet_table(path: Path) -> pa.Table:
    try_file("parquet", path, str(path))
    with pa.memory_map(str(path)) as source:
        return open_parquet(source)


def _json_lines(path: Path, what: str) -> LoadedArray:
    return array_of_arrow(_lines_table(path), what, str(path))


def _lines_table(path: Path) -> pa.Table:
    try_file("jsonl", path, str(path))
    return pyarrow.json.read_json(path)


def _json(path: Path, what: str) -> LoadedArray:
    return array_of_arrow(_json_table(path, what), what, str(path))


def _json_table(path: Path, what: str = "value") -> pa.Table:
    """A list of rows, or an object that has the row of each key: {"cat.jpg": {"cat": 0.9, "dog": 0.1}}."""
    read: Any = json.loads(path.read_bytes())
    if isinstance(read, dict):
        read = [{"key": key, **(row if isinstance(row, dict) else {what: row})} for key, row in read.items()]
    if not isinstance(read, list) or not all(isinstance(row, dict) for row in read):
        got = type(read).__name__
        raise BadcaseError(_("not a table"), where=str(path), expected=_("a list of objects, one a row"), got=got)
    return pa.Table.from_pylist(read)


def array_of_arrow(table: pa.Table, what: str, where: str) -> LoadedArray:
    """The same of a table in memory; objects in its cells are taken apart, as "probs.cat"."""
    for place, column in enumerate(table.schema):
        if _is_scored(column.type):
            table = _scores_apart(table.remove_column(place), table.column(place), column.name)
            break
    while any(pa.types.is_struct(column.type) for column in table.schema):
        table = table.flatten()
    return array_of_table(table.schema, table.to_batches(_BATCH), what, where)


def _is_scored(kind: pa.DataType) -> bool:
    """Whether each cell is a list of a class and its number, as pipelines answer: [{"label": "cat", "score": 0.9}, ...]."""
    if not is_list(kind) or not pa.types.is_struct(kind.value_type) or kind.value_type.num_fields != 2:
        return False
    first, second = sorted((kind.value_type.field(i).type for i in range(2)), key=pa.types.is_floating)
    return pa.types.is_string(first) and pa.types.is_floating(second)


def _scores_apart(table: pa.Table, column: pa.ChunkedArray, name: str) -> pa.Table:
    """The table with a column for each class, called as `name` and it; a class that a row does not name is NaN there."""
    fields = [column.type.value_type.field(i) for i in range(2)]
    word, number = (one.name for one in sorted(fields, key=lambda one: pa.types.is_floating(one.type)))
    rows = [{one[word]: one[number] for one in cell or ()} for cell in column.to_pylist()]
    for label in dict.fromkeys(label for row in rows for label in row):
        table = table.append_column(f"{name}.{label}", pa.array([row.get(label, np.nan) for row in rows], pa.float64()))
    return table


ENDINGS = {
    ".npy": _npy,
    ".npz": _npz,
    ".csv": read_delimited,
    ".parquet": _parquet,
    ".tsv": read_delimited,
    ".feather": _feather,
    ".arrow": _feather,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
}
_TABLES = {
    ".csv": delimited_table,
    ".tsv": delimited_table,
    ".parquet": _parquet_table,
    ".feather": _feather_table,
    ".arrow": _feather_table,
    ".jsonl": _lines_table,
    ".ndjson": _lines_table,
    ".json": _json_table,
}


def _numpy_hint() -> str:
    return _("Save it again with numpy: numbers or texts, no objects (of labels as objects save labels.astype(str)).")


def _choose(names: list[str], what: str, path: Path) -> str:
    known = [name for name in USUAL_NAMES[what] if name in names]
    rest = [name for name in names if not is_key_name(name) and name not in CLASS_NAMES]
    if len(rest) == 1 or known:
        return known[0] if known else rest[0]
    raise BadcaseError(
        _("several arrays, and none is called {name}").format(name=what),
        where=str(path),
        expected=", ".join(USUAL_NAMES[what]),
        got=", ".join(names),
    )
