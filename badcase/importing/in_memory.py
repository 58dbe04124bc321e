"""Data that are in memory (frames, data sets, records) as the table of a project, which is then imported like any other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_values import is_string
from badcase.importing.embedding import column_of, embedded_files
from badcase.items.images import is_image_name

SOURCE_FOLDER, _FILE = "source", "data.parquet"
_SAMPLE = 100


def write_data(data: Any, project: Path) -> Path:
    """Write data to source/data.parquet of a project's folder, and return its path.

    Args:
        data: A frame, a data set, a dict of either by split, a list of records, or a dict of columns.
        project: The folder.

    Raises:
        BadcaseError: Where it is none of these, or a column holds what a table cannot.
    """
    table = table_of(data)
    if not len(table) or not table.column_names:
        got = _("{n} rows, {k} columns").format(n=len(table), k=len(table.column_names))
        raise BadcaseError(_("there is nothing in these data"), where="data", expected=_("rows"), got=got)
    folder = project / SOURCE_FOLDER
    folder.mkdir()
    try:
        parquet.write_table(table, folder / _FILE)
    except pa.ArrowException as error:
        hint = _("Leave the column out, or make texts or numbers of it.")
        raise BadcaseError(_("a column cannot be kept in a table"), where="data", got=error, hint=hint) from error
    return folder / _FILE


def how_to_read(table: Path, how: Mapping[str, Any]) -> dict[str, Any]:
    """What a person said of the data; paths of images begin in the working folder, as they do for their own program.

    BadcaseError where it is said of the text of a file, which such data have not.
    """
    if said := next((name for name in ("encoding", "header") if how.get(name) is not None), None):
        hint = _("Leave it out, or pass the path of the file.")
        raise BadcaseError(_("data in memory are no text of a file"), where=said, got=how[said], hint=hint)
    named = how.get("images") is None and _names_images(parquet.read_table(table))
    return {**how, "images": Path.cwd()} if named else dict(how)


def _names_images(table: pa.Table) -> bool:
    """Whether some column tells relative paths of images."""
    heads = [table[name].slice(0, _SAMPLE).to_pylist() for name in table.column_names if is_string(table[name])]
    return any(value and is_image_name(value) and not Path(value).is_absolute() for head in heads for value in head)


def table_of(data: Any) -> pa.Table:
    """The data as an Arrow table, with the names of classes in its metadata where the data declare them."""
    for known, convert in _KINDS:
        if known(data):
            table = embedded_files(convert(data))
            _check_names(table.column_names)
            return table
    raise BadcaseError(
        _("these are no data that a project can be made of"),
        where="data",
        expected=_(
            "a path, a data frame of pandas, polars or pyarrow, a datasets.Dataset or DatasetDict, "
            "a list of dicts or a dict of columns"
        ),
        got=type(data).__name__,
        hint=_hint(data),
    )


def _hint(data: Any) -> str:
    if hasattr(data, "features"):
        return _("A streamed data set has no rows yet: pass list(data.take(n)).")
    if _is_sequence(data) and len(data) and isinstance(data[0], list | tuple):
        return _("Name the columns: a list of dicts such as {{'text': ..., 'label': ...}}.").format()
    return ""


def _check_names(names: Sequence[str]) -> None:
    if twice := next((name for name in names if list(names).count(name) > 1), None):
        hint = _("Rename or leave out one of them.")
        raise BadcaseError(_("two columns have one name"), where="data", got=twice, hint=hint)


# --- frames -----------------------------------------------------------------------------------------------------------


def _is_arrow(data: Any) -> bool:
    return isinstance(data, pa.Table | pa.RecordBatch)


def _of_arrow(data: Any) -> pa.Table:
    return data if isinstance(data, pa.Table) else pa.Table.from_batches([data])


def _is_pandas(data: Any) -> bool:
    return hasattr(data, "iloc") and hasattr(data, "columns")


def _of_pandas(frame: Any) -> pa.Table:
    """The columns, and before them an index that is more than the numbers of the rows."""
    if type(frame.index).__name__ != "RangeIndex":
        taken = set(map(str, frame.columns))
        names = [str(name) if name is not None else "index" for name in frame.index.names]
        if taken.isdisjoint(names):
            frame = frame.reset_index(names=names)
    names = ["_".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame.columns]
    _check_names(names)
    return pa.table([column_of(name, frame.iloc[:, place]) for place, name in enumerate(names)], names=names)


def _is_frame(data: Any) -> bool:
    return hasattr(data, "__arrow_c_stream__") or hasattr(data, "collect_schema")


def _of_frame(frame: Any) -> pa.Table:
    """Polars, and whatever else hands on its columns as Arrow has them; columns of Python objects one by one."""
    if hasattr(frame, "collect_schema") and hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "get_columns"):  # polars: its own types of texts and lists become those that all know
        names = [str(name) for name in frame.columns]
        return pa.table([_of_series(name, frame.get_column(name)) for name in names], names=names)
    return pa.table(frame)


def _of_series(name: str, series: Any) -> pa.Array:
    if str(series.dtype) == "Object":
        return column_of(name, series.to_list())
    return series.to_arrow()


# --- data sets of Hugging Face ----------------------------------------------------------------------------------------


def _is_dataset(data: Any) -> bool:
    return hasattr(data, "features") and hasattr(data, "with_format") and hasattr(data, "num_rows")


def _of_dataset(data: Any) -> pa.Table:
    """All rows in the order of the data set, which may be a choice of those in its files."""
    table: pa.Table = data.with_format("arrow")[:]
    declared = {"info": {"features": data.features.to_dict()}}
    return table.replace_schema_metadata({b"huggingface": json.dumps(declared).encode()})


# --- by split ---------------------------------------------------------------------------------------------------------


def _is_by_split(data: Any) -> bool:
    return isinstance(data, Mapping) and bool(data) and all(map(_is_whole, data.values()))


def _is_whole(data: Any) -> bool:
    return any(known(data) for known in (_is_arrow, _is_pandas, _is_dataset)) or (_is_frame(data) and not _is_column(data))


def _is_column(data: Any) -> bool:
    """Whether this is one column: a series of polars and an array of Arrow stream themselves too."""
    return hasattr(data, "to_list") or isinstance(data, pa.Array | pa.ChunkedArray)


def _of_splits(data: Mapping[Any, Any]) -> pa.Table:
    """The splits one after the other, told apart by a column `split`."""
    tables = []
    for split, part in data.items():
        table = table_of(part)
        if "split" not in table.column_names:
            table = table.append_column("split", pa.array([str(split)] * len(table), pa.string()))
        tables.append(table)
    try:
        whole = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        hint = _("Give a column the same type in each split.")
        raise BadcaseError(_("the splits do not fit each other"), where="data", got=error, hint=hint) from error
    return whole.replace_schema_metadata(next((table.schema.metadata for table in tables if table.schema.metadata), None))


# --- records ----------------------------------------------------------------------------------------------------------


def _is_sequence(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str | bytes)


def _is_records(data: Any) -> bool:
    return _is_sequence(data) and bool(data) and all(_record(one) is not None for one in data)


def _record(one: Any) -> Mapping[Any, Any] | None:
    if isinstance(one, Mapping):
        return one
    if is_dataclass(one) and not isinstance(one, type):
        return asdict(one)
    return one._asdict() if hasattr(one, "_asdict") else None


def _of_records(data: Sequence[Any]) -> pa.Table:
    """A column for each key that occurs, in the order of their first; what a record lacks is missing."""
    records = [_record(one) or {} for one in data]
    names = list(dict.fromkeys(name for record in records for name in record))
    return pa.table([column_of(str(name), [one.get(name) for one in records]) for name in names], names=list(map(str, names)))


def _is_columns(data: Any) -> bool:
    return isinstance(data, Mapping) and bool(data) and all(map(_is_listed, data.values()))


def _is_listed(column: Any) -> bool:
    return hasattr(column, "__len__") and hasattr(column, "__getitem__") and not isinstance(column, str | bytes | Mapping)


def _of_columns(data: Mapping[Any, Any]) -> pa.Table:
    lengths = {str(name): len(column) for name, column in data.items()}
    first, n = next(iter(lengths.items()))
    if odd := next((name for name, length in lengths.items() if length != n), None):
        expected = _("{n}, as in {name}").format(n=n, name=first)
        raise BadcaseError(_("the columns differ in length"), where=odd, expected=expected, got=lengths[odd])
    return pa.table([column_of(str(name), column) for name, column in data.items()], names=list(lengths))


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any], pa.Table]], ...] = (
    (_is_arrow, _of_arrow),
    (_is_pandas, _of_pandas),
    (_is_dataset, _of_dataset),
    (lambda data: _is_frame(data) and not _is_column(data), _of_frame),
    (_is_by_split, _of_splits),
    (_is_columns, _of_columns),
    (_is_records, _of_records),
)
