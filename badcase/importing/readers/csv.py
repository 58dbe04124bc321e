"""Delimited text (CSV, TSV and their like), packed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.importing.json_layouts.json_text import without_half_characters
from badcase.importing.json_layouts.label_studio import with_choices
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.importing.text_files.delimited import Delimited, Record, read_delimited
from badcase.importing.text_files.encoding_guess import encoding_name
from badcase.importing.text_files.encodings import SourceText, read_text
from badcase.importing.text_files.packing import UNPACKING_ERRORS, unpacked
from badcase.importing.text_files.table_head import TableHead, find_head
from badcase.items.kinds import SetAside
from badcase.items.roots import FolderRoot, Root
from badcase.items.source import SourcePart
from badcase.items.splits import split_named
from badcase.items.whole_files import require_whole

_SPLIT_SAMPLE = 10_000  # rows that tell whether a column says splits
_BLOCK = 65_536  # rows that are held as Python strings at once


def read_bytes(root: Root, name: str) -> bytes:
    """The bytes of a table, unpacked where it is packed."""
    try:
        return unpacked(name, root.read(name), root.stored(name))
    except BadcaseError:
        raise
    except UNPACKING_ERRORS as error:
        raise BadcaseError(
            _("the table cannot be read"), where=str(root.location / name), got=error, hint=_("Is the file complete?")
        ) from error


def read_source(raw: bytes, name: str, options: ReadOptions) -> SourceText:
    """The text of a table file, in the encoding that the import settled, that a person named, or that it looks like."""
    settled = options.tables.get(name, {}).get("encoding")
    try:
        return read_text(raw, settled or options.encoding)
    except BadcaseError as error:
        where = error.where if error.where.startswith("--") else f"{name}, {error.where}"
        raise BadcaseError(error.what, where=where, expected=error.expected, got=error.got, hint=error.hint) from error


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A delimited table whose encoding, delimiter and header are settled."""

    file: Delimited
    head: TableHead

    @classmethod
    def of(cls, raw: bytes, name: str, options: ReadOptions) -> OpenTable:
        settled = options.tables.get(name, {})
        quotes = settled.get("quotes", True) if settled else None
        blanks = settled.get("blanks", False) if settled else None
        file = read_delimited(read_source(raw, name, options), name, settled.get("delimiter"), quotes=quotes, blanks=blanks)
        header = settled.get("header", options.header)
        head = find_head(file, name, header=header, numbered_rows=settled.get("numbered_rows"))
        columns = settled.get("columns", head.columns)
        return cls(file, replace(head, columns=columns) if len(columns) == len(head.columns) else head)

    def records(self) -> Iterator[Record]:
        """The records below the header."""
        return self.file.records(self.head.start)

    def settled(self) -> Mapping[str, Any]:
        """How it was read, for the next time."""
        file, head = self.file, self.head
        how = {"encoding": file.source.encoding, "delimiter": file.delimiter, "quotes": file.quotes, "blanks": file.blanks}
        return how | {"header": head.header is not None, "numbered_rows": head.numbered_rows}


