"""Backups of the journal: small files beside the database, in PROJECT/backups/, from which it can be made again.

A backup is compressed JSON lines: a header, the rows of each table, what the judged items are, and an end that tells it is whole.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.export.patch import PatchItem
from badcase.i18n import _
from badcase.items import Items
from badcase.items.regular_files import open_regular
from badcase.mending.snapshot import DATABASE, reading
from badcase.store.atomic_files import sweep, write_whole
from badcase.store.checks.identity import NAME as IDENTITY
from badcase.store.checks.identity import REVISIONS
from badcase.store.checks.json_shapes import misfit
from badcase.store.checks.row_rules import RULES

FOLDER = "backups"
NEWEST, DAYS = 3, 7  # kept: so many of the newest, and the last one of each of so many days
OFTEN = 100  # of a journal of so many times the verdicts that are new no backup is made yet, unless the last is
HOUR = 3600.0  # seconds old
_FORMAT = 1
_ROWS = 1000  # of a table in a line
_LARGEST = 1 << 30  # bytes that a backup may unfold to
_NAME = re.compile(r"journal-(\d{8}T\d{12}Z)-(\d+)\.jsonl\.gz")
_HEADER = {"badcase_journal": int, "made": str, "n": int}
_TABLE = {"table": lambda name: name in RULES, "columns": [str], "rows": [list]}
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Backup:
    """What one backup holds.

    Attributes:
        made: When, in ISO 8601.
        n: How many items the project has.
        tables: The columns and the rows of each table of the database.
        items: The judged items by their number.
    """

    made: str
    n: int
    tables: dict[str, tuple[list[str], list[list[Any]]]] = field(default_factory=dict)
    items: dict[int, PatchItem] = field(default_factory=dict)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table by the names of its columns."""
        columns, rows = self.tables.get(table, ([], []))
        return [dict(zip(columns, row, strict=True)) for row in rows]

    @property
    def mark(self) -> str | None:
        """The mark of the project that its database noted; None where it was made before."""
        values = [row.get("value") for row in self.rows("settings") if row.get("name") == IDENTITY]
        return str(values[0]).strip('"') if values else None

    @property
    def data_revision(self) -> int:
        """The revision of the data that its database was about."""
        values = [str(row.get("value")) for row in self.rows("settings") if row.get("name") == REVISIONS]
        return 1 + len(json.loads(values[0]) if values else [])


def backup_files(folder: Path) -> list[Path]:
    """The backups of a project, the newest first."""
    return sorted((path for path in (folder / FOLDER).glob("journal-*.gz") if _NAME.fullmatch(path.name)), reverse=True)


def back_up_journal(folder: Path, *, at_once: bool = False, updated: bool = False) -> Path | None:
    """Write a backup where there is something new; needs no lock, so that it can be done beside the work.

    A disk that is full or may not be written to costs the backup and nothing else.

    Args:
        folder: Of the project.
        at_once: Also where the last one is not old and little is new.
        updated: The data have another revision, so that what was backed up before leads back no more.

    Returns:
        The backup; None where none was made.
    """
    if (folder / FOLDER).is_symlink():  # what is written and removed there would be somebody else's
        _log.warning("no backup of the journal of %s was made: its folder %s is a link", folder, FOLDER)
        return None
    try:
        with closing(reading(folder / DATABASE)) as database:
            database.execute("BEGIN")
            revision = database.execute("SELECT COALESCE(MAX(seq), 0) FROM journal").fetchone()[0]
            if not (updated and revision) and not _is_due(folder, revision, at_once=at_once):
                return None
            now = datetime.now(UTC)
            sweep(folder / FOLDER)  # what was killed had a name with another time
            path = folder / FOLDER / f"journal-{now:%Y%m%dT%H%M%S%f}Z-{revision}.jsonl.gz"
            with write_whole(path) as temporary, gzip.open(temporary, "wt", encoding="utf-8", compresslevel=1) as file:
                for line in _lines(database, Items.open(folder), now):
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        _rotate(folder)
    except (OSError, sqlite3.Error, ValueError, TypeError) as error:  # a damaged database is told where it is read
        _log.info("no backup of the journal of %s was made: %s", folder, error)
        return None
    return path


def _is_due(folder: Path, revision: int, *, at_once: bool) -> bool:
    newest = next(iter(backup_files(folder)), None)
    if newest is None:
        return revision > 0
    new = revision - int(_NAME.fullmatch(newest.name)[2])  # type: ignore[index]  # it is among the files for its name
    old = datetime.now(UTC).timestamp() - newest.stat().st_mtime > HOUR
    return new != 0 and (at_once or old or abs(new) * OFTEN >= revision)


def _lines(database: sqlite3.Connection, items: Items, now: datetime) -> Iterator[dict[str, Any]]:
    lines = 1
    yield {"badcase_journal": _FORMAT, "made": now.isoformat(timespec="seconds"), "n": len(items)}
    for table in RULES:
        cursor = database.execute(f"SELECT * FROM {table}")
        columns = [one[0] for one in cursor.description]
        while rows := cursor.fetchmany(_ROWS):
            lines += 1
            yield {"table": table, "columns": columns, "rows": rows}
    judged = [i for (i,) in database.execute("SELECT DISTINCT item FROM journal WHERE item IS NOT NULL")]
    for start in range(0, len(judged), _ROWS):
        lines += 1
        part = judged[start : start + _ROWS]
        yield {"items": [[i, items.key(i), items.fingerprint(i), int(items.given[i])] for i in part]}
    yield {"end": lines}


def _rotate(folder: Path) -> None:
    files, days = backup_files(folder), set[str]()
    for number, path in enumerate(files):
        day = path.name[len("journal-") :][:8]
        if number >= NEWEST and (day in days or len(days) >= DAYS):
            path.unlink()
        days.add(day)


def read_backup(path: Path) -> Backup:
    """What a backup holds; BadcaseError where it is none, or not whole."""
    try:
        with open_regular(path) as file, gzip.open(file, "rb") as packed:
            raw = packed.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise ValueError(_("more than {n} bytes").format(n=_LARGEST))
        first, *middle, last = (json.loads(line) for line in raw.decode("utf-8").splitlines())
        if misfit(first, _HEADER) or first["badcase_journal"] > _FORMAT or last != {"end": 1 + len(middle)}:
            raise ValueError(_("no header, or no end"))
        made = Backup(first["made"], first["n"])
        for line in middle:
            _take(made, line)
        return made
    except (OSError, EOFError, ValueError, TypeError, LookupError, RecursionError, zlib.error) as error:
        raise BadcaseError(
            _("this backup of a journal cannot be read"),
            where=str(path),
            got=error,
            hint=_("Take another one of the folder {name}.").format(name=FOLDER),
        ) from error


def _take(made: Backup, line: Any) -> None:
    if "items" in line:
        for i, key, fingerprint, given in line["items"]:
            made.items[int(i)] = PatchItem(str(key), str(fingerprint), int(given))
        return
    if misfit(line, _TABLE) or any(len(row) != len(line["columns"]) for row in line["rows"]):
        raise ValueError(_("a line that is no table"))
    made.tables.setdefault(line["table"], (line["columns"], []))[1].extend(line["rows"])


def newest_backup(folder: Path) -> tuple[Path, Backup] | None:
    """The newest one that can be read."""
    for path in backup_files(folder):
        try:
            return path, read_backup(path)
        except BadcaseError as error:
            _log.info("%s", error)
    return None
