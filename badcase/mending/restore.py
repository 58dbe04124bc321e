"""A database made again from a backup of its journal; the damaged one is kept aside under a name that is told."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Items
from badcase.mending.journal_backups import FOLDER, Backup, newest_backup, read_backup
from badcase.mending.project_folder import require_project
from badcase.mending.rescue import find_journal, sound_entries
from badcase.mending.snapshot import DATABASE
from badcase.store.atomic_files import sync_whole, temporary_folder, write_whole
from badcase.store.checks.identity import is_of
from badcase.store.checks.row_rules import RULES
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.database import Store
from badcase.store.journal import Journal
from badcase.store.opening.lock import ProjectLock


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        backup: The backup that was taken.
        made: When it was made.
        aside: The database as it was; None where there was none.
        entries: How many entries the journal has now.
        newer: How many of them are newer than the backup, out of the damaged database.
        missing: How many there were beside them, as far as the numbers tell.
    """

    backup: Path
    made: str
    aside: Path | None
    entries: int
    newer: int
    missing: int


def restore_journal(folder: Path, file: Path | None = None) -> Restored:
    """Make project.db again from a backup, and from what the damaged one has beyond it.

    Args:
        folder: Of the project, which no program may have open.
        file: The backup; else the newest one that can be read.

    Raises:
        BadcaseError: Where there is no backup, it is of another project, or the project is open.
    """
    require_project(folder)
    found = newest_backup(folder) if file is None else (file, read_backup(file))
    if found is None:
        raise BadcaseError(
            _("there is no backup of the journal that can be read"),
            where=str(folder / FOLDER),
            hint=_("Write what is left with `badcase doctor PROJECT --rescue FILE`, and apply it to a new project of the data."),
        )
    path, backup = found
    items = Items.open(folder)
    others = (i for i, item in backup.items.items() if i >= len(items) or items.key(i) != item.key)
    if backup.n != len(items) or next(others, None) is not None or not is_of(items, backup.mark):
        raise BadcaseError(_("this backup is of another project"), where=str(path), expected=len(items), got=backup.n)
    if backup.data_revision != items.revision:
        what = _("this backup is of another revision of the data")
        raise BadcaseError(what, where=str(path), expected=items.revision, got=backup.data_revision)
    lock = ProjectLock(folder)
    try:
        return _restore(folder, path, backup, items)
    finally:
        lock.release()


def _restore(folder: Path, path: Path, backup: Backup, items: Items) -> Restored:
    old = backup.rows("journal")
    last = max((row["seq"] for row in old), default=0)
    known, k = {row["seq"] for row in old}, _most_class(backup)
    new = [row for row in find_journal(folder).entries if row["seq"] not in known and _fits(row, len(items), k)]
    entries = sound_entries([*old, *new])
    with temporary_folder(folder / "restored") as room:
        made = room / DATABASE
        store = Store.create(made)
        try:
            _fill(store, backup, entries, folder)
            Journal(store, items.given, Taxonomy(store, store.setting("task", "multiclass")))  # refuses what would not open
        finally:
            store.close()
        aside = _put_aside(folder)
        with write_whole(folder / DATABASE) as whole:
            shutil.copyfile(made, whole)
    newer = sum(row["seq"] > last for row in entries)
    return Restored(path, backup.made, aside, len(entries), newer, (entries[-1]["seq"] if entries else 0) - len(entries))


def _most_class(backup: Backup) -> int:
    """Below which ids the classes lie that a backup knows: those of its table, and those that entries of its journal added."""
    told = [row["classes"] for row in backup.rows("journal") if row.get("classes")]
    added = [int(one) for text in told for one in json.loads(text).get("sets", {})]
    return max([len(backup.rows("classes")), *(one + 1 for one in added)])


def _fits(row: dict[str, Any], n: int, k: int) -> bool:
    """Whether an entry is about an item and a class that the backup knows, too."""
    return (row["item"] is None or row["item"] < n) and (row["label"] is None or row["label"] < k)


def _fill(store: Store, backup: Backup, entries: list[dict[str, Any]], folder: Path) -> None:
    tables = {table: backup.rows(table) for table in RULES} | {"journal": entries}
    there = folder / "predictions"
    tables["prediction_sets"] = [row for row in tables["prediction_sets"] if (there / str(row["folder"])).is_dir()]
    tables["settings"] = [row for row in tables["settings"] if row["name"] != "journal_missing"]
    missing = (entries[-1]["seq"] if entries else 0) - len(entries)
    if missing:
        tables["settings"].append({"name": "journal_missing", "value": str(missing)})
    with store.transaction() as connection:
        for table, rows in tables.items():
            own = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for row in rows:
                names = [name for name in row if name in own]
                marks = ", ".join("?" * len(names))
                connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [row[name] for name in names])


def _put_aside(folder: Path) -> Path | None:
    """Copy the database and its log to a name of their own; the log then goes, as it is not of what takes the place."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside = folder / f"{DATABASE}.damaged-{stamp}"
    if not (folder / DATABASE).is_file():
        if (folder / DATABASE).is_dir():
            (folder / DATABASE).rename(aside)
            return aside
        (folder / DATABASE).unlink(missing_ok=True)  # a pipe or a link that leads nowhere, in which nothing is
        return None
    shutil.copyfile(folder / DATABASE, aside)
    if (folder / f"{DATABASE}-wal").is_file():
        shutil.copyfile(folder / f"{DATABASE}-wal", Path(f"{aside}-wal"))
        sync_whole(Path(f"{aside}-wal"))
    sync_whole(aside)
    for name in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            (folder / f"{DATABASE}{name}").unlink()
    return aside
