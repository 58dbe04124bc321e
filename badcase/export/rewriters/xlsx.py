"""Excel workbooks: the cells of labels get other values; other sheets, styles and formulas stay."""

from __future__ import annotations

import io

from badcase.export.corrections import Corrections
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.xlsx import OpenSheet, open_workbook


def rewrite_xlsx(name: str, raw: bytes, corrections: Corrections, options: ReadOptions = NOTICED) -> bytes:
    """A workbook with the labels corrected, and without the rows of excluded items."""
    table = OpenSheet.of(raw, name, options)
    workbook = open_workbook(raw, name, keep_vba=name.lower().endswith(".xlsm"))
    sheet = workbook[table.title]
    for column, spellings in corrections.written.items():
        at = table.columns.index(column) + 1
        for row, label in corrections.labels.items():
            sheet.cell(row=table.above + row, column=at).value = spellings[label]
    for row in sorted(corrections.dropped, reverse=True):
        sheet.delete_rows(table.above + row)
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()
