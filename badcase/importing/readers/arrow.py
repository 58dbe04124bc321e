"""Parquet, Arrow files and streams, Feather; what Hugging Face declared in their metadata is read too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.arrow_bounds import check_messages, check_parquet, check_table
from badcase.importing.arrow_types import is_list, workable
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root
from badcase.items.source import SourcePart
from badcase.out_of_memory import is_out_of_memory


def read_parquet(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read a Parquet file."""
    return _rows("parquet", root, name, open_parquet)


def read_feather(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read an Arrow IPC file or stream, or a Feather file of either version."""
    return _rows("arrow", root, name, open_arrow)


def open_parquet(source: pa.NativeFile, stored: int | None = None) -> pa.Table:
    """The table of a Parquet file, checked as `open_arrow` does; columns of one name are each read."""
    stored = source.size() if stored is None else stored
    check_parquet(source, stored)
    return checked(parquet.ParquetFile(source).read(), stored)


def open_arrow(source: pa.NativeFile, stored: int | None = None) -> pa.Table:
    """The table of an Arrow stream, an Arrow file or a Feather file, checked: a foreign one may point anywhere.

    Args:
        source: The file.
        stored: The bytes that it takes where it lies, which may be packed.

    Raises:
        pa.ArrowInvalid: It is damaged.
        UnicodeDecodeError: A column is called by bytes that are no text.
        BadcaseError: It unfolds to too much.
    """
    stored = source.size() if stored is None else stored
    check_messages(source, stored)
    try:
        table = pa.ipc.open_stream(source).read_all()
    except pa.ArrowInvalid:
        source.seek(0)
        table = feather.read_table(source)
    return checked(table, stored)


def checked(table: pa.Table, stored: int) -> pa.Table:
    """The table, each of whose values lies where its buffers are; the errors are those of `open_arrow`.

    A value that does not would end the process once it is looked at.
    """
    table.validate()  # so that the lengths of its values lie where they should
    check_table(table, stored)
    table.validate(full=True)
    for field in table.schema:
        _read_names(field)
    return table


def _read_names(field: pa.Field) -> None:
    """Decode the name of a field and of those inside it, which Arrow does not check."""
    assert isinstance(field.name, str)
    kind = field.type
    for at in range(kind.num_fields if pa.types.is_struct(kind) else 0):
        _read_names(kind.field(at))
    if is_list(kind):
        _read_names(kind.value_field)


def class_names_of(schema: pa.Schema) -> dict[str, list[str]]:
    """The names that Hugging Face features in a schema's metadata declare for columns of class ids."""
    try:
        declared = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        return class_names_in(declared["info"]["features"])
    except (ValueError, LookupError, TypeError, AttributeError):  # none, or what somebody else calls so
        return {}


def class_names_in(features: Mapping[str, Any]) -> dict[str, list[str]]:
    """The same from the features themselves, as in dataset_info.json."""
    return {
        column: feature["names"]
        for column, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and feature.get("names")
    }


def _rows(format: str, root: Root, name: str, read: Callable[[pa.NativeFile, int], pa.Table]) -> TableRows:
    path = root.path(name)
    try:
        with pa.memory_map(str(path)) if path is not None else pa.BufferReader(root.read(name)) as source:
            table = read(source, root.stored(name))
    except BadcaseError as error:
        error.where = str(root.location / name)
        raise
    except Exception as error:  # a damaged file fails in a dozen ways, and means one thing
        if is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("the table cannot be read"),
            where=str(root.location / name),
            got=error,
            hint=_("The file is damaged or not complete: write it again."),
        ) from error
    numbers = np.arange(1, len(table) + 1)
    parts = (SourcePart(name, len(table)),)
    return TableRows(format, root, parts, workable(table), numbers, class_names=class_names_of(table.schema))