def read_csv(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read a delimited table; a row of the wrong length is set aside, and so is one that repeats the header."""
    table = OpenTable.of(read_bytes(root, name), name, options)
    file, header = table.file, table.head.columns
    titles = [] if table.head.header is None else [file.source.decode_loosely(_piece(file, s)) for s in table.head.header.fields]
    batches: list[pa.RecordBatch] = []
    numbers: list[npt.NDArray[np.int64]] = []
    bad: list[SetAside] = []
    broken: list[SetAside] = []
    number, at = 0, table.head.start
    halves = file.source.wide and re.search("[\ud800-\udfff]", file.source.text) is not None
    while at < len(file.source.text):
        cells, end = (None, len(file.source.text)) if halves else file.plain_run(at, len(header))
        if cells is None or _repeats(cells, titles, len(header)):
            some = _some_rows(table, name, at, end, number, titles, halves=halves)
            batches.append(_batch(header, list(zip(*some.rows, strict=True)) or [()] * len(header)))
            numbers.append(np.array(some.numbers, np.int64))
            bad += some.bad
            broken += some.broken
            number, at = some.last, some.end
        else:
            columns = [cells[column :: len(header)] for column in range(len(header))]
            batches.append(_batch(header, columns))
            numbers.append(np.arange(len(columns[0]) if columns else 0) + number + 1)
            number, at = number + len(numbers[-1]), end
    if broken:
        foreign = sum(not _piece(file, (record.start, record.end)).isascii() for record in table.records())
        check_encoding(broken[0], len(broken), foreign, options)
    batches = batches or [_batch(header, [()] * len(header))]
    read = with_choices(pa.Table.from_batches(batches))
    return TableRows(
        format="csv",
        root=root,
        parts=(SourcePart(name, number),),
        table=read,
        number=np.concatenate([*numbers, np.empty(0, np.int64)]),
        bad=bad,
        details={"tables": {name: table.settled()}},
        roles={} if table.head.header is not None else _split_role(read),
        notes=[*([] if options.encoding else file.source.notes(name)), *table.head.notes],
    )


@dataclass(slots=True)
class _SomeRows:
    """What some records gave: their values and numbers, those that are set aside, the last number, and where they end."""

    last: int
    end: int
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: list[SetAside] = field(default_factory=list)
    broken: list[SetAside] = field(default_factory=list)  # those of `bad` that are not in the encoding


def _some_rows(table: OpenTable, name: str, at: int, end: int, before: int, titles: list[str], *, halves: bool) -> _SomeRows:
    """The records from a place on up to the first that ends at `end` or behind it; `before` stand above them."""
    file, header = table.file, table.head.columns
    found = _SomeRows(before, len(file.source.text))
    for number, record in enumerate(file.records(at), before + 1):
        found.last = number
        if record.start >= end or len(found.rows) == _BLOCK:
            found.last, found.end = number - 1, record.start
            break
        try:
            values = [file.value(span) for span in record.fields]
            values = without_half_characters(values) if halves else values
        except UnicodeDecodeError:
            found.broken.append(not_decoded(file.source, name, number))
            found.bad.append(found.broken[-1])
            continue
        if len(values) > len(header) and not any(values[len(header) :]):
            del values[len(header) :]  # a delimiter at the end, which parts nothing
        if len(values) != len(header):
            found.bad.append(_ragged(file, name, number, values, header))
            continue
        if values == titles:
            what, remedy = _("the row repeats the header"), _("Remove this row.")
            place = _("{name}, row {row}").format(name=name, row=number)
            found.bad.append(SetAside(number, str(number), place, what, remedy))
            continue
        found.numbers.append(number)
        found.rows.append(values)
    return found


def _repeats(cells: list[str], titles: list[str], width: int) -> bool:
    """Whether a record of these, of so many cells each, may repeat the header."""
    return len(titles) == width > 0 and titles[0] in cells[::width]


def _split_role(table: pa.Table) -> dict[str, str]:
    """The column of splits of a table without names: the one whose every value says train, validation or test."""
    for name in table.column_names:
        values = table[name].slice(0, _SPLIT_SAMPLE).unique().to_pylist()
        if len(values) > 1 and all(split_named(value) is not None for value in values):
            return {"split": name}
    return {}


def delimited_texts(file: Path) -> tuple[list[str], Iterator[list[str]]]:
    """The columns of a table that a person wrote for badcase, and the cells of each row, as a data set's are read.

    A row with too few fields has empty ones in their place.

    Raises:
        BadcaseError: There is no such file, it is no table, or a row has more fields than the header or a broken byte.
    """
    if not file.is_file():
        raise BadcaseError(_("there is no such file"), where=str(file), hint=_("Check the path."))
    require_whole(file)
    table = OpenTable.of(read_bytes(FolderRoot(file.parent), file.name), file.name, ReadOptions(header=True))
    return table.head.columns, _texts(table, file.name)


def _texts(table: OpenTable, name: str) -> Iterator[list[str]]:
    file, columns = table.file, table.head.columns
    for number, record in enumerate(table.records(), 1):
        try:
            values = [file.value(span) for span in record.fields]
            problem = None if len(values) <= len(columns) else _ragged(file, name, number, values, columns)
        except UnicodeDecodeError:
            values, problem = [], not_decoded(file.source, name, number)
        if problem is not None:
            raise BadcaseError(problem.what, where=problem.where, hint=problem.remedy)
        yield values + [""] * (len(columns) - len(values))


def check_encoding(first: SetAside, broken: int, foreign: int, options: ReadOptions) -> None:
    """Refuse an encoding that a person named where most rows beyond ASCII (`foreign`) are not in it (`broken`)."""
    if options.encoding is not None and broken * 2 > foreign:
        hint = _("Name another encoding with --encoding, or leave it out to have it recognized.")
        raise BadcaseError(first.what, where=first.where, hint=hint)


def not_decoded(source: SourceText, name: str, number: int) -> SetAside:
    """A row that is set aside since its bytes are not in the encoding of the file."""
    place = _("{name}, row {row}").format(name=name, row=number)
    what = _("a byte that is not {encoding}").format(encoding=encoding_name(source.encoding))
    return SetAside(number, str(number), place, what, _("Save the file in one encoding, best UTF-8."))


def _ragged(file: Delimited, name: str, number: int, values: list[str], header: list[str]) -> SetAside:
    mark = _("tab") if file.delimiter == "\t" else file.delimiter
    if '\\"' in "".join(values):
        read = f'pandas.read_csv("{name}", escapechar="\\\\", sep={file.delimiter!r})'
        line = f'import pandas; {read}.to_csv("new.csv", index=False)'
        remedy = _('Quotes inside a field are written twice (""), not behind a backslash; in Python: {line}').format(line=line)
    elif len(values) > len(header):
        remedy = _('Put double quotes around the field that has "{mark}" inside it.').format(mark=mark)
    else:
        remedy = _("Add what is missing: the columns are {columns}.").format(columns=", ".join(header))
    problem = plural("{n} field where the header has {m}", "{n} fields where the header has {m}", len(values))
    problem = problem.format(n=len(values), m=len(header))
    return SetAside(number, str(number), _("{name}, row {row}").format(name=name, row=number), problem, remedy)


def _piece(file: Delimited, span: tuple[int, int]) -> str:
    return file.source.text[slice(*span)]


def _batch(header: list[str], columns: Sequence[Sequence[str]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(column, pa.large_string()) for column in columns], header)
