"""What a verb writes as a CSV that people open in spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from badcase.formula_guard import guarded
from badcase.i18n import _
from badcase.store.atomic_files import write_whole

Row: TypeAlias = dict[str, Any]
CsvFile = Annotated[Path | None, typer.Option("--csv", help=_("Write all rows here."), metavar="FILE", show_default=False)]
Guard = Annotated[
    bool,
    typer.Option(
        "--formula-guard/--no-formula-guard",
        help=_("With --csv: write an apostrophe before texts that a spreadsheet would take for formulas."),
    ),
]


def write_csv(path: Path, rows: Iterable[Row], formula_guard: bool, head: Iterable[str] = ()) -> None:
    """Write rows one by one, so that millions fit.

    Args:
        path: The file, which appears whole or not at all.
        rows: Cells by the name of their column, the same columns each.
        formula_guard: Whether no cell may begin a formula.
        head: The columns, so that a table without rows has them too; else those of the first row.
    """
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        columns, writer = list(head), csv.writer(file)
        if columns:
            writer.writerow(columns)
        for row in rows:
            if not columns:
                columns = list(row)
                writer.writerow(columns)
            flattened = flat(row)
            cells = [flattened[name] for name in columns]
            writer.writerow([guarded(cell) for cell in cells] if formula_guard else cells)


def flat(row: Row) -> Row:
    """A row as cells: labels and reasons set apart by semicolons."""
    return {
        name: "; ".join(value) if name == "reasons" else ";".join(map(str, value)) if isinstance(value, list) else value
        for name, value in row.items()
    }
