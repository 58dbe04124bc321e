"""Table files with corrections in: single fields of text formats replaced, every other byte as it was."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]

import pyarrow as pa
import pyarrow.parquet as parquet

from badcase.export.corrections import Corrections
from badcase.importing.delimited import Delimited, read_delimited
from badcase.importing.encodings import SourceText, read_text
from badcase.importing.readers.arrow import open_arrow
from badcase.importing.readers.csv import header_of

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"


def rewrite(name: str, raw: bytes, format: str, corrections: Corrections) -> bytes:
    """The bytes of one table file with the corrections in; the very same bytes where there are none."""
    if not corrections:
        return raw
    if not name.lower().endswith(".gz"):
        return TABLES[format](name, raw, corrections)
    return gzip.compress(TABLES[format](name, gzip.decompress(raw), corrections), mtime=0)


def rewrite_csv(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """A delimited table: label fields replaced in their own quoting, lines of excluded items left out."""
    file = read_delimited(read_text(raw), name)
    return file.source.to_bytes("".join(_csv_pieces(file, name, corrections)))


def _csv_pieces(file: Delimited, name: str, corrections: Corrections) -> Iterator[str]:
    text, done = file.source.text, 0
    records = file.records()
    first = next(records)
    header = header_of(file, first, name)
    columns = {header.index(column): values for column, values in corrections.written.items()}
    for row, record in enumerate(records, 1):
        if row in corrections.dropped:
            yield text[done : record.start]
            done = record.end
        elif row in corrections.labels:
            for at, values in sorted(columns.items()):
                start, end = record.fields[at]
                yield text[done:start]
                yield file.written(values[corrections.labels[row]], record.fields[at], header=first.fields[at])
                done = end
    yield text[done:]


def rewrite_jsonl(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """JSON lines: the values of the label fields replaced, lines of excluded items left out."""
    source = read_text(raw)
    return source.to_bytes("".join(_jsonl_lines(source, corrections)))


def _jsonl_lines(source: SourceText, corrections: Corrections) -> Iterator[str]:
    row = 0
    for line in _lines(source.text):
        row += bool(line.strip())
        if line.strip() and row in corrections.dropped:
            continue
        if line.strip() and row in corrections.labels:
            values = {column: spellings[corrections.labels[row]] for column, spellings in corrections.written.items()}
            yield source.encode(_with_values(source.decode(line), values))
        else:
            yield line


def _lines(text: str) -> Iterator[str]:
    """Lines with their newline; only "\\n" ends a line of JSON, other separators may stand inside strings."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _with_values(line: str, values: dict[str, object]) -> str:
    """The line of one JSON object with the values of these keys replaced."""
    pieces, done = [], 0
    at = line.index("{") + 1
    while line[at := _skip(line, at)] != "}":
        if line[at] == ",":
            at = _skip(line, at + 1)
        key, at = scanstring(line, at + 1)
        start = _skip(line, _skip(line, at) + 1)
        at = _DECODER.raw_decode(line, start)[1]
        if key in values:
            pieces += [line[done:start], json.dumps(values[key], ensure_ascii="\\u" in line)]
            done = at
    return "".join([*pieces, line[done:]])


def _skip(line: str, at: int) -> int:
    while line[at] in _BLANK:
        at += 1
    return at


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


TABLES: dict[str, Callable[[str, bytes, Corrections], bytes]] = {
    "csv": rewrite_csv,
    "jsonl": rewrite_jsonl,
    "parquet": rewrite_parquet,
    "arrow": rewrite_arrow,
    "hf": rewrite_arrow,
}
