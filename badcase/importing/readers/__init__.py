"""One file a format; the table says which reader opens a table file by the end of its name."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from badcase.importing.read_options import ReadOptions
from badcase.importing.readers.arrow import read_feather, read_parquet
from badcase.importing.readers.csv import read_bytes, read_csv
from badcase.importing.readers.fasttext import is_fasttext, read_fasttext
from badcase.importing.readers.jsonl import read_jsonl
from badcase.importing.readers.xlsx import read_xlsx
from badcase.importing.rows import TableRows
from badcase.importing.text_files.delimited import is_delimited
from badcase.importing.text_files.encodings import read_text
from badcase.importing.text_files.packing import plain_name
from badcase.items.images import ending_of
from badcase.items.roots import Root
from badcase.items.splits import split_named

TableReader = Callable[[Root, str, ReadOptions], TableRows]
TABLES: dict[str, TableReader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_jsonl,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".parquet": read_parquet,
    ".arrow": read_feather,
    ".feather": read_feather,
}
_TEXTS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt"})
_OPEN = frozenset({"", ".text", ".tab", ".psv", ".dat", ".data"})  # may be a table of texts, or anything else
_HEAD = 65_536  # bytes of a text file that tell whether it is a table


def table_reader(name: str, root: Root | None = None) -> TableReader | None:
    """The reader for a table of this name, or None where it is no table.

    Text formats may be packed. A `.txt` is a table where it is called after a split, and its lines are those of one; for that
    it is looked into where `root` says where it lies.
    """
    plain = plain_name(name).lower()
    suffix = "." + plain.rpartition(".")[2]
    if suffix == ".txt":
        stem = posixpath.basename(plain).split(".")[0]
        return txt_reader(root, name) if root is not None and split_named(stem) is not None else None
    return None if len(plain) < len(name) and suffix not in _TEXTS else TABLES.get(suffix)


def lone_reader(root: Root, name: str) -> TableReader | None:
    """The reader for a file that a person named by itself: where its ending tells nothing, by its lines as for a `.txt`."""
    return _by_lines(root, name) if ending_of(plain_name(name)) in _OPEN else txt_reader(root, name)


def txt_reader(root: Root, name: str) -> TableReader | None:
    """The reader for a `.txt` (packed or not) by its lines: those of fastText, or of a delimited table."""
    return _by_lines(root, name) if plain_name(name).lower().endswith(".txt") else None


def _by_lines(root: Root, name: str) -> TableReader | None:
    head = read_bytes(root, name)[:_HEAD]
    if b"\0" in head and not name.lower().endswith(".txt"):
        return None  # of a database, or whatever else
    if is_fasttext(head):
        return read_fasttext
    return read_csv if is_delimited(read_text(head), name) else None
