"""Excel workbooks (.xlsx), through the optional library openpyxl: the first sheet that holds a table."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.json_layouts.flat_columns import one_column
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import read_bytes
from badcase.importing.rows import TableRows
from badcase.importing.text_files.table_head import above, left_out, noticed_header, numbered, unique
from badcase.items.roots import Root
from badcase.items.source import SourcePart
from badcase.size_bounds import check_unpacked, check_zip

_LAST_ROW = 2**20  # that a workbook can have
_MOST_CELLS = 50_000_000  # that are held as Python values at once
_SAMPLE = 1000  # rows that tell whether there is a header
_NO_VALUE = re.compile(rb"</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_CELL = 8  # bytes that a cell takes, whatever it holds
Row = tuple[int, Sequence[Any]]  # its number in the sheet, and its cells


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    rows: list[Row]  # those that are not blank


def open_workbook(raw: bytes, name: str, **how: Any) -> Any:
    """The workbook as openpyxl opens it; BadcaseError where the library is not there, or the file is none."""
    try:
        import openpyxl
    except ImportError as error:
        raise BadcaseError(
            _("an Excel workbook needs the library `openpyxl`"),
            where=name,
            hint=_("Install it: pip install 'badcase[xlsx]', or save the sheet as CSV."),
        ) from error
    check_zip(io.BytesIO(raw), len(raw), name)
    with _reading(name):
        return openpyxl.load_workbook(io.BytesIO(raw), **how)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """A workbook that is damaged somewhere in its dozens of parts fails in as many ways, which mean one thing."""
    try:
        yield
    except (BadcaseError, MemoryError):
        raise
    except Exception as error:
        raise BadcaseError(
            _("the workbook cannot be read"), where=name, got=error, hint=_("Is it complete, and without a password?")
        ) from error


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """The sheet of a workbook that holds the table.

    Attributes:
        title: Its name.
        header: Whether a line names the columns.
        columns: The names of all columns of the sheet, in order.
        above: The number of the line that row 1 of the table stands below.
        rows: The lines of the table, with their numbers in the sheet.
        filled: Which columns hold anything.
        notes: What a person should know of how it was read.
    """

    title: str
    header: bool
    columns: list[str]
    above: int
    rows: list[Row]
    filled: list[bool]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, raw: bytes, name: str, options: ReadOptions) -> OpenSheet:
        workbook = open_workbook(raw, name, read_only=True, data_only=True)
        with _reading(name):
            sheets = [sheet for one in workbook.worksheets if (sheet := _sheet(one, len(raw), name)).rows]
            workbook.close()
        settled = options.tables.get(name, {})
        if not sheets:
            raise BadcaseError(_("the workbook is empty"), where=name, hint=_("Choose one with a header line and rows."))
        tables = [sheet for sheet in sheets if len(sheet.rows) > 1 and len(sheet.rows[0][1]) > 1]
        sheet = next((one for one in sheets if one.title == settled.get("sheet")), (tables or sheets)[0])
        texts = [[_text(cell) for cell in cells] for _number, cells in sheet.rows[:_SAMPLE]]
        skipped = above(texts)
        said = settled.get("header", options.header)
        header, note = (said, "") if said is not None else noticed_header(texts[skipped], texts[skipped + 1 :], name)
        notes = [_other_sheets(name, sheet, sheets)] if len(sheets) > 1 else []
        notes += [left_out(name, skipped, " ".join(texts[0]).strip())] if skipped else []
        notes += [note] if note else []
        notes += _not_computed(raw, name)
        rows = sheet.rows[skipped + header :]
        columns = unique(texts[skipped]) if header else numbered(len(texts[skipped]))
        filled = [
            bool(title and header) or any(_says(cells[at]) for _n, cells in rows) for at, title in enumerate(texts[skipped])
        ]
        return cls(sheet.title, header, columns, sheet.rows[skipped][0] - (not header), rows, filled, tuple(notes))


def read_xlsx(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read the first sheet that holds a table; a formula counts as the value that Excel saved for it."""
    raw = read_bytes(root, name)
    check_zip(io.BytesIO(raw), root.stored(name), name)  # which may be packed once more
    sheet = OpenSheet.of(raw, name, options)
    values = list(zip(*(cells for _number, cells in sheet.rows), strict=True)) or [()] * len(sheet.columns)
    columns = zip(sheet.columns, values, sheet.filled, strict=True)
    table = pa.table({column: one_column(list(map(_plain, cells))) for column, cells, filled in columns if filled})
    last = sheet.rows[-1][0] if sheet.rows else sheet.above
    return TableRows(
        "xlsx",
        root,
        (SourcePart(name, last - sheet.above),),
        table,
        np.asarray([number - sheet.above for number, _cells in sheet.rows], np.int64),
        details={"tables": {name: {"sheet": sheet.title, "header": sheet.header}}},
        notes=sheet.notes,
    )


def _sheet(sheet: Any, packed: int, name: str) -> _Sheet:
    sheet.reset_dimensions()  # what a sheet says of its size is no more than a remark, and rows up to there would be made up
    rows: list[Row] = []
    held = 0
    for at, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if at > _LAST_ROW:
            raise _too_large(name, sheet.title, _("a row below {n}").format(n=_LAST_ROW))
        if any(map(_says, cells)):
            rows.append((at, cells))
            held += _CELL * len(cells)
            check_unpacked(held, packed, name)  # a row is as long as its last cell says
    width = max((len(cells) for _number, cells in rows), default=0)
    while width and not any(_says(cells[width - 1]) for _number, cells in rows if len(cells) >= width):
        width -= 1
    if width * len(rows) > _MOST_CELLS:
        raise _too_large(name, sheet.title, f"{width} x {len(rows)}")
    return _Sheet(sheet.title, [(at, (*cells, *[None] * (width - len(cells)))[:width]) for at, cells in rows])


def _not_computed(raw: bytes, name: str) -> list[str]:
    """One sentence on formulas that no program has computed since they were written: nothing says what they come to."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheets = [one for one in archive.namelist() if one.startswith("xl/worksheets/") and one.endswith(".xml")]
        n = sum(len(_NO_VALUE.findall(archive.read(one))) for one in sheets)
    said = plural(
        "{n} formula in {name} has no value and counts as empty: open the workbook in a spreadsheet program and save it.",
        "{n} formulas in {name} have no value and count as empty: open the workbook in a spreadsheet program and save it.",
        n,
    )
    return [said.format(n=grouped(n), name=name)] if n else []


def _too_large(name: str, sheet: str, got: str) -> BadcaseError:
    hint = _("Look for a stray cell far from the others, or save the sheet as CSV.")
    where = _("{name}, sheet {sheet}").format(name=name, sheet=sheet)
    return BadcaseError(_("the sheet is too large"), where=where, got=got, hint=hint)


def _says(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _other_sheets(name: str, sheet: _Sheet, filled: Sequence[_Sheet]) -> str:
    others = ", ".join(one.title for one in filled if one is not sheet)
    said = _("The sheet {sheet} of {name} is read, and not {others}.")
    return said.format(sheet=sheet.title, name=name, others=others)


def _text(cell: Any) -> str:
    return "" if cell is None else str(_plain(cell)).strip()


def _plain(cell: Any) -> Any:
    """A value as a table holds it; moments as text."""
    return cell.isoformat() if isinstance(cell, datetime | date | time) else cell
