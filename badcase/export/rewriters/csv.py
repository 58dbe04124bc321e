"""CSV and TSV: single fields replaced in their own quoting, every other byte as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from badcase.errors import BadcaseError
from badcase.export.corrections import Corrections
from badcase.export.rewriters.exact import check_exact
from badcase.i18n import _
from badcase.importing.json_layouts.label_studio import choices_text
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import OpenTable


def rewrite_csv(name: str, raw: bytes, corrections: Corrections, options: ReadOptions = NOTICED) -> bytes:
    """A delimited table: label fields replaced in their own quoting, lines of excluded items left out."""
    table = OpenTable.of(raw, name, options)
    source = table.file.source
    check_exact(source, raw, name)
    return source.to_bytes("".join(_csv_pieces(table, corrections)))


def _csv_pieces(table: OpenTable, corrections: Corrections) -> Iterator[str]:
    file, head = table.file, table.head
    text, done = file.source.text, 0
    columns = {_place(head.columns, column): values for column, values in corrections.written.items()}
    titles = [] if head.header is None else head.header.fields
    for row, record in enumerate(table.records(), 1):
        if row in corrections.dropped:
            yield text[done : record.start]
            done = record.end
        elif row in corrections.labels:
            for at, values in sorted(columns.items()):
                start, end = record.fields[at]
                yield text[done:start]
                header = titles[at] if at < len(titles) else None
                value = values[corrections.labels[row]]
                cell = choices_text(value) if isinstance(value, list) else value
                yield file.written(cell, record.fields[at], header=header)
                done = end
    yield text[done:]


def _place(columns: Sequence[str], name: str) -> int:
    try:
        return columns.index(name)
    except ValueError as error:
        hint = _("Was the table written anew, or is the project damaged? `badcase doctor PROJECT` tells.")
        what = _("there is no such column")
        raise BadcaseError(what, where=name, expected=name, got=", ".join(columns), hint=hint) from error
