"""What stands in a column of a table: its values as text, and whether they can be images, or classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from badcase.i18n import _
from badcase.importing.arrow_types import is_binary
from badcase.items.images import is_inline_image

SAMPLE = 1000  # rows that are looked at
_MOST_CLASSES = 10_000


def strings(column: pa.ChunkedArray) -> list[str | None]:
    """Every value as text; whole floats as integers ("3", not "3.0"), missing and NaN as None."""
    column = plain_values(column)
    if is_string(column):
        return list(column.to_pylist())
    if pa.types.is_floating(column.type):
        short = np.float32 if column.type.bit_width <= 32 else float  # "0.1", not all the digits of its nearest float64
        return [
            None if v is None or v != v else str(int(v)) if float(v).is_integer() else str(short(v)) for v in column.to_pylist()
        ]
    if is_binary(column.type) or pa.types.is_nested(column.type):
        return [None if value is None else _said(value) for value in column.to_pylist()]
    try:
        return [None if value is None else str(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # moments that Python's own calendar does not hold, or not so finely
        return list(column.cast(pa.large_string()).to_pylist())


def _said(value: Any) -> str:
    """A value that is no text as a short one; never the bytes of an image."""
    if isinstance(value, bytes):
        return _("{n} bytes").format(n=len(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_said(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_said, value)) + "]"
    return str(value)


def is_string(column: pa.ChunkedArray) -> bool:
    """Whether a column holds text (plain or dictionary-encoded)."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_embedded_image(column: pa.ChunkedArray) -> bool:
    """Whether a column holds images: their bytes, a struct with bytes in it as Hugging Face stores them, or base64."""
    kind = column.type
    if pa.types.is_struct(kind):
        at = kind.get_field_index("bytes")
        if at < 0 or not (is_binary(kind.field(at).type) or kind.get_field_index("path") >= 0):
            return False
        held = any(chunk.field(at).null_count < len(chunk) for chunk in column.chunks)
        return held or kind.get_field_index("path") < 0  # without any bytes the paths tell where the images are
    if is_string(column):
        return is_inline_image(next((value for value in column.slice(0, SAMPLE).to_pylist() if value), ""))
    return is_binary(kind) and not pa.types.is_fixed_size_binary(kind)


def plain_values(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values of a dictionary, which Arrow cannot count."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def can_be_label(column: pa.ChunkedArray) -> bool:
    column = plain_values(column)
    kind = column.type
    fits = is_string(column) or pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)
    return bool(fits) and not pa.types.is_temporal(kind) and 0 < pc.count_distinct(column).as_py() <= _MOST_CLASSES


def same_classes(table: pa.Table, one: str, other: str) -> bool:
    """Whether two columns are one labelling in two spellings: their values stand in a one-to-one relation."""
    if not (can_be_label(table[one]) and can_be_label(table[other])):
        return False
    a, b = _codes(table[one]), _codes(table[other])
    both = (a >= 0) & (b >= 0)
    pairs = len(np.unique(np.stack([a[both], b[both]]), axis=1).T)
    return pairs == len(np.unique(a[both])) == len(np.unique(b[both])) and pairs > 0


def _codes(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    column = plain_values(column)
    if is_string(column):
        column = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    indices = column.dictionary_encode().combine_chunks().indices
    return np.asarray(pc.fill_null(indices, -1).to_numpy(zero_copy_only=False), np.int64)
