"""The journal's rows in the database: read as entries for the replay, and added."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
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
        BadcaseError: Where one is none that badcase writes; it names the first.
    """
    rows = store.rows(_READ, (since,))
    return np.fromiter((_entry(row, n, k) for row in rows), ENTRY, len(rows))


def _entry(row: tuple[Any, ...], n: int, k: int) -> tuple[Any, ...]:
    seq, batch, action, item, verdict, label, opinion = row
    if type(batch) is int and 0 < batch <= seq:
        if action == Act.VERDICT:
            code = CODES.get(verdict)
            labeled = label if code is VerdictCode.RELABEL else -1
            if code is not None and type(item) is int and 0 <= item < n and type(labeled) is int and -1 <= labeled < k:
                return seq, batch, item, labeled, code, not opinion, opinion == GOLD, False
        elif action in (Act.UNDO, Act.REDO):
            return seq, batch, -1, -1, VerdictCode.NONE, False, False, action == Act.UNDO
    raise BadcaseError(
        _("an entry of the journal is damaged"),
        where=_("journal, entry {seq}").format(seq=seq),
        expected=_("an item of {n}, a verdict, a class of {k}").format(n=n, k=k),
        got=row,
        hint=_("Restore project.db from a copy; the data set itself has not been touched."),
    )


def add_rows(connection: sqlite3.Connection, batch: int, action: Act, rows: Sequence[JournalRow]) -> Entries:
    """Write rows as one batch inside a transaction; returns them as entries."""
    entries = np.empty(len(rows), ENTRY)
    for place, row in enumerate(rows):
        standing = GOLD if row.gold else int(row.opinion)
        seq = connection.execute(
            _ADD, (batch, action, row.item, row.verdict, row.label, row.who, row.at, row.shown, standing)
        ).lastrowid
        item, label = (-1 if one is None else one for one in (row.item, row.label))
        code = VerdictCode.NONE if row.verdict is None else CODES[row.verdict]
        entries[place] = seq, batch, item, label, code, row.item is not None and not standing, row.gold, action is Act.UNDO
    return entries
