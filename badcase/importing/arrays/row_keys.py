"""Which row of a file is which item: by a column of keys, as they are written or as paths are."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from badcase.i18n import _
from badcase.importing.arrays.loaded_array import INDEX, is_key_name

_MOSTLY = 0.5  # share of different texts above which a column names rows rather than kinds
_DEEPEST = 6  # parts at the end of a path that are tried
Spell: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class KeyJoin:
    """What a column of keys says.

    Attributes:
        column: Its name.
        rows: (n,) the row of each item, -1 where it has none; of several rows the first.
        how: In what the keys are alike; empty where they are the same.
        further: How many rows are no item's.
        doubles: (row, first row) of rows for an item that has one already.
    """

    column: str
    rows: NDArray[np.int64]
    how: str
    further: int
    doubles: list[tuple[int, int]]

    @property
    def found(self) -> int:
        return int((self.rows >= 0).sum())


def join_by_key(beside: Mapping[str, pa.ChunkedArray], wanted: Mapping[str, Sequence[str]]) -> KeyJoin | None:
    """The column and the spelling by which most items find a row.

    Args:
        beside: Columns (m,) of the file.
        wanted: What may tell an item: (n,) under "" its key, which any column may hold; under the name of a column of the
            data set, its value there, which the column of the same name may hold.

    Returns:
        None where no column has a key of any item.
    """
    best: KeyJoin | None = None
    for name, column in sorted(beside.items(), key=lambda one: (not is_key_name(one[0]), one[0] in INDEX)):
        written = _texts(column)
        if written is None:
            continue
        for of, keys in wanted.items():
            if of not in ("", name):
                continue
            for join in _joins(name, written, keys):
                if best is None or join.found > best.found:
                    best = join
                if join.found * 2 >= len(keys):  # the others are not there
                    break
            if best is not None and best.found == len(keys):
                return best
    return best if best is not None and best.found else None


def may_be_keys(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column looks as if it told which row is which: by its name, or as its values are different, and no mere count."""
    texts = _texts(column)
    if texts is None or texts in [[str(first + i) for i in range(len(texts))] for first in (0, 1)]:
        return False
    if name in INDEX and pa.types.is_integer(column.type) and np.all(np.diff(column.to_numpy()) > 0):
        return False  # rows that pandas left out, in their order
    different = len(set(texts)) / max(1, len(texts))
    whole = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    return is_key_name(name) or (different == 1 and len(texts) > 1 if whole else different > _MOSTLY)


def key_texts(column: pa.ChunkedArray) -> list[str]:
    """(m,) the cells of a column of keys as texts, "" where there is none."""
    return _texts(column) or [""] * len(column)


def _texts(column: pa.ChunkedArray) -> list[str] | None:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_floating(kind):
        column = _whole(column)
        kind = column.type
    if not (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_integer(kind)
    ):
        return None
    return ["" if cell is None else str(cell).strip() for cell in column.to_pylist()]


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keys that became 1.0, 2.0, ... beside an empty cell, as whole numbers; else as it is."""
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column


def _joins(column: str, written: Sequence[str], keys: Sequence[str]) -> Iterator[KeyJoin]:
    """The join by each spelling under which keys stay different, the strictest first."""
    yield _join(column, written, keys, "")
    written, keys = ([_slashed(key) for key in one] for one in (written, keys))  # parts of paths are of these
    many, distinct = len(set(keys)), len(set(written))
    depth = min(max((key.count("/") + 1 for key in one), default=1) for one in (written, keys))
    for how, spell in _spellings(min(depth, _DEEPEST)):
        mine = list(map(spell, keys))
        if len(set(mine)) < many:
            continue
        theirs = list(map(spell, written))
        if len(set(theirs)) == distinct:
            yield _join(column, theirs, mine, how)


def _spellings(deepest: int) -> Iterator[tuple[str, Spell]]:
    """How, and what a key is then; `deepest`, how many parts both sides have, beyond which a tail is the whole."""
    yield "", str
    for depth in range(deepest, 0, -1):
        yield _("by the end of the path"), partial(_tail, depth=depth)
    for depth in range(deepest, 0, -1):
        yield _("by the name without its ending"), partial(_stem, depth=depth)
    yield _("without regard to upper and lower case"), str.casefold
    yield _("as numbers"), _number


def _slashed(key: str) -> str:
    if "\\" in key or "%" in key:
        key = unquote(key).replace("\\", "/")
    return posixpath.normpath(key).lstrip("/") if "/" in key or "." in key[:2] else key


def _tail(key: str, depth: int) -> str:
    return "/".join(key.split("/")[-depth:])


def _stem(key: str, depth: int) -> str:
    return posixpath.splitext(_tail(key, depth))[0]


def _number(key: str) -> str:
    return str(int(key)) if key.isdecimal() else key


def _join(column: str, written: Sequence[str], keys: Sequence[str], how: str) -> KeyJoin:
    places = {key: at for at, key in enumerate(keys)}
    rows = np.full(len(keys), -1, np.int64)
    further, doubles = 0, []
    for row, key in enumerate(written):
        at = places.get(key) if key else None
        if at is None:
            further += 1
        elif rows[at] >= 0:
            doubles.append((row, int(rows[at])))
        else:
            rows[at] = row
    return KeyJoin(column, rows, how, further, doubles)
