"""Arrow types: columns as the kernels of Arrow can work with them, and values in whatever type a column has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SAMPLE = 20


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names, each once: a second "label" is "label (2)"; a nameless one is called by its number."""
    made: dict[str, None] = {}
    again: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        title = plain = name if name.strip() else f"column {number}"
        while title in made:
            again[plain] = again.get(plain, 1) + 1
            title = f"{plain} ({again[plain]})"
        made[title] = None
    return list(made)


def workable(table: pa.Table) -> pa.Table:
    """The table with one name a column, and with types that Arrow can count, compare and take rows of.

    Views, run ends and extension types become what they stand for; bytes that are text throughout become text, and so do times
    that Python has no values for. An export writes into the source itself, so that the types there stay.
    """
    columns = [_workable(column) for column in table.columns]
    metadata = table.schema.metadata
    return pa.table(columns, unique_names(table.column_names)).replace_schema_metadata(metadata)


def _workable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = plain_type(column.type)
    if plain != column.type:
        column = _converted(column, plain)
    if not _has_values(column):
        column = _time_texts(column)
    if is_binary(column.type) and _is_text(column):
        with suppress(pa.ArrowInvalid):  # bytes further down that are no UTF-8
            binary = column.cast(pa.large_binary()) if pa.types.is_fixed_size_binary(column.type) else column
            return binary.cast(pa.large_string())
    return column


def _has_values(column: pa.ChunkedArray) -> bool:
    """Whether Python has values for all times of a column: none lies before year 1 or behind 9999, and the time zone is known."""
    kind = column.type
    try:
        if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
            whole = pa.int32() if kind.bit_width == 32 else pa.int64()
            for end in pc.min_max(column.cast(whole)).as_py().values():
                pa.scalar(end, whole).cast(kind).as_py()
        elif pa.types.is_nested(kind) and _holds_times(kind):
            column.to_pylist()
    except (pa.ArrowException, ValueError, OverflowError, LookupError):
        return False
    return True


def _holds_times(kind: pa.DataType) -> bool:
    inner = [kind.field(at).type for at in range(kind.num_fields)]
    return any(pa.types.is_temporal(one) or (pa.types.is_nested(one) and _holds_times(one)) for one in inner)


def _time_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as Arrow writes them, without a zone that is not known; nothing where it cannot."""
    kind = column.type
    with suppress(pa.ArrowException):
        if pa.types.is_timestamp(kind):
            column = column.cast(pa.int64()).cast(pa.timestamp(kind.unit))
        if pa.types.is_duration(kind):
            column = column.cast(pa.int64())
        return column.cast(pa.large_string())
    return pa.chunked_array([pa.nulls(len(column), pa.large_string())])


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that holds the same values and that every kernel knows; nested types in all their depth."""
    types = pa.types
    if isinstance(kind, pa.UuidType):
        return pa.large_string()
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if types.is_string_view(kind):
        return pa.large_string()
    if types.is_binary_view(kind):
        return pa.large_binary()
    if types.is_decimal32(kind) or types.is_decimal64(kind):
        return pa.decimal128(kind.precision, kind.scale)
    if types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if types.is_dictionary(kind):
        value = plain_type(kind.value_type)
        return kind if value == kind.value_type and not is_binary(value) else value
    if types.is_map(kind):
        key, item = plain_type(kind.key_type), plain_type(kind.item_type)
        return kind if (key, item) == (kind.key_type, kind.item_type) else pa.map_(key, item)
    if types.is_fixed_size_list(kind):
        value = plain_type(kind.value_type)
        return kind if value == kind.value_type else pa.list_(value, kind.list_size)
    if types.is_list_view(kind) or types.is_large_list_view(kind):
        return pa.large_list(plain_type(kind.value_type))
    if types.is_list(kind) or types.is_large_list(kind):
        value = plain_type(kind.value_type)
        make = pa.large_list if types.is_large_list(kind) else pa.list_
        return kind if value == kind.value_type else make(value)
    if types.is_struct(kind):
        fields = [kind.field(at) for at in range(kind.num_fields)]
        plain = [field.with_type(plain_type(field.type)) for field in fields]
        return kind if plain == fields else pa.struct(plain)
    return kind


def is_binary(kind: pa.DataType) -> bool:
    """Whether a type holds bytes."""
    types = pa.types
    tests = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def is_list(kind: pa.DataType) -> bool:
    """Whether a column of this type holds a list in each cell."""
    types = pa.types
    tests = (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_list_view, types.is_large_list_view)
    return any(test(kind) for test in tests)


def _converted(column: pa.ChunkedArray, plain: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_run_end_encoded(column.type):
        chunks = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return _converted(pa.chunked_array(chunks, column.type.value_type), plain)
    if isinstance(column.type, pa.UuidType):
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, plain)])
    if isinstance(column.type, pa.BaseExtensionType):
        return _converted(pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type), plain)
    if column.type == plain:
        return column
    try:
        if "list_view" in str(column.type):
            raise pa.ArrowNotImplementedError  # the cast of Arrow gives lists that do not flatten
        return column.cast(plain)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # a nested type that no kernel takes apart
        return pa.chunked_array([pa.array(chunk.to_pylist(), plain) for chunk in column.chunks], plain)


