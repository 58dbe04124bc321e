"""The journal's rows in the database: read as entries for the replay, and added."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from badcase.store.database import Store
from badcase.store.replay import ENTRY, Entries
from badcase.store.verdicts import CODES, Act, Verdict, VerdictCode

GOLD = 2  # in the column `opinion`: a check of gold; earlier programs take it for an opinion, which decides nothing either
# The columns of `ENTRY`; a row without an item or without a verdict changes classes, takes a batch back or brings one back.
_JUDGES = "(verdict IS NOT NULL AND item IS NOT NULL)"
_CODE = " ".join(f"WHEN '{word}' THEN {int(code)}" for word, code in CODES.items())
_READ = f"""
    SELECT seq, batch, CASE WHEN {_JUDGES} THEN item ELSE -1 END,
        CASE WHEN {_JUDGES} AND verdict = '{Verdict.RELABEL}' THEN COALESCE(label, -1) ELSE -1 END,
        CASE WHEN {_JUDGES} THEN CASE verdict {_CODE} END ELSE {int(VerdictCode.NONE)} END,
        {_JUDGES} AND NOT opinion, {_JUDGES} AND opinion = {GOLD}, NOT {_JUDGES} AND action = '{Act.UNDO}', classes IS NOT NULL
    FROM journal WHERE seq > ? ORDER BY seq"""
_WORDS = {None: None} | {one: one.value for one in Verdict}  # plain ones, which cost less than those of an enum
_NUMBERS = {one: int(code) for one, code in CODES.items()}
_WORDS_BY_CODE = {int(code): one.value for one, code in CODES.items()}
_IN_A_STATEMENT = 250  # verdicts: twice as fast as one each, and within the 999 values that any SQLite takes
_ADD = (
    "INSERT INTO journal (batch, action, item, verdict, label, who, at, shown, opinion, classes) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class JournalRow:
    """What is written of one entry, beside its number and its batch; an undo and a redo name no item.

    `label` is a stored class. `opinion`: the label does not follow it. `gold`: what a blind check of gold found, which no label
    follows either. `classes`: what it does to the classes, as JSON; it names no item then.
    """

    who: str
    at: str
    item: int | None = None
    verdict: Verdict | None = None
    label: int | None = None
    shown: str | None = None
    opinion: bool = False
    gold: bool = False
    classes: str | None = None


def read_entries(store: Store, since: int, n: int, k: int) -> Entries:
    """The entries after one, oldest first, of a project of n items and k classes.

    Raises:
        DamagedError: Where one is none that badcase writes; it names the first.
    """
    store.require("journal", n=n, k=k)
    return np.array(store.rows(_READ, (since,)), ENTRY)


def add_rows(connection: sqlite3.Connection, batch: int, action: Act, rows: Sequence[JournalRow]) -> Entries:
    """Write rows as one batch inside a transaction; returns them as entries."""
    does = action.value
    standing = (GOLD if row.gold else int(row.opinion) for row in rows)
    *others, last = [
        (batch, does, row.item, _WORDS[row.verdict], row.label, row.who, row.at, row.shown, how, row.classes)
        for row, how in zip(rows, standing, strict=True)
    ]
    if others:
        connection.executemany(_ADD, others)
    newest = connection.execute(_ADD, last).lastrowid
    assert newest is not None
    first = newest - len(others)  # they follow each other: nobody else writes meanwhile
    return np.array([_entry(first + place, batch, action, row) for place, row in enumerate(rows)], ENTRY)


def add_verdicts(
    connection: sqlite3.Connection,
    batch: int,
    items: NDArray[np.int64],
    codes: NDArray[np.int8],
    labels: NDArray[np.int64],
    said: tuple[str, str, str | None],
) -> Entries:
    """Write verdicts that decide as rows of one batch inside a transaction, many in a statement; returns them as entries.

    Args:
        connection: Of the store.
        batch: Its number.
        items: (m,) their ids, some at least.
        codes: (m,) what was decided, as VerdictCodes.
        labels: (m,) the stored class of each relabel, else -1.
        said: Who, when, and what was on screen, of all of them.
    """
    words = [_WORDS_BY_CODE[code] for code in codes.tolist()]
    written = [None if label < 0 else label for label in labels.tolist()]
    rows = list(zip(items.tolist(), words, written, strict=True))
    newest = None
    for start in range(0, len(rows), _IN_A_STATEMENT):
        some = rows[start : start + _IN_A_STATEMENT]
        newest = connection.execute(_adding(len(some)), (batch, *said, *chain.from_iterable(some))).lastrowid
    assert newest is not None
    made = np.zeros(len(rows), ENTRY)
    made["seq"], made["batch"] = np.arange(newest - len(rows), newest) + 1, batch
    made["item"], made["label"], made["verdict"], made["decides"] = items, labels, codes, True
    return made


@cache
def _adding(rows: int) -> str:
    """The statement that writes so many verdicts: batch, who, when, what was shown, then item, verdict and label of each."""
    each = (f"(?1, '{Act.VERDICT}', ?{at}, ?{at + 1}, ?{at + 2}, ?2, ?3, ?4)" for at in range(5, 5 + 3 * rows, 3))
    return f"INSERT INTO journal (batch, action, item, verdict, label, who, at, shown) VALUES {', '.join(each)}"


def _entry(seq: int, batch: int, action: Act, row: JournalRow) -> tuple[int | bool, ...]:
    """A row as an entry, in the order of `ENTRY`."""
    if row.item is None or row.verdict is None:
        return seq, batch, -1, -1, 0, False, False, action is Act.UNDO, row.classes is not None
    label = -1 if row.label is None else row.label
    return seq, batch, row.item, label, _NUMBERS[row.verdict], not (row.opinion or row.gold), row.gold, False, False
