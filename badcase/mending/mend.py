"""Mending: what a check-up found that can be removed, dropped or made again, done after a copy of the database."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from badcase.i18n import _
from badcase.mending.check_up import CHOSEN, CheckedPart, Cure, check_up, row_bounds
from badcase.mending.journal_backups import FOLDER, back_up_journal
from badcase.mending.rescue import Row, find_journal
from badcase.mending.snapshot import DATABASE, copy_database
from badcase.progress import Job
from badcase.store.checks.row_rules import RULES
from badcase.store.database import Store
from badcase.store.opening.lock import ProjectLock
from badcase.store.run_table import RunTable

_ROUNDS = 5
_DROPS = {
    Cure.DROP_SETTING: "DELETE FROM settings WHERE name = ?",
    Cure.DROP_PREDICTIONS: "DELETE FROM prediction_sets WHERE id = ?",
    Cure.DROP_RUN: "DELETE FROM runs WHERE id = ?",
}


def mend(folder: Path, findings: Sequence[CheckedPart]) -> list[CheckedPart]:
    """Do what the findings of a check-up say would help; the database is copied first, where it is changed.

    Args:
        folder: Of the project, which no program may have open.
        findings: Of `check_up`.

    Returns:
        Those that were mended.
    """
    wanted = [one for one in findings if one.cure is not None]
    if not wanted:
        return []
    lock = ProjectLock(folder)
    try:
        for one in wanted:
            if one.cure is Cure.REMOVE:
                _remove(folder / one.subject)
        rest = [one for one in wanted if one.cure is not Cure.REMOVE]
        if rest:
            _change_database(folder, rest)
    finally:
        lock.release()
    return wanted


def mending_in_steps(folder: Path, *, media: bool = False) -> Job[tuple[list[CheckedPart], list[CheckedPart]]]:
    """Check a project and mend it until nothing more can be: what lies below a damaged part is looked at once that is sound.

    Returns:
        What was mended, and what the last check-up found.
    """
    mended: list[CheckedPart] = []
    for _round in range(_ROUNDS):
        findings = yield from check_up(folder, media=media)
        done = mend(folder, findings)
        mended += done
        if not done:
            break
    return mended, findings


def what_mending_does(finding: CheckedPart) -> str:
    """The words for a cure, before it is done; "" where there is none."""
    return {
        Cure.REMOVE: _("remove {name}"),
        Cure.DROP_ROWS: _("drop the bad rows of the table {name}"),
        Cure.DROP_SETTING: _("drop the setting {name}"),
        Cure.DROP_PREDICTIONS: _("take prediction set {name} off the list"),
        Cure.DROP_RUN: _("take run {name} off the list"),
        Cure.CLOSE_RUN: _("say of run {name} that it was abandoned"),
        None: "",
    }[finding.cure].format(name=finding.subject)


def _change_database(folder: Path, findings: Sequence[CheckedPart]) -> None:
    copy = folder / FOLDER / f"before-mending-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.db"
    copy.parent.mkdir(exist_ok=True)
    copy_database(folder, copy)
    entries = find_journal(folder).entries  # before anything is dropped
    store = Store(folder / DATABASE, check=False)
    try:
        bounds = row_bounds(folder, store)
        for one in findings:
            if one.cure is Cure.CLOSE_RUN:
                continue
            with store.transaction() as connection:
                if one.cure in _DROPS:
                    connection.execute(_DROPS[one.cure], (one.subject,))
                elif one.subject == "journal":
                    _keep_entries(connection, [row for row in entries if _is_of(row, **bounds)])
                else:
                    rule = RULES[one.subject]
                    connection.execute(f"DELETE FROM {one.subject} WHERE ({rule.condition}) IS NOT TRUE", bounds)
        _point_at_what_is_there(store)
        RunTable(store, folder / "runs").mark_abandoned()  # nobody works on one: the lock is ours
    finally:
        store.close()
    back_up_journal(folder)


def _point_at_what_is_there(store: Store) -> None:
    """What is in use is one of those that are left."""
    for name, table in CHOSEN.items():
        known = [number for (number,) in store.rows(f"SELECT id FROM {table} ORDER BY id")]
        if store.setting(name) not in (None, *known):
            with store.transaction() as connection:
                connection.execute("DELETE FROM settings WHERE name = ?", (name,))
            if known:
                store.set_settings([(name, known[-1])])


def _is_of(row: Row, n: int, k: int) -> bool:
    """Whether an entry is about one of n items and k classes."""
    return (row["item"] is None or row["item"] < n) and (row["label"] is None or row["label"] < k)


def _keep_entries(connection: sqlite3.Connection, entries: Sequence[Row]) -> None:
    """Keep these entries of the journal alone, and note how many are given up."""
    last = max((row["seq"] for row in entries), default=0)
    columns = list(entries[0]) if entries else []
    connection.execute("DELETE FROM journal")
    marks = ", ".join("?" * len(columns))
    for row in entries:
        connection.execute(f"INSERT INTO journal ({', '.join(columns)}) VALUES ({marks})", list(row.values()))
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'journal'")
    connection.execute("INSERT INTO sqlite_sequence VALUES ('journal', ?)", (last,))
    connection.execute("INSERT OR REPLACE INTO settings VALUES ('journal_missing', ?)", (str(last - len(entries)),))


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
