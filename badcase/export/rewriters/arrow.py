"""Parquet and Arrow: the same schema and metadata, with label columns corrected."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as parquet

from badcase.export.corrections import Corrections
from badcase.importing.readers.arrow import open_arrow


def rewrite_parquet(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """A Parquet file with the same schema, metadata, compression and size of row groups."""
    file = parquet.ParquetFile(io.BytesIO(raw))
    group = file.metadata.row_group(0) if file.metadata.num_row_groups else None
    compression = group.column(0).compression.lower() if group else "snappy"
    sink = io.BytesIO()
    parquet.write_table(
        corrected(file.read(), corrections),
        sink,
        compression="none" if compression == "uncompressed" else compression,
        row_group_size=max(1, group.num_rows) if group else None,
    )
    return sink.getvalue()


def rewrite_arrow(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """An Arrow file or stream, as which it came, with the same schema and metadata."""
    table = corrected(open_arrow(pa.BufferReader(raw)), corrections)
    sink = io.BytesIO()
    is_file = raw.startswith((b"ARROW1", b"FEA1"))
    with (pa.ipc.new_file if is_file else pa.ipc.new_stream)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def corrected(table: pa.Table, corrections: Corrections) -> pa.Table:
    """An Arrow table with the label columns corrected and the rows of excluded items left out."""
    for column, spellings in corrections.written.items():
        at = table.schema.get_field_index(column)
        field = table.schema.field(at)
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        values = table.column(at).cast(plain).to_pylist()
        for row, label in corrections.labels.items():
            values[row - 1] = spellings[label]
        array = pa.array(values, plain)
        table = table.set_column(at, field, array.cast(field.type) if plain != field.type else array)
    if corrections.dropped:
        keep = [row not in corrections.dropped for row in range(1, len(table) + 1)]
        table = table.filter(pa.array(keep))
    return table
