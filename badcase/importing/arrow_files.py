"""Parquet, Arrow and Feather files of strangers, opened and checked; run as a program, it tries such files for another process.

It knows Arrow alone and nothing of ours, so that the process of `badcase.importing.trial` starts in a moment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet


def open_parquet(source: pa.NativeFile) -> pa.Table:
    """The table of a Parquet file, checked as `open_arrow` does; columns of one name are each read."""
    return checked(parquet.ParquetFile(source).read())


def open_arrow(source: pa.NativeFile) -> pa.Table:
    """The table of an Arrow stream, an Arrow file or a Feather file, checked: a foreign one may point anywhere."""
    try:
        table = pa.ipc.open_stream(source).read_all()
    except pa.ArrowInvalid:
        source.seek(0)
        table = feather.read_table(source)
    return checked(table)


def checked(table: pa.Table) -> pa.Table:
    """The table, each of whose values lies where its buffers are.

    Raises:
        pa.ArrowInvalid: Where one does not, which would end the process once that value is looked at.
        UnicodeDecodeError: Where a column is called by bytes that are no text.
    """
    table.validate(full=True)
    for field in table.schema:
        _read_names(field)
    return table


def _read_names(field: pa.Field) -> None:
    """Decode the name of a field and of those inside it, which Arrow does not check."""
    assert isinstance(field.name, str)
    kind = field.type
    if pa.types.is_struct(kind) or pa.types.is_union(kind):
        for at in range(kind.num_fields):
            _read_names(kind.field(at))
    elif pa.types.is_nested(kind) and hasattr(kind, "value_field"):
        _read_names(kind.value_field)


OPENERS: dict[str, Callable[[pa.NativeFile], pa.Table]] = {"parquet": open_parquet, "arrow": open_arrow}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Try one file after another, until the input ends: a line of JSON each, and for those that have no path their bytes.

    The answer is a line too: null where the file is sound, else what is wrong with it. Where reading a file ends this process,
    there is none.
    """
    answers.write(b"ready\n")
    answers.flush()
    for line in requests:
        request = json.loads(line)
        told = None
        try:
            raw = None if request["size"] is None else requests.read(request["size"])
            with pa.memory_map(request["path"]) if raw is None else pa.BufferReader(raw) as source:
                OPENERS[request["kind"]](source)
        except Exception as error:  # a damaged file fails in a dozen ways, and means one thing
            told = str(error) or type(error).__name__
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()
        raw = None
        pa.default_memory_pool().release_unused()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
