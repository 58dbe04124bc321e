"""The rows of the journal in the raw pages of a database that SQLite cannot read any more.

Rows are only ever added to the journal, so each whole row that any page holds is true, wherever the page belongs.
Source: the database file format of SQLite, https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from badcase.items.regular_files import read_regular
from badcase.mending.snapshot import DATABASE

COLUMNS = ("seq", "batch", "action", "item", "verdict", "label", "who", "at", "shown", "opinion", "classes")
_LEAST = len(COLUMNS) - 2  # values of a row that was written before there were opinions and changes to classes
_LEAF = 0x0D  # a page of rows
_SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}  # bytes of a value by its serial type; texts are odd


def scanned_rows(folder: Path) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """Rows of the journal by their number, and names of classes by theirs; `shown` is left out of rows that need two pages."""
    rows: dict[int, dict[str, Any]] = {}
    classes: dict[int, str] = {}
    for page, start in _pages(folder):
        for number, values in _records(page, start):
            if len(values) >= _LEAST and values[0] is None and values[2] in ("verdict", "undo", "redo"):
                rows[number] = dict(zip(COLUMNS, (number, *values[1:]), strict=False))
            elif len(values) == 2 and values[0] is None and isinstance(values[1], str):
                classes[number] = values[1]
    return rows, classes


def _pages(folder: Path) -> Iterator[tuple[bytes, int]]:
    """Each page of the database and its log, and where its head begins."""
    database = _bytes(folder / DATABASE)
    size = int.from_bytes(database[16:18], "big") if database.startswith(b"SQLite format 3\0") else 4096
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        size = 4096
    for start in range(0, len(database), size):
        yield database[start : start + size], 100 if start == 0 else 0
    log = _bytes(folder / f"{DATABASE}-wal")
    frame = 24 + size
    frames = [log[start : start + frame] for start in range(32, len(log) - frame + 1, frame)]
    frames = [one for one in frames if one[8:16] == log[16:24]]  # of this round of the log
    ends = [number for number, one in enumerate(frames) if one[4:8] != bytes(4)]
    for one in frames[: ends[-1] + 1] if ends else ():  # what follows was never committed
        yield one[24:], 100 if one[:4] == b"\0\0\0\1" else 0


def _bytes(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError:
        return b""


def _records(page: bytes, start: int) -> Iterator[tuple[int, list[Any]]]:
    """The number and values of each row of a page that can be read."""
    if len(page) < start + 8 or page[start] != _LEAF:
        return
    for at in range(int.from_bytes(page[start + 3 : start + 5], "big")):
        place = page[start + 8 + 2 * at : start + 10 + 2 * at]
        try:
            yield _record(page, int.from_bytes(place, "big"))
        except (IndexError, ValueError, KeyError, struct.error):  # a cell that was overwritten
            continue


def _record(page: bytes, at: int) -> tuple[int, list[Any]]:
    length, at = _varint(page, at)
    number, at = _varint(page, at)
    end = min(at + length, len(page))
    size, head = _varint(page, at)
    types = []
    while head < at + size:
        kind, head = _varint(page, head)
        types.append(kind)
    if head != at + size or len(types) > 2 * len(COLUMNS):
        raise ValueError("not a row")
    values: list[Any] = []
    place = head
    for kind in types:
        wide = _SIZES[kind] if kind < 12 else (kind - 12) // 2
        if place + wide > end or (length > len(page) - 35 and place + wide > at + _local(length, len(page))):
            values.append(None)  # on another page
        else:
            values.append(_value(page[place : place + wide], kind))
        place += wide
    if place - at != length:
        raise ValueError("not a row")
    return number, values


def _local(length: int, size: int) -> int:
    """How many bytes of a long row lie on its first page."""
    least = (size - 12) * 32 // 255 - 23
    wanted = least + (length - least) % (size - 4)
    return wanted if wanted <= size - 35 else least


def _value(raw: bytes, kind: int) -> Any:
    if kind == 7:
        return struct.unpack(">d", raw)[0]
    if kind >= 12:
        return raw if kind % 2 == 0 else raw.decode("utf-8")
    return None if kind == 0 else kind - 8 if kind in (8, 9) else int.from_bytes(raw, "big", signed=True)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        byte = raw[at + count]
        if count == 8:
            value = value << 8 | byte
            break
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value - (1 << 64) if value >= 1 << 63 else value, at + count + 1
