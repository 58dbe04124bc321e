"""The columns of the next items, out of those of before and of what was read now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from badcase.importing.column_values import strings
from badcase.importing.rows import concatenated
from badcase.items.images import THUMB
from badcase.items.item_table import EXTRA, MEASURE
from badcase.items.splits import together
from badcase.items.twins.image_twins import image_twins
from badcase.items.twins.text_twins import text_twins

Ids = npt.NDArray[np.int64]
_MADE = ("given", "said", "gone", "place", "split", "twins", "group", "time")


def next_table(tables: Sequence[pa.Table], take: Ids, made: Mapping[str, npt.NDArray[Any]], group: str | None) -> pa.Table:
    """The table but for splits and twins.

    Args:
        tables: Columns of items, the first those of before.
        take: (n,) the row of all tables, one after the other, that each item is described by.
        made: Arrays (n,) of given, said, gone, place and time; what tells nothing is left out.
        group: The column of the source that tells groups; None where there is none.
    """
    whole = concatenated([table.drop_columns([name for name in _MADE if name in table.column_names]) for table in tables])
    whole = whole.take(pa.array(take))
    measures = [name for name in whole.column_names if name.startswith(MEASURE)]
    for names in (measures, ["thumb"] if "thumb" in whole.column_names else []):
        if any(whole[name].null_count for name in names):  # items of before were not measured
            whole = whole.drop_columns(names)
    told = dict(made)
    for name, plain in (("said", (told["said"] == told["given"]).all()), ("gone", not told["gone"].any())):
        if plain:
            del told[name]
    if not told["place"].any():
        del told["place"]
    if group is not None and EXTRA + group in whole.column_names:
        told["group"] = _codes(strings(whole[EXTRA + group]))
    for name, values in told.items():
        whole = whole.append_column(name, pa.array(values))
    return whole


def _codes(values: Sequence[str | None]) -> Ids:
    """(n,) ids of groups; what is in none is one of its own."""
    code: dict[str, int] = {}
    return np.array([code.setdefault(value or f"\0{at}", len(code)) for at, value in enumerate(values)], np.int64)


def twins_of(table: pa.Table, before: Ids) -> Ids:
    """(n,) the first item of each set of duplicates, those that are gone too; `before` where images cannot be compared."""
    if "width" not in table.column_names:
        return text_twins(table["content"].to_pylist())
    prints = table["fingerprint"].to_pylist()
    if "thumb" in table.column_names:
        thumbs = np.frombuffer(b"".join(table["thumb"].to_pylist()), np.uint8).reshape(-1, THUMB, THUMB)
        return image_twins(prints, thumbs)
    first: dict[str, int] = {mark: int(set_) for mark, set_ in zip(prints, before.tolist(), strict=False)}
    return np.append(before, [first.setdefault(mark, at) for at, mark in enumerate(prints[len(before) :], len(before))])


def units_of(table: pa.Table, twins: Ids) -> Ids:
    """(n,) the first item of all that must stay on one side of the split."""
    return together(twins, np.asarray(table["group"], np.int64) if "group" in table.column_names else None)


def is_same(one: pa.Table, other: pa.Table) -> bool:
    """Whether two tables say the same of the same items, in whatever order their columns stand."""
    return set(one.column_names) == set(other.column_names) and all(
        _without_nan(one[name]).equals(_without_nan(other[name])) for name in one.column_names
    )


def _without_nan(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.is_nan(column), None, column) if pa.types.is_floating(column.type) else column
