"""CSV and TSV, packed with gzip or not."""

from __future__ import annotations

import gzip
import zlib

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.delimited import Delimited, Record, read_delimited
from badcase.importing.encodings import read_text
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.source import SourcePart

_BLOCK = 65_536  # rows that are held as Python strings at once


def read_bytes(root: Root, name: str) -> bytes:
    """The bytes of a table, unpacked where it is a .gz."""
    try:
        raw = root.read(name)
        return gzip.decompress(raw) if name.lower().endswith(".gz") else raw
    except (OSError, EOFError, zlib.error) as error:
        raise BadcaseError(
            _("the table cannot be read"), where=str(root.location / name), got=error, hint=_("Is the file complete?")
        ) from error


def read_csv(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read a delimited table with a header line; a row of the wrong length is set aside."""
    file = read_delimited(read_text(read_bytes(root, name), options.encoding), name)
    records = file.records()
    header = header_of(file, next(records, None), name)
    columns: list[list[str]] = [[] for _name in header]
    batches: list[pa.RecordBatch] = []
    numbers: list[int] = []
    bad: list[SetAside] = []
    number = 0
    for number, record in enumerate(records, 1):
        try:
            values = [file.value(span) for span in record.fields]
        except UnicodeDecodeError:
            values, problem = [], _("a byte that is not {encoding}").format(encoding=file.source.encoding)
        else:
            problem = _("{n} fields where the header has {m}").format(n=len(values), m=len(header))
        if len(values) != len(header):
            remedy = _("Correct the quoting of this row.") if values else _("Save the file in one encoding, best UTF-8.")
            bad.append(SetAside(number, str(number), _("{name}, row {row}").format(name=name, row=number), problem, remedy))
            continue
        numbers.append(number)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
        if len(numbers) % _BLOCK == 0:
            batches.append(_batch(header, columns))
            columns = [[] for _name in header]
    batches.append(_batch(header, columns))
    return TableRows(
        format="csv",
        root=root,
        parts=(SourcePart(name, number),),
        table=pa.Table.from_batches(batches),
        number=np.asarray(numbers, np.int64),
        bad=bad,
        details={"encoding": file.source.encoding, "delimiter": file.delimiter},
    )


def header_of(file: Delimited, record: Record | None, name: str) -> list[str]:
    """The column names of the first record, made unique; a nameless column gets its number."""
    if record is None:
        raise BadcaseError(_("the table is empty"), where=name, hint=_("Choose a file with a header line and rows."))
    names: list[str] = []
    for number, span in enumerate(record.fields, 1):
        title = file.value(span).strip() or f"column {number}"
        if "\0" in title:
            raise BadcaseError(_("this is not a text table"), where=name, hint=_("Choose a CSV or TSV file."))
        names.append(title if title not in names else f"{title} ({number})")
    return names


def _batch(header: list[str], columns: list[list[str]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(column, pa.large_string()) for column in columns], header)
