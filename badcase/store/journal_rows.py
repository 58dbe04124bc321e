"""The journal's rows in the database: read as entries for the replay, and added."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from badcase.store.database import Store
from badcase.store.replay import ENTRY, Entries
from badcase.store.verdicts import CODES, Act, Verdict, VerdictCode

_READ = "SELECT seq, batch, action, item, verdict, label, opinion FROM journal WHERE seq > ? ORDER BY seq"
_ADD = "INSERT INTO journal (batch, action, item, verdict, label, who, at, shown, opinion) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
GOLD = 2  # in the column `opinion`: a check of gold; earlier programs take it for an opinion, which decides nothing either


@dataclass(frozen=True, slots=True)
class JournalRow:
    """What is written of one entry, beside its number and its batch; an undo and a redo name no item.

    `opinion`: the label does not follow it. `gold`: what a blind check of gold found, which no label follows either.
    """

    who: str
    at: str
    item: int | None = None
    verdict: Verdict | None = None
    label: int | None = None
    shown: str | None = None
    opinion: bool = False
    gold: bool = False


def read_entries(store: Store, since: int, n: int, k: int) -> Entries:
    """The entries after one, oldest first, of a project of n items and k classes.

    Raises:
        DamagedError: Where one is none that badcase writes; it names the first.
    """
    store.require("journal", n=n, k=k)
    rows = store.rows(_READ, (since,))
    return np.fromiter((_entry(*row) for row in rows), ENTRY, len(rows))


def _entry(
    seq: int, batch: int, action: str, item: int | None, verdict: Verdict | None, label: int | None, opinion: int
) -> tuple[int, int, int, int, int, bool, bool, bool]:
    if verdict is None or item is None:
        return seq, batch, -1, -1, VerdictCode.NONE, False, False, action == Act.UNDO
    labeled = label if label is not None and verdict == Verdict.RELABEL else -1
    return seq, batch, item, labeled, CODES[verdict], not opinion, opinion == GOLD, False


def add_rows(connection: sqlite3.Connection, batch: int, action: Act, rows: Sequence[JournalRow]) -> Entries:
    """Write rows as one batch inside a transaction; returns them as entries."""
    words = {one: one.value for one in Verdict}
    standing = [GOLD if row.gold else int(row.opinion) for row in rows]
    connection.executemany(
        _ADD,
        (
            (batch, action.value, row.item, words.get(row.verdict), row.label, row.who, row.at, row.shown, how)
            for row, how in zip(rows, standing, strict=True)
        ),
    )
    last: int = connection.execute("SELECT MAX(seq) FROM journal").fetchone()[0]
    entries = np.zeros(len(rows), ENTRY)
    entries["seq"] = np.arange(last - len(rows) + 1, last + 1)  # they follow each other: nobody else writes meanwhile
    entries["batch"], entries["undo"] = batch, action is Act.UNDO
    entries["item"] = [-1 if row.item is None else row.item for row in rows]
    entries["label"] = [-1 if row.label is None else row.label for row in rows]
    entries["verdict"] = [VerdictCode.NONE if row.verdict is None else CODES[row.verdict] for row in rows]
    entries["gold"] = [row.gold for row in rows]
    entries["decides"] = (entries["item"] >= 0) & (np.array(standing) == 0)
    return entries