def _is_text(column: pa.ChunkedArray) -> bool:
    """Whether bytes look like text: the first few are UTF-8 without control characters."""
    sample = [value for value in column.slice(0, _SAMPLE * 50).drop_null().slice(0, _SAMPLE).to_pylist() if value]
    try:
        texts = [value.decode() for value in sample]
    except UnicodeDecodeError:
        return False
    return bool(texts) and all(character.isprintable() or character in "\t\r\n" for text in texts for character in text)


# --- values into a column of any type -----------------------------------------------------------------------------------


def jsonable(values: pa.Array) -> list[Any]:
    """Values as JSON can carry them, so that `typed` makes them again: times as their integers, decimals as digits."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return jsonable(values.cast(kind.value_type))
    if is_decimal(kind):
        return [None if value is None else format(value, "f") for value in values.to_pylist()]
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        narrow = kind.bit_width == 32
        return list(values.cast(pa.int32() if narrow else pa.int64()).to_pylist())
    return list(values.to_pylist())


def is_decimal(kind: pa.DataType) -> bool:
    """Whether a type holds decimal numbers, of any width."""
    return bool(pa.types.is_decimal(kind))


def typed(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """What `jsonable` gave, as an Arrow array of this type."""
    types = pa.types
    if isinstance(kind, pa.UuidType):
        storage = pa.array([None if value is None else UUID(value).bytes for value in values], kind.storage_type)
        return pa.ExtensionArray.from_storage(kind, storage)
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, typed(values, kind.storage_type))
    if types.is_dictionary(kind):
        once = list(dict.fromkeys(value for value in values if value is not None))
        places = [None if value is None else once.index(value) for value in values]
        return pa.DictionaryArray.from_arrays(
            pa.array(places, kind.index_type), typed(once, kind.value_type), ordered=kind.ordered
        )
    if types.is_run_end_encoded(kind):
        return pc.run_end_encode(typed(values, kind.value_type), kind.run_end_type)
    if types.is_float16(kind):
        return pa.array(values, pa.float32()).cast(kind)
    return pa.array([_object(value, kind) for value in values], kind)


def _object(value: Any, kind: pa.DataType) -> Any:
    """A value as Arrow takes it for a type that JSON has not."""
    if isinstance(value, list) and not pa.types.is_map(kind):
        return [_object(one, kind.value_type) for one in value]
    if isinstance(value, dict) and pa.types.is_struct(kind):
        return {name: _object(one, kind.field(name).type) for name, one in value.items()}
    if isinstance(value, str) and is_decimal(kind):
        return Decimal(value)
    if isinstance(value, str) and is_binary(kind):
        return value.encode()
    if isinstance(value, str) and pa.types.is_integer(kind):
        return int(value)  # a column that is text in another table of the data set
    if value is not None and pa.types.is_boolean(kind):
        return bool(value)
    if value is not None and pa.types.is_float16(kind):
        return np.float16(value)
    return value


def replaced(column: pa.ChunkedArray, rows: Sequence[int], values: Sequence[Any]) -> pa.ChunkedArray:
    """The column with other values (as `jsonable` gives them) in some rows (from 0), in the type that it has."""
    if not len(rows):
        return column
    kind = column.type
    new = typed(values, kind)
    places = np.arange(len(column))
    places[list(rows)] = len(column) + np.arange(len(rows))
    try:
        chunks = pa.chunked_array([*column.chunks, new], kind)
        if pa.types.is_dictionary(kind):
            chunks = chunks.unify_dictionaries()
        return chunks.take(pa.array(places))
    except pa.ArrowNotImplementedError:  # a type that Arrow cannot take rows of
        taken = _converted(column, plain_type(kind))
        changed = replaced(taken, rows, values)
        return pa.chunked_array([_back(changed.combine_chunks(), kind)], kind)


def without(column: pa.ChunkedArray, keep: pa.Array) -> pa.ChunkedArray:
    """The rows of a column that are kept, in the type that it has."""
    try:
        return column.filter(keep)
    except pa.ArrowNotImplementedError:
        kept = _converted(column, plain_type(column.type)).filter(keep)
        return pa.chunked_array([_back(kept.combine_chunks(), column.type)], column.type)


def _back(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Workable values in the type that they came in."""
    if isinstance(kind, pa.UuidType):
        return typed(values.to_pylist(), kind)
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, _back(values, kind.storage_type))
    if pa.types.is_run_end_encoded(kind):
        return pc.run_end_encode(_back(values, kind.value_type), kind.run_end_type)
    try:
        return values.cast(kind)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array(values.to_pylist(), kind)
