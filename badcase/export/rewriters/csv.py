"""CSV and TSV: single fields replaced in their own quoting, every other byte as it was."""

from __future__ import annotations

from collections.abc import Iterator

from badcase.export.corrections import Corrections
from badcase.importing.delimited import Delimited, read_delimited
from badcase.importing.encodings import read_text
from badcase.importing.readers.csv import header_of


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
