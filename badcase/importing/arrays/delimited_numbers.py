"""Numbers as delimited text: which character stands between them, whether a first line names them, in which encoding."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from badcase.importing.arrays.loaded_array import USUAL_NAMES, LoadedArray, array_of_table, is_key_name
from badcase.importing.text_files.encodings import read_text
from badcase.importing.text_files.table_head import is_number

_HEAD = 65_536  # bytes of a table of numbers that tell its encoding
_DELIMITERS = ",;\t|"


def read_delimited(path: Path, what: str) -> LoadedArray:
    """The array in a .csv, .tsv or .txt. A first line of numbers is no header; keys stay texts, with their zeros in front."""
    source = _in_utf8(path, whole=what == "labels")
    shape = _Shape.of(source)
    names = shape.names()
    with pyarrow.csv.open_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(
            column_names=shape.numbers() if names is None else names, skip_rows=int(names is not None), block_size=1 << 24
        ),
        parse_options=pyarrow.csv.ParseOptions(delimiter=shape.delimiter),
        convert_options=pyarrow.csv.ConvertOptions(
            decimal_point=shape.decimal_point, column_types={name: pa.string() for name in shape.keys(names or [])}
        ),
    ) as reader:
        loaded = array_of_table(reader.schema, reader, what, str(path), named=names is not None)
    if what == "labels" and isinstance(loaded.values, list):
        _take_back(shape.cells, loaded.values)
    return loaded


def delimited_table(path: Path) -> pa.Table:
    """All cells as texts; a file of one column without a header has its first line among them."""
    source = _in_utf8(path, whole=False)
    shape = _Shape.of(source)
    headed = len(shape.cells) > 1 or is_key_name(shape.cells[0]) if shape.cells else False
    names = shape.cells if headed else shape.numbers()
    return pyarrow.csv.read_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=int(headed)),
        parse_options=pyarrow.csv.ParseOptions(delimiter=shape.delimiter),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )


def _take_back(header: list[str], labels: list[object]) -> None:
    """Put the first line before the labels where it is one of them and no header."""
    if len(header) == 1 and header[0] not in USUAL_NAMES["labels"] and header[0] in labels:
        labels.insert(0, header[0])


def _in_utf8(path: Path, *, whole: bool) -> Path | io.BytesIO:
    """The file, or its text in UTF-8 where it (or of a long one, its head) is in another encoding."""
    with path.open("rb") as file:
        head = file.read() if whole else file.read(_HEAD)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return path
    except UnicodeDecodeError:
        text = read_text(path.read_bytes())
        return io.BytesIO(text.decode(text.text).encode())


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a delimited file is written, by its first two lines."""

    cells: list[str]
    second: list[str]
    delimiter: str
    decimal_point: str

    @classmethod
    def of(cls, source: Path | io.BytesIO) -> _Shape:
        if isinstance(source, Path):
            with source.open(encoding="utf-8-sig") as file:
                first, second = file.readline(), file.readline()
        else:
            first, second = (line.decode() for line in (source.readline(), source.readline()))
            source.seek(0)
        counts = {mark: first.count(mark) for mark in _DELIMITERS}
        delimiter = max(counts, key=lambda mark: counts[mark])
        if not counts[delimiter]:
            numbers = first.split() if len(first.split()) > 1 and all(map(is_number, first.split())) else second.split()
            delimiter = " " if len(numbers) > 1 and all(map(is_number, numbers)) else ","
        cells = _cells(first.removeprefix("#").lstrip() if first.startswith("#") else first, delimiter)
        return cls(cells, _cells(second, delimiter), delimiter, "," if delimiter == ";" and "," in second else ".")

    def names(self) -> list[str] | None:
        """The names in the first line, or None where it is a row of numbers; 0, 1, 2, ... are names of classes."""
        if len(self.cells) > 1 and self.cells == self.numbers():
            return self.cells
        return None if all(is_number(cell.replace(self.decimal_point, ".")) for cell in self.cells) else self.cells

    def numbers(self) -> list[str]:
        return [str(i) for i in range(len(self.cells))]

    def keys(self, names: list[str]) -> list[str]:
        """The columns of keys, unless the first of them is a fraction: then a class is called so."""
        cells = dict(zip(names, self.second, strict=False))
        return [name for name in names if is_key_name(name) and not _is_fraction(cells.get(name, ""))]


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])]


def _is_fraction(cell: str) -> bool:
    return is_number(cell.replace(",", ".")) and not cell.lstrip("+-").isdecimal()
