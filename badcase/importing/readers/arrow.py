"""Parquet, Arrow files and streams, Feather; what Hugging Face declared in their metadata is read too."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.foreign_tables.table_files import OPENERS
from badcase.foreign_tables.trial import try_bytes, try_file
from badcase.i18n import _
from badcase.importing.arrow_types import workable
from badcase.importing.json_layouts.json_text import without_half_characters
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root
from badcase.items.source import SourcePart
from badcase.out_of_memory import is_out_of_memory


def read_parquet(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read a Parquet file."""
    return _rows("parquet", root, name)


def read_feather(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read an Arrow IPC file or stream, or a Feather file of either version."""
    return _rows("arrow", root, name)


def class_names_of(schema: pa.Schema) -> dict[str, list[str]]:
    """The names that Hugging Face features in a schema's metadata declare for columns of class ids."""
    try:
        declared = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        return class_names_in(declared["info"]["features"])
    except (ValueError, LookupError, TypeError, RecursionError):  # none, or what somebody else calls so
        return {}


def class_names_in(features: Any) -> dict[str, list[str]]:
    """The same from the features themselves, as in dataset_info.json; what declares no names is passed over."""
    declared = features.items() if isinstance(features, dict) else ()
    return {
        column: [without_half_characters(name) for name in feature["names"]]
        for column, feature in declared
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and _are_names(feature.get("names"))
    }


def _are_names(names: Any) -> bool:
    return isinstance(names, list) and bool(names) and all(isinstance(name, str) for name in names)


def _rows(format: str, root: Root, name: str) -> TableRows:
    path, where = root.path(name), str(root.location / name)
    try:
        raw = root.read(name) if path is None else b""
        if path is None:
            try_bytes(format, raw, where, root.stored(name))
        else:
            try_file(format, path, where, root.stored(name))
        with pa.BufferReader(raw) if path is None else pa.memory_map(str(path)) as source:
            read = OPENERS[format](source, root.stored(name))
        table = workable(read)
    except BadcaseError as error:
        error.where = where
        raise
    except Exception as error:  # a damaged file fails in a dozen ways, and means one thing
        if is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("the table cannot be read"), where=where, got=error, hint=_("The file is damaged or not complete: write it again.")
        ) from error
    numbers = np.arange(1, len(table) + 1)
    parts = (SourcePart(name, len(table)),)
    return TableRows(format, root, parts, table, numbers, class_names=class_names_of(read.schema))
