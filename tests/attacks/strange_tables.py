"""Arrow tables as no program should write them: types, values and metadata of every kind, in files that are sound."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

from tests.attacks.mutations import spoil_bytes, strange_value

_TEXTS = [
    "some words here",
    "a\x00b",
    "",
    " ",
    "\u202e",
    "x" * 3000,
    "None",
    "nan",
    "2020-01-01",
    "0",
    "cat",
    "dog",
    "a;b",
    "[1, 2]",
]
_METADATA = [b"{not json", b"[]", b"null", b"1", b'{"info": null}', b'{"info": {"features": [1]}}', b"\xff\xfe", b"[" * 5000]
_METADATA += [
    b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": %s}}}}' % one
    for one in (b"3", b'"ab"', b"[1, 2]", b"[null]", b"{}", b'["a", "a"]', b'["\\ud800", "b"]', b'[["a"], ["b"]]')
]
_NAMES = [
    "text",
    "label",
    "image",
    "split",
    "id",
    "",
    "label",
    "a\x00b",
    "key",
    "group",
    "time",
    "probs",
    "x" * 300,
    "cat",
    "dog",
]


def _not_text(n: int) -> pa.Array:
    """Strings some of which are no UTF-8."""
    texts = [b"some words", b"\xff\xfe", b"\xed\xa0\x80", b"cat"] * n
    plain = pa.array(texts[:n], pa.binary())
    return pa.StringArray.from_buffers(n, plain.buffers()[1], plain.buffers()[2])


def _column(random: Random, n: int) -> pa.Array:
    kinds: list[Callable[[], pa.Array]] = [
        lambda: pa.array([random.choice(_TEXTS) for _row in range(n)]),
        lambda: pa.array([random.choice(("cat", "dog", None)) for _row in range(n)]).dictionary_encode(),
        lambda: pa.array([random.choice(("cat", "dog")) for _row in range(n)], pa.string_view()),
        lambda: pa.array([random.randrange(3) for _row in range(n)], random.choice((pa.int8(), pa.int64(), pa.uint64()))),
        lambda: pa.array([random.choice((0, 1, 2**63, 2**64 - 1)) for _row in range(n)], pa.uint64()),
        lambda: pa.array([random.choice((0.0, -0.0, float("nan"), float("inf"), 1e308, None)) for _row in range(n)]),
        lambda: pa.array([random.choice((-(2**63), 2**63 - 1, 0)) for _row in range(n)]).cast(pa.timestamp("s")),
        lambda: pa.array([random.choice((-(2**31), 2**31 - 1, 0, None)) for _row in range(n)], pa.int32()).cast(pa.date32()),
        lambda: pa.array([random.choice((86_400_000 * 10**11, 86_400_000, 5)) for _row in range(n)], pa.int64()).view(
            pa.date64()
        ),
        lambda: pa.array([random.choice((2**62, 0)) for _row in range(n)]).cast(pa.duration("s")),
        lambda: pa.array([0] * n).cast(pa.timestamp("ns", tz=random.choice(("UTC", "No/Where", "+99:99", "")))),
        lambda: pa.array([random.choice((b"\xff", b"", b"\x89PNG\r\n\x1a\n", b"words", None)) for _row in range(n)]),
        lambda: pa.array([{"bytes": random.choice((b"\xff\xd8\xff", b"", None)), "path": "../x.jpg"} for _row in range(n)]),
        lambda: pa.array([[random.choice((0, 1, None))] * random.randrange(4) for _row in range(n)]),
        lambda: pa.array([[["a"], []] for _row in range(n)]),
        lambda: pa.array([[("cat", 1), ("dog", None)] for _row in range(n)], pa.map_(pa.string(), pa.int8())),
        lambda: pa.array([{"a": {"b": {"c": [1, None]}}} for _row in range(n)]),
        lambda: pa.array([{} for _row in range(n)], pa.struct([])),
        lambda: pa.nulls(n),
        lambda: pa.array([True, False, None] * n)[:n],
        lambda: pa.array([b"12345678"] * n, pa.binary(8)),
        lambda: pa.array([None] * n, pa.decimal256(70, 3)),
        lambda: pa.RunEndEncodedArray.from_arrays(pa.array([n], pa.int32()), pa.array(["cat"])),
        lambda: pa.array([["a"]] * n, pa.list_view(pa.string())),
        lambda: pa.array([[1.0, 2.0]] * n, pa.list_(pa.float32(), 2)),
        lambda: pa.array([(1, 2, 3)] * n, pa.month_day_nano_interval()),
        lambda: _not_text(n),
        lambda: pa.array([str(strange_value(random)).encode("utf-8", "replace").decode() for _row in range(n)]),
    ]
    return random.choice(kinds)()


def strange_table(random: Random) -> pa.Table:
    """A table of a few rows, two columns of which may well be texts and labels."""
    n = random.choice((0, 1, 2, 12, 12, 12))
    columns: list[Any] = [pa.array([f"some words {row}" for row in range(n)]), pa.array((["cat", "dog"] * n)[:n])]
    names = ["text", "label"]
    for at in range(2):
        if random.random() < 0.4:
            columns[at] = _column(random, n)
    for _more in range(random.randrange(4)):
        columns.append(_column(random, n))
        names.append(random.choice(_NAMES))
    table = pa.table(columns, names)
    if random.random() < 0.4:
        key = random.choice((b"huggingface", b"pandas", b"ARROW:schema", b"badcase"))
        table = table.replace_schema_metadata({key: random.choice(_METADATA)})
    return table


def strange_parquet(random: Random, raw: bytes) -> bytes:
    """A Parquet file of a strange table, or the given one where no writer takes it."""
    sink = io.BytesIO()
    try:
        parquet.write_table(strange_table(random), sink, store_schema=random.random() < 0.7)
    except (pa.ArrowException, ValueError):
        return spoil_bytes(random, raw)
    return sink.getvalue()


def strange_arrow(random: Random, raw: bytes) -> bytes:
    """The same as an Arrow file, a stream or a Feather file; now and then its buffers are spoilt too."""
    sink = io.BytesIO()
    table = strange_table(random)
    with suppress(pa.ArrowException, ValueError):
        match random.randrange(3):
            case 0:
                with pa.ipc.new_file(sink, table.schema) as writer:
                    writer.write_table(table)
            case 1:
                with pa.ipc.new_stream(sink, table.schema) as writer:
                    writer.write_table(table)
            case _:
                feather.write_feather(table, sink, compression="uncompressed")
    made = sink.getvalue() or raw
    return spoil_bytes(random, made) if random.random() < 0.5 else made
