"""Excel workbooks (.xlsx), through the optional library openpyxl: the first sheet that holds a table."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.json_layouts.flat_columns import one_column
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import read_bytes
from badcase.importing.rows import TableRows
from badcase.importing.text_files.table_head import above, is_header, left_out, no_header, numbered, unique
from badcase.items.roots import Root
from badcase.items.source import SourcePart

_SAMPLE = 1000  # rows that tell whether there is a header
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
    try:
        return openpyxl.load_workbook(io.BytesIO(raw), **how)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadcaseError(
            _("the workbook cannot be read"), where=name, got=error, hint=_("Is it complete, and without a password?")
        ) from error


def read_xlsx(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read the first sheet that holds a table; a formula counts as the value that Excel saved for it."""
    workbook = open_workbook(read_bytes(root, name), name, read_only=True, data_only=True)
    settled = options.tables.get(name, {})
    sheets = [_sheet(sheet) for sheet in workbook.worksheets]
    workbook.close()
    filled = [sheet for sheet in sheets if sheet.rows and settled.get("sheet", sheet.title) == sheet.title]
    if not filled:
        raise BadcaseError(_("the workbook is empty"), where=name, hint=_("Choose one with a header line and rows."))
    sheet = next((sheet for sheet in filled if len(sheet.rows) > 1 and len(sheet.rows[0][1]) > 1), filled[0])
    texts = [[_text(cell) for cell in cells] for _number, cells in sheet.rows[:_SAMPLE]]
    skipped = settled.get("skipped", above(texts))
    header, reason = is_header(texts[skipped], texts[skipped + 1 :])
    header = settled.get("header", header if options.header is None else options.header)
    notes = [_other_sheets(name, sheet, filled)] if len(filled) > 1 else []
    notes += [left_out(name, skipped, " ".join(texts[0]).strip())] if skipped else []
    notes += [no_header(name, reason)] if not header and reason and options.header is None else []
    rows = sheet.rows[skipped + header :]
    first = sheet.rows[skipped][0] if header else sheet.rows[skipped][0] - 1  # the row that row 1 stands below
    columns = unique(texts[skipped]) if header else numbered(len(texts[skipped]))
    values = list(zip(*(cells for _number, cells in rows), strict=True)) if rows else [()] * len(columns)
    table = pa.table(
        {
            column: one_column([_plain(cell) for cell in cells])
            for column, cells, title in zip(columns, values, texts[skipped], strict=True)
            if title or not header or any(cell is not None for cell in cells)
        }
    )
    last = sheet.rows[-1][0]
    how = {"sheet": sheet.title, "header": bool(header), "skipped": skipped, "above": first, "columns": columns}
    return TableRows(
        "xlsx",
        root,
        (SourcePart(name, last - first),),
        table,
        np.asarray([number - first for number, _cells in rows], np.int64),
        details={"tables": {name: how}},
        notes=notes,
    )


def _sheet(sheet: Any) -> _Sheet:
    rows = [(at, cells) for at, cells in enumerate(sheet.iter_rows(values_only=True), 1) if any(map(_says, cells))]
    width = max((len(cells) for _number, cells in rows), default=0)
    while width and not any(_says(cells[width - 1]) for _number, cells in rows if len(cells) >= width):
        width -= 1
    return _Sheet(sheet.title, [(at, (*cells, *[None] * (width - len(cells)))[:width]) for at, cells in rows])


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
