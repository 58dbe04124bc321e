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


def _entry(seq: int, batch: int, action: Act, row: JournalRow) -> tuple[int | bool, ...]:
    """A row as an entry, in the order of `ENTRY`."""
    if row.item is None or row.verdict is None:
        return seq, batch, -1, -1, 0, False, False, action is Act.UNDO, row.classes is not None
    label = -1 if row.label is None else row.label
    return seq, batch, row.item, label, _NUMBERS[row.verdict], not (row.opinion or row.gold), row.gold, False, False
