"""A part of a real data set, in the form that the whole has: every n-th item of it."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

TABLES = ("labels.csv", "truth.csv")


def part_of_zip(source: Path, made: Path, *, every: int) -> Path:
    """A zip of images with the tables that name them, thinned."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(made, "w") as part:
        kept: list[str] = []
        for table in TABLES:
            rows = list(csv.reader(io.StringIO(whole.read(table).decode("utf-8"), newline="")))
            kept = [row[0] for row in rows[1::every]]
            part.writestr(table, _written([rows[0], *rows[1::every]]))
        for name in kept:
            part.writestr(name, whole.read(name))
    return made


def part_of_table(source: Path, made: Path, *, every: int) -> Path:
    """A gzipped CSV, thinned."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as whole:
        rows = list(csv.reader(whole))
    with gzip.open(made, "wt", encoding="utf-8", newline="") as part:
        part.write(_written([rows[0], *rows[1::every]]))
    return made


def _written(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
