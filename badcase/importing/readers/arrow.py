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
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root
from badcase.items.source import SourcePart


def read_parquet(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read a Parquet file."""
    return _rows("parquet", root, name, parquet.read_table)


def read_feather(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read an Arrow IPC file or stream, or a Feather file of either version."""
    return _rows("arrow", root, name, open_arrow)


def open_arrow(source: pa.NativeFile) -> pa.Table:
    """The table of an Arrow stream, an Arrow file or a Feather file."""
    try:
        return pa.ipc.open_stream(source).read_all()
    except pa.ArrowInvalid:
        source.seek(0)
        return feather.read_table(source)


def class_names_of(schema: pa.Schema) -> dict[str, list[str]]:
    """The names that Hugging Face features in a schema's metadata declare for columns of class ids."""
    declared = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    return class_names_in(declared.get("info", {}).get("features", {}))


def class_names_in(features: Mapping[str, Any]) -> dict[str, list[str]]:
    """The same from the features themselves, as in dataset_info.json."""
    return {
        column: feature["names"]
        for column, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and feature.get("names")
    }


def _rows(format: str, root: Root, name: str, read: Callable[[pa.NativeFile], pa.Table]) -> TableRows:
    path = root.path(name)
    try:
        with pa.memory_map(str(path)) if path is not None else pa.BufferReader(root.read(name)) as source:
            table = read(source)
    except (pa.ArrowException, OSError) as error:
        raise BadcaseError(
            _("the table cannot be read"), where=str(root.location / name), got=error, hint=_("Is the file complete?")
        ) from error
    numbers = np.arange(1, len(table) + 1)
    return TableRows(format, root, (SourcePart(name, len(table)),), table, numbers, class_names=class_names_of(table.schema))
