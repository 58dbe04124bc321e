"""The source's own columns in files that know fewer types: JSON and CSV values, plain Arrow types, Hugging Face features."""

from __future__ import annotations

import base64
import json
import math
import re
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TIMES = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


# --- JSON and CSV ---------------------------------------------------------------------------------------------------


def json_values(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """(n,) values that JSON can hold: times in ISO 8601, bytes in Base64, durations in seconds, NaN and infinity as null."""
    if isinstance(column, pa.ChunkedArray):
        return [value for chunk in column.chunks for value in json_values(chunk)]
    kind, types = column.type, pa.types
    if str(kind) == "extension<arrow.uuid>":
        return [None if value is None else str(value) for value in column.to_pylist()]
    if isinstance(kind, pa.BaseExtensionType):
        return json_values(column.storage)
    if types.is_dictionary(kind):
        return json_values(column.dictionary_decode())
    if types.is_run_end_encoded(kind):
        return json_values(pc.run_end_decode(column))
    if types.is_map(kind) or _is_list(kind) or types.is_struct(kind):
        return _nested_values(column)
    if types.is_floating(kind):
        return [None if value is None or not math.isfinite(value) else value for value in _short_floats(column)]
    if types.is_timestamp(kind):
        return _iso(column)
    if types.is_date(kind) or types.is_time(kind) or types.is_decimal(kind):
        return [None if value is None else str(value) for value in pc.cast(column, pa.string()).to_pylist()]
    if types.is_duration(kind):
        return [None if v is None else v / _TIMES[kind.unit] for v in column.cast(pa.int64()).to_pylist()]
    if "binary" in str(kind):
        return [None if value is None else base64.b64encode(value).decode() for value in column.to_pylist()]
    plain = types.is_null(kind) or types.is_boolean(kind) or types.is_integer(kind) or "string" in str(kind)
    values: list[Any] = column.to_pylist()
    return values if plain else [None if value is None else str(value) for value in values]


def csv_values(column: pa.ChunkedArray) -> list[Any]:
    """(n,) what stands in the cells of a CSV file: as in JSON, a list or structure as JSON text; NaN and infinity by name."""
    kind = column.type
    if pa.types.is_floating(kind):
        return [value for chunk in column.chunks for value in _short_floats(chunk)]
    return [json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict) else v for v in json_values(column)]


def _nested_values(column: pa.Array) -> list[Any]:
    kind, types = column.type, pa.types
    gone = column.is_null().to_pylist()
    if types.is_struct(kind):
        names = [kind.field(at).name for at in range(kind.num_fields)]
        columns = [json_values(part) for part in column.flatten()]
        rows = zip(*columns, strict=True) if columns else ((),) * len(column)
        return [None if empty else dict(zip(names, row, strict=True)) for empty, row in zip(gone, rows, strict=True)]
    if types.is_map(kind):
        pairs = column.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)])))
        return [None if row is None else {str(one["key"]): one["value"] for one in row} for row in json_values(pairs)]
    flat = iter(json_values(column.flatten()))  # of the rows that are not null, in order
    lengths = pc.list_value_length(column).to_pylist()
    return [None if empty else list(islice(flat, length)) for empty, length in zip(gone, lengths, strict=True)]


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    views = any(getattr(types, name, lambda _kind: False)(kind) for name in ("is_list_view", "is_large_list_view"))
    return types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) or views


def _short_floats(column: pa.Array) -> list[Any]:
    """Numbers with the digits that their own type has: 0.1 in 32 bits is no 0.10000000149."""
    values: list[Any] = column.to_pylist()
    if pa.types.is_float64(column.type):
        return values
    narrow = np.float32 if pa.types.is_float32(column.type) else np.float16
    return [None if value is None else float(str(narrow(value))) for value in values]


def _iso(column: pa.Array) -> list[Any]:
    """Times as text; those of a zone in UTC."""
    end = "Z" if column.type.tz is not None else ""
    texts = pc.cast(column.cast(pa.timestamp(column.type.unit)), pa.string()).to_pylist()
    return [None if text is None else re.sub(r"\.0+$", "", text.replace(" ", "T")) + end for text in texts]


# --- Arrow ----------------------------------------------------------------------------------------------------------


def plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same in types that Parquet and Hugging Face data sets have; what has none becomes JSON text."""
    try:
        kind = _plain(column.type)
        if "list_view" in str(column.type):  # whose cast loses the end of a column with nulls
            return pa.chunked_array([pa.array(column.to_pylist(), kind)])
        return column if kind.equals(column.type) else column.cast(kind)
    except (pa.ArrowException, TypeError, ValueError):
        values = json_values(column)
        texts = [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
        return pa.chunked_array([pa.array(texts, pa.large_string())])


def _plain(kind: pa.DataType) -> pa.DataType:
    """The nearest type that every reader knows; TypeError where there is none."""
    types = pa.types
    if str(kind) == "extension<arrow.uuid>":
        raise TypeError(kind)
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return _plain(kind.value_type)
    if types.is_large_list(kind):
        return pa.large_list(_plain(kind.value_type))
    if _is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if types.is_map(kind):
        return pa.list_(pa.struct([("key", _plain(kind.key_type)), ("value", _plain(kind.item_type))]))
    if types.is_struct(kind) and kind.num_fields:
        return pa.struct([(kind.field(at).name, _plain(kind.field(at).type)) for at in range(kind.num_fields)])
    if types.is_decimal(kind):
        wide = types.is_decimal256(kind)
        return (pa.decimal256 if wide else pa.decimal128)(kind.precision, kind.scale)
    if str(kind) == "string_view":
        return pa.large_string()
    if "binary" in str(kind):
        return pa.large_binary() if str(kind) == "large_binary" else pa.binary()
    times = types.is_temporal(kind) and not types.is_interval(kind)
    numbers = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    if times or numbers or types.is_null(kind) or types.is_string(kind) or types.is_large_string(kind):
        return kind
    raise TypeError(kind)


# --- Hugging Face ---------------------------------------------------------------------------------------------------

_OWN_NAMES = {"halffloat": "float16", "float": "float32", "double": "float64", "date32[day]": "date32", "date64[ms]": "date64"}


def hf_feature(kind: pa.DataType) -> Any:
    """The Hugging Face feature of a type that `plain_column` gave, as its JSON has it."""
    if pa.types.is_list(kind):
        return [hf_feature(kind.value_type)]  # every version of the library reads lists so
    if pa.types.is_large_list(kind):
        return {"feature": hf_feature(kind.value_type), "_type": "LargeList"}
    if pa.types.is_struct(kind):
        return {kind.field(at).name: hf_feature(kind.field(at).type) for at in range(kind.num_fields)}
    return {"dtype": _OWN_NAMES.get(str(kind), str(kind)), "_type": "Value"}


def hf_metadata(features: dict[str, Any]) -> dict[str, str]:
    """What the library looks for in the schema of a file."""
    return {"huggingface": json.dumps({"info": {"features": features}})}
