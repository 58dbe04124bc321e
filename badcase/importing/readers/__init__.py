"""One file a format; the table says which reader opens a table file by the end of its name."""

from __future__ import annotations

from collections.abc import Callable

from badcase.importing.read_options import ReadOptions
from badcase.importing.readers.arrow import read_feather, read_parquet
from badcase.importing.readers.csv import read_csv
from badcase.importing.readers.jsonl import read_jsonl
from badcase.importing.rows import TableRows
from badcase.items.roots import Root

TableReader = Callable[[Root, str, ReadOptions], TableRows]
TABLES: dict[str, TableReader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".parquet": read_parquet,
    ".arrow": read_feather,
    ".feather": read_feather,
}
_PACKED = frozenset({".csv", ".tsv", ".jsonl", ".ndjson"})


def table_reader(name: str) -> TableReader | None:
    """The reader for a table of this name (`.gz` behind text formats), or None where it is no table."""
    plain = name.lower()
    packed = plain.endswith(".gz")
    suffix = "." + plain.removesuffix(".gz").rpartition(".")[2]
    return None if packed and suffix not in _PACKED else TABLES.get(suffix)
