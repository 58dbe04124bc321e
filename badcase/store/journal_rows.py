"""The journal's rows in the database: read as entries for the replay, and added."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from badcase.store.database import Store
from badcase.store.replay import ENTRY, Entries
from badcase.store.verdicts import CODES, Act, Verdict, VerdictCode

GOLD = 2  # in the column `opinion`: a check of gold; earlier programs take it for an opinion, which decides nothing either
# The columns of `ENTRY`; a row without an item or without a verdict takes a batch back or brings one back.
_JUDGES = "(verdict IS NOT NULL AND item IS NOT NULL)"
_CODE = " ".join(f"WHEN '{word}' THEN {int(code)}" for word, code in CODES.items())
_READ = f"""
    SELECT seq, batch, CASE WHEN {_JUDGES} THEN item ELSE -1 END,
        CASE WHEN {_JUDGES} AND verdict = '{Verdict.RELABEL}' THEN COALESCE(label, -1) ELSE -1 END,
        CASE WHEN {_JUDGES} THEN CASE verdict {_CODE} END ELSE {int(VerdictCode.NONE)} END,
        {_JUDGES} AND NOT opinion, {_JUDGES} AND opinion = {GOLD}, NOT {_JUDGES} AND action = '{Act.UNDO}'
    FROM journal WHERE seq > ? ORDER BY seq"""
_ADD = "INSERT INTO journal (batch, action, item, verdict, label, who, at, shown, opinion) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


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
    return np.array(store.rows(_READ, (since,)), ENTRY)


def add_rows(connection: sqlite3.Connection, batch: int, action: Act, rows: Sequence[JournalRow]) -> Entries:
    """Write rows as one batch inside a transaction; returns them as entries."""
    words: dict[Verdict | None, str | None] = {None: None} | {one: one.value for one in Verdict}
    standing = [GOLD if row.gold else int(row.opinion) for row in rows]
    connection.executemany(
        _ADD,
        (
            (batch, action.value, row.item, words[row.verdict], row.label, row.who, row.at, row.shown, how)
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
