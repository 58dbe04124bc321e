"""The project's database: SQLite, one transaction a user action, on the disk before the call returns."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from badcase.errors import BadcaseError
from badcase.i18n import _

# One step a format version; a project of version v has run the first v steps. Never edit a step that has shipped.
MIGRATIONS = (
    """
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE classes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE set_aside (row INTEGER, key TEXT, place TEXT, what TEXT, remedy TEXT);
    CREATE TABLE gold (item INTEGER PRIMARY KEY);
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        batch INTEGER NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('verdict', 'undo', 'redo')),
        item INTEGER, verdict TEXT, label INTEGER,
        who TEXT NOT NULL, at TEXT NOT NULL, shown TEXT
    );
    CREATE INDEX journal_item ON journal (item);
    CREATE TABLE prediction_sets (id INTEGER PRIMARY KEY, folder TEXT NOT NULL, made TEXT NOT NULL, meta TEXT NOT NULL);
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, parent INTEGER, state TEXT NOT NULL, title TEXT NOT NULL,
        recipe TEXT NOT NULL, start TEXT NOT NULL, revision INTEGER NOT NULL, seed INTEGER NOT NULL,
        started TEXT NOT NULL, finished TEXT, accepted TEXT, metrics TEXT NOT NULL, error TEXT NOT NULL
    );
    """,
    "ALTER TABLE runs ADD COLUMN part_of INTEGER;",
    "ALTER TABLE journal ADD COLUMN opinion INTEGER NOT NULL DEFAULT 0;",  # 1: known, but the label does not follow it
)

_GLANCE = """
    SELECT COALESCE(MAX(seq), 0) FROM journal UNION ALL SELECT COALESCE(MAX(id), 0) FROM prediction_sets
    UNION ALL SELECT COUNT(*) FROM runs WHERE finished IS NOT NULL
    UNION ALL SELECT value FROM settings WHERE name = 'current_run'
"""


def glance(project: Path) -> str:
    """What changes with every verdict, prediction, ranking and run of a project, read beside whoever holds it.

    project: Its folder. "" where it cannot be told, as of another format, which opening the project would change.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(project / 'project.db'))}?mode=ro", uri=True, timeout=1)) as database:
            if database.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
                return ""
            numbers = [str(value) for (value,) in database.execute(_GLANCE)]
        rankings = sorted(found.name for found in project.glob("predictions/*/ranking-*"))
    except (sqlite3.Error, OSError):
        return ""
    return " ".join([*numbers, *rankings])


class Store:
    """One connection to project.db. Readers may share the file; writers wait for each other up to 30 s."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.closed = False
        self.owner: object = None  # lives as long as anything that reads from here
        self._thread = threading.get_ident()
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            # FULL: a verdict that the screen has acknowledged survives a power cut.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._migrate()
        except sqlite3.OperationalError as error:  # the system's refusal; the file itself may be sound
            self._connection.close()
            raise BadcaseError(
                _("the project database cannot be opened now"),
                where=str(path),
                got=str(error),
                hint=_("Make room on the disk, or check that the folder may be written to, then try again."),
            ) from error
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise BadcaseError(
                _("this is not a readable project database"),
                where=str(path),
                got=str(error),
                hint=_("Restore the file from a copy; the data set itself has not been touched."),
            ) from error
        except BadcaseError:
            self._connection.close()
            raise

    def _migrate(self) -> None:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise BadcaseError(
                _("the project was made by a newer badcase; nothing was touched"),
                where=str(self.path),
                expected=_("format {version} or older").format(version=len(MIGRATIONS)),
                got=_("format {version}").format(version=version),
                hint=_("Update badcase and open the project again."),
            )
        for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
            self._connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or none of it; a full disk leaves the database as it was. Inside another it is a part of that one."""
        self._check_usable()
        if self._connection.in_transaction:
            yield self._connection
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise BadcaseError(
                _("the project could not be written; it is unchanged"),
                where=str(self.path),
                got=str(error),
                hint=_("Make room on the disk, or check that the folder may be written to, then try again."),
            ) from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        self._check_usable()
        return self._connection.execute(query, values).fetchall()

    def _check_usable(self) -> None:
        """BadcaseError where the project was closed, or belongs to another thread."""
        if self.closed:
            hint = _("Open it again with badcase.Project.open.")
            raise BadcaseError(_("the project is closed"), where=str(self.path.parent), hint=hint)
        if threading.get_ident() != self._thread:
            hint = _("Use it in that thread, or close it there and open it here.")
            raise BadcaseError(_("the project was opened in another thread"), where=str(self.path.parent), hint=hint)

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.rows("SELECT value FROM settings WHERE name = ?", (name,))
        return json.loads(found[0][0]) if found else default

    def set_settings(self, settings: Iterable[tuple[str, Any]]) -> None:
        with self.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO settings VALUES (?, ?)",
                [(name, json.dumps(value, ensure_ascii=False)) for name, value in settings],
            )

    @property
    def closer(self) -> Callable[[], None]:
        """Closes the connection, and keeps nothing alive but that."""
        return self._connection.close

    def close(self) -> None:
        self.closed = True
        self._connection.close()
