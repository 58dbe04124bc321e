"""What Parquet and Arrow tables unfold to, told before they are read or before their columns are: see `badcase.size_bounds`.

A few bytes may stand for many rows: one value in a dictionary, a run of equal values, a compressed buffer, a view of a buffer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from badcase.size_bounds import check_unpacked, most_unpacked

_ROW = 8  # bytes that each row takes, whatever it holds: its number
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12, "BYTE_ARRAY": 4}
_AT_ONCE = 65_536
_UNKNOWN = 2**62  # bytes of what tells no bound
_RECORD_BATCH, _DICTIONARY_BATCH = 3, 2  # Arrow's kinds of messages


def check_parquet(source: pa.NativeFile, stored: int) -> None:
    """Refuse a Parquet file that unfolds to too much.

    Args:
        source: The file.
        stored: The bytes that it takes where it lies.

    Raises:
        BadcaseError: It is too much.
    """
    metadata = parquet.ParquetFile(source).metadata
    size = metadata.num_rows * _ROW
    check_unpacked(size, stored)
    repeated: list[tuple[str, int, int]] = []
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(at)
            width = _WIDTHS.get(chunk.physical_type) or max(1, metadata.schema.column(at).length)
            size += chunk.total_uncompressed_size + chunk.num_values * width
            if chunk.physical_type == "BYTE_ARRAY" and any(
                "DICTIONARY" in one or one == "DELTA_BYTE_ARRAY" for one in chunk.encodings
            ):
                repeated.append((chunk.path_in_schema, group, chunk.num_values))
    check_unpacked(size, stored)
    most = most_unpacked(stored)
    readers = {path: parquet.ParquetFile(source, metadata=metadata, read_dictionary=[path]) for path, _group, _values in repeated}
    bounds = [(_most_of(readers[one[0]], *one), one) for one in repeated]
    left = sum(bound for bound, _one in bounds)
    for bound, (path, group, _values) in sorted(bounds, reverse=True):
        if size + left <= most:
            return  # together they are no more, even where each value were as long as the longest
        left -= bound
        size += _repeated(readers[path], source, path, group, most - size)
        check_unpacked(size, stored, known=False)


def _most_of(reader: parquet.ParquetFile, path: str, group: int, values: int) -> int:
    """The bytes that the texts of one column in a row group may have at most, by the longest of its dictionary."""
    try:
        first = next(reader.iter_batches(batch_size=1, row_groups=[group], columns=[path]), None)
        return 0 if first is None else values * max((_longest(one) for one in _dictionaries(first)), default=0)
    except OSError:  # of an encoding that has no dictionary, but may repeat the beginning of the value before
        return _UNKNOWN


def _repeated(reader: parquet.ParquetFile, source: pa.NativeFile, path: str, group: int, most: int) -> int:
    """The bytes of the texts of one column in a row group, or more than `most`."""
    size = 0
    try:
        for batch in reader.iter_batches(batch_size=_AT_ONCE, row_groups=[group], columns=[path]):
            size += sum(map(unfolded, batch.columns))
            if size > most:
                break
        return size
    except OSError:
        size = 0
        for batch in parquet.ParquetFile(source).iter_batches(batch_size=16, row_groups=[group], columns=[path]):
            size += batch.nbytes
            if size > most:
                break
        return size


def _dictionaries(batch: pa.RecordBatch) -> Iterator[pa.Array]:
    """The dictionaries in a batch, however deep they lie."""
    waiting = list(batch.columns)
    while waiting:
        array = waiting.pop()
        if pa.types.is_dictionary(array.type):
            yield array.dictionary
        elif pa.types.is_struct(array.type):
            waiting += [array.field(at) for at in range(array.type.num_fields)]
        elif pa.types.is_map(array.type):
            waiting += [array.keys, array.items]
        elif hasattr(array, "values"):
            waiting.append(array.values)


def _longest(texts: pa.Array) -> int:
    return pc.max(pc.binary_length(texts)).as_py() or 0


def check_messages(source: pa.NativeFile, stored: int) -> None:
    """Refuse an Arrow file or stream whose compressed buffers say that they unfold to too much.

    Raises:
        BadcaseError: They do.
    """
    source.seek(8 if source.read(6) == b"ARROW1" else 0)
    size = 0
    with suppress(pa.ArrowInvalid, OSError, struct.error):  # a damaged one, which whoever reads it tells
        for message in pa.ipc.MessageReader.open_stream(source):
            size += _declared(memoryview(message.metadata), memoryview(message.body or b""))
            check_unpacked(size, stored)
    source.seek(0)


def _declared(head: memoryview, body: memoryview) -> int:
    """The bytes that the compressed buffers of a message say that they unfold to.

    Its head is a flatbuffer of Arrow's Message. Source: https://arrow.apache.org/docs/format/Columnar.html
    """
    message = _followed(head, 0)
    kind, header = _field(head, message, 1), _field(head, message, 2)
    if not kind or not header or head[kind] not in (_RECORD_BATCH, _DICTIONARY_BATCH):
        return 0
    batch = _followed(head, header)
    if head[kind] == _DICTIONARY_BATCH:
        batch = _followed(head, _field(head, batch, 1))
    if not _field(head, batch, 3):  # no compression
        return 0
    buffers = _followed(head, _field(head, batch, 2))
    size = 0
    for number in range(struct.unpack_from("<I", head, buffers)[0]):
        offset, length = struct.unpack_from("<qq", head, buffers + 4 + 16 * number)
        if length >= 8:
            size += max(0, struct.unpack_from("<q", body, offset)[0])
    return size


def _followed(raw: memoryview, at: int) -> int:
    return at + int(struct.unpack_from("<I", raw, at)[0])


def _field(raw: memoryview, table: int, number: int) -> int:
    """Where a field of a table of a flatbuffer lies; 0 where it is not there."""
    names = table - struct.unpack_from("<i", raw, table)[0]
    if 4 + 2 * number >= struct.unpack_from("<H", raw, names)[0]:
        return 0
    offset: int = struct.unpack_from("<H", raw, names + 4 + 2 * number)[0]
    return table + offset if offset else 0


def check_table(table: pa.Table, stored: int) -> None:
    """Refuse a table, whose buffers are valid, whose columns take too much once each row has its own value.

    Raises:
        BadcaseError: They do.
    """
    size = len(table) * _ROW
    check_unpacked(size, stored)
    for column in table.columns:
        for chunk in column.chunks:
            size += unfolded(chunk)
            check_unpacked(size, stored)


def unfolded(array: Any) -> int:
    """The bytes of an array once each row has its own value."""
    types, kind = pa.types, array.type
    if isinstance(kind, pa.BaseExtensionType):
        return unfolded(array.storage)
    if types.is_dictionary(kind):
        return int(array.indices.nbytes + _total(_sizes(array.dictionary).take(array.indices)))
    if types.is_run_end_encoded(kind):
        ends = array.run_ends.cast(pa.int64()).to_numpy()
        return _total(pc.multiply(pa.array(np.diff(ends, prepend=0)), _sizes(array.values)))
    if types.is_string_view(kind) or types.is_binary_view(kind):
        return int(array.nbytes + _total(_sizes(array)))
    if types.is_list_view(kind) or types.is_large_list_view(kind):
        return int(array.nbytes + _total(array.sizes) * (pc.max(_sizes(array.values)).as_py() or 0))
    if types.is_struct(kind):
        return sum(unfolded(array.field(at)) for at in range(kind.num_fields))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _ROW * len(array) + unfolded(array.values)
    return int(array.nbytes)


def _sizes(values: Any) -> pa.Array:
    """(n,) int64 bytes of each value: of texts their own, of others the mean."""
    types, kind = pa.types, values.type
    if types.is_string_view(kind) or types.is_binary_view(kind):
        views = np.frombuffer(values.buffers()[1] or b"", np.int32).reshape(-1, 4)
        return pa.array(views[values.offset : values.offset + len(values), 0].clip(0), pa.int64())
    if types.is_large_string(kind) or types.is_large_binary(kind) or types.is_string(kind) or types.is_binary(kind):
        return pc.add(pc.binary_length(values).cast(pa.int64()), _ROW)
    return pa.array(np.full(len(values), 1 + unfolded(values) // max(1, len(values))), pa.int64())


def _total(sizes: pa.Array) -> int:
    return int(pc.sum(sizes.cast(pa.float64())).as_py() or 0)  # what is hostile may be beyond whole numbers of 64 bits
