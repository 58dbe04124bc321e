"""Files of strangers that Arrow reads: Parquet, Arrow, Feather, lines of JSON. Opened and checked here.

Run as a program, it tries such files for another process. It knows Arrow and little of ours, so that the process of
`badcase.foreign_tables.trial` starts in a moment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.json
import pyarrow.parquet as parquet

from badcase.errors import BadcaseError
from badcase.foreign_tables.table_bounds import check_messages, check_parquet, check_table
from badcase.i18n import _
from badcase.parallel.kept_process import READY


def open_parquet(source: pa.NativeFile, stored: int | None = None) -> pa.Table:
    """The table of a Parquet file, checked as `open_arrow` does; columns of one name are each read."""
    stored = source.size() if stored is None else stored
    check_parquet(source, stored)
    return checked(parquet.ParquetFile(source).read(), stored)


def open_arrow(source: pa.NativeFile, stored: int | None = None) -> pa.Table:
    """The table of an Arrow stream, an Arrow file or a Feather file, checked: a foreign one may point anywhere.

    Args:
        source: The file.
        stored: The bytes that it takes where it lies, which may be packed.

    Raises:
        pa.ArrowInvalid: It is damaged.
        UnicodeDecodeError: A column is called by bytes that are no text.
        BadcaseError: It unfolds to too much.
    """
    stored = source.size() if stored is None else stored
    _refuse_first_feather(source)
    check_messages(source, stored)
    try:
        table = pa.ipc.open_stream(source).read_all()
    except pa.ArrowInvalid:
        source.seek(0)
        table = feather.read_table(source)
    return checked(table, stored)


def _refuse_first_feather(source: pa.NativeFile) -> None:
    """BadcaseError for Feather's first version, whose reader follows what its end claims wherever that leads.

    Arrow gives it up, too, and whether a damaged one ends the process depends on what else lies in its memory.
    """
    head = source.read(4)
    source.seek(0)
    if head == b"FEA1":
        raise BadcaseError(
            _("Feather files of the first version are not read"),
            expected=_("Feather of the second version, which is Arrow"),
            hint=_("Where you trust the file, write it anew: {code}").format(
                code='import pyarrow.feather as f; f.write_feather(f.read_table("old.feather"), "new.feather")'
            ),
        )


def checked(table: pa.Table, stored: int) -> pa.Table:
    """The table, each of whose values lies where its buffers are; the errors are those of `open_arrow`.

    A value that does not would end the process once it is looked at.
    """
    table.validate()  # so that the lengths of its values lie where they should
    check_table(table, stored)
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


def open_lines(source: pa.NativeFile, stored: int | None = None) -> pa.Table:
    """The table of lines of JSON; a line that is no object can end the process."""
    return pyarrow.json.read_json(source)


OPENERS: dict[str, Callable[[pa.NativeFile, int | None], pa.Table]] = {
    "parquet": open_parquet,
    "arrow": open_arrow,
    "jsonl": open_lines,
}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Try one file after another, until the input ends: a line of JSON each, and for those that have no path their bytes.

    The answer is a line too: null where the file is sound, else what is wrong with it, or the parts of an error in our words.
    Where reading a file ends this process, there is none.
    """
    answers.write(READY)
    answers.flush()
    for line in requests:
        request = json.loads(line)
        told: object = None
        try:
            raw = None if request["size"] is None else requests.read(request["size"])
            with pa.memory_map(request["path"]) if raw is None else pa.BufferReader(raw) as source:
                OPENERS[request["kind"]](source, request["stored"])
        except BadcaseError as error:
            told = {"what": error.what, "expected": error.expected, "got": error.got, "hint": error.hint}
        except Exception as error:  # a damaged file fails in a dozen ways, and means one thing
            told = str(error) or type(error).__name__
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()
        raw = None
        pa.default_memory_pool().release_unused()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
