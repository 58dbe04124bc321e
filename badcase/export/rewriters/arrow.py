"""Parquet and Arrow: the same schema and metadata, with label columns corrected."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as parquet

from badcase.errors import BadcaseError
from badcase.export.corrections import Corrections
from badcase.foreign_tables.table_files import open_arrow
from badcase.i18n import _
from badcase.importing.arrow_types import replaced, typed, unique_names, without


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
    """An Arrow table with the label columns corrected, each in its own type, and the rows of excluded items left out."""
    names = unique_names(table.column_names)
    rows = [row - 1 for row in corrections.labels]
    columns = list(table.columns)
    for column, spellings in corrections.written.items():
        at = names.index(column)
        values = [spellings[label] for label in corrections.labels.values()]
        try:
            columns[at] = replaced(columns[at], rows, values)
        except (pa.ArrowException, ArithmeticError, ValueError, TypeError) as error:
            raise BadcaseError(
                _("a corrected label does not fit the type of its column"),
                where=column,
                expected=columns[at].type,
                got=next((value for value in values if not _fits(value, columns[at].type)), ""),
                hint=_("Export to another format, such as JSON lines."),
            ) from error
    if corrections.dropped:
        keep = pa.array([row not in corrections.dropped for row in range(1, len(table) + 1)])
        columns = [without(column, keep) for column in columns]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _fits(value: object, kind: pa.DataType) -> bool:
    try:
        typed([value], kind)
    except (pa.ArrowException, ArithmeticError, ValueError, TypeError):
        return False
    return True
