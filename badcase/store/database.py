"""The project's database: SQLite, one transaction a user action, on the disk before the call returns."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.checks.damage import DamagedError, damaged, told
from badcase.store.checks.json_shapes import Shape, misfit
from badcase.store.checks.row_rules import RULES
from badcase.store.opening.read_only import CannotWrite, database_refused, read_whole

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
    "PRAGMA application_id = 1650746227;",
    """
    CREATE TABLE proposals (
        by TEXT NOT NULL, item INTEGER NOT NULL, label INTEGER NOT NULL, confidence REAL, at TEXT NOT NULL,
        PRIMARY KEY (by, item)
    );
    """,
    "ALTER TABLE journal ADD COLUMN classes TEXT;",  # what an entry does to the classes, as JSON
)
APPLICATION_ID = 1650746227  # "bdcs": what tells a database of ours from any other one
_MARKED_SINCE = 1 + next(number for number, step in enumerate(MIGRATIONS) if "application_id" in step)
CHECKED_AT_ONCE = 64 << 20  # bytes of a database, a fifth of a second: a larger one is looked through beside the work
_OF_THE_FILE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}  # codes of damage
_ROWS = re.compile(r"(NULL|NUMERIC|TEXT) value in |CHECK constraint failed in |number of NOT NULL")  # told where they are read


def is_place(value: object) -> bool:
    """Whether a value can be a path."""
    return isinstance(value, str) and "\0" not in value


def is_number(value: object) -> bool:
    """Whether a value can be the number of a row, or a seed."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


# What a setting is in JSON, of those that the program itself reads. `Source` says what is in "source".
SETTINGS: dict[str, Shape] = {
    "task": str,
    "notes": [str],
    "places": {"source?": {"location?": is_place, "beside?": is_place}, "media?": {"location?": is_place, "beside?": is_place}},
    "seed": is_number,
    "identity": str,
    "runs_marked": is_number,
    "current_predictions": is_number,
    "current_run": is_number,
    "model_spec": (dict, None),
    "demo": {"sentence": str},
    "journal_missing": is_number,
    "data_revisions": [
        {
            "at": str,
            "who": str,
            "journal": is_number,
            "counts": {str: is_number},
            "undoes": bool,
            "items?": is_number,
            "source?": dict,
            "places?": dict,
        }
    ],
    "asked_model": ({"model": str, "weights?": (str, None)}, None),
}

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
    except (sqlite3.Error, UnicodeDecodeError, OSError):
        return ""
    return " ".join([*numbers, *rankings])


class Store:
    """One connection to project.db, whose writers wait for each other up to 30 s."""

    def __init__(self, path: Path, *, check: bool = True, read_only: BadcaseError | None = None) -> None:
        """Open a database that is there; nothing in it is touched before it is known for ours.

        Args:
            path: The file.
            check: Whether its pages are looked through, where it is not too large for that.
            read_only: Why nothing is written; the database is then a copy in memory, as it stood when it was opened.
        """
        require_a_database(path)
        self._connect(path, read_only)
        try:
            with self._opening():
                if read_only is not None:
                    read_whole(path, self._connection)
                version = self._require_ours()
                if check and not is_large(path):
                    self._require_whole()
                self._prepare(version)
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def create(cls, path: Path) -> Store:
        """Make a new database where nothing is yet."""
        path.touch(exist_ok=False)
        made = cls.__new__(cls)
        made._connect(path)
        with made._opening():
            made._prepare(0)
        return made

    def _connect(self, path: Path, read_only: BadcaseError | None = None) -> None:
        self.path, self.read_only = path, read_only
        self.closed = False
        self.owner: object = None  # lives as long as anything that reads from here
        self._thread = threading.get_ident()
        self._connection = sqlite3.connect(path if read_only is None else ":memory:", timeout=30, isolation_level=None)

    def _prepare(self, version: int) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a verdict that the screen has acknowledged survives a power cut.
        self._connection.execute("PRAGMA synchronous = FULL")
        for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
            self._connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")

    def _require_ours(self) -> int:
        """The format version of a database that a badcase made."""
        version, mark = (self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id"))
        if mark == APPLICATION_ID and version > len(MIGRATIONS):
            raise BadcaseError(
                _("the project was made by a newer badcase; nothing was touched"),
                where=str(self.path),
                expected=_("format {version} or older").format(version=len(MIGRATIONS)),
                got=_("format {version}").format(version=version),
                hint=_("Update badcase and open the project again."),
            )
        if mark != (APPLICATION_ID if version >= _MARKED_SINCE else 0) or version < 1:
            raise _not_ours(self.path, _("format {version} of the application {number}").format(version=version, number=mark))
        found, wanted = _columns(self._connection), _columns_of(version)
        missing = sorted(wanted - found)
        if missing:
            raise _not_ours(self.path, _("no column {name}").format(name=".".join(missing[0])))
        foreign = self._connection.execute("SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger')").fetchall()
        if foreign:  # they would run with every verdict
            raise _not_ours(self.path, _("a view or trigger called {name}").format(name=told(foreign[0][0])))
        return int(version)

    def _require_whole(self) -> None:
        if faults := page_faults(self._connection):
            raise damaged(self.path, "project.db", got="; ".join(faults))

    @contextmanager
    def _telling(self, what: str | None = None) -> Iterator[None]:
        """Give what SQLite says its words: the system's refusal, after which the file may be sound, or damage."""
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except sqlite3.DatabaseError as error:
            if _of_the_system(error):
                raise (CannotWrite if what else BadcaseError)(
                    what or _("the project database cannot be read now"),
                    where=str(self.path),
                    got=str(error),
                    hint=_("Make room on the disk, or check that the folder may be written to, then try again."),
                ) from error
            raise damaged(self.path, "project.db", got=ascii(str(error))[1:-1]) from error
        except UnicodeDecodeError as error:  # what it says names a part of the file whose name is damaged
            raise damaged(self.path, "project.db", got=ascii(error.object[:80])) from error

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """The same of what SQLite says as a database is opened, where it may be that it can be read all the same."""
        with self._telling():
            try:
                yield
            except sqlite3.OperationalError as error:
                if _of_the_system(error):
                    raise database_refused(self.path, error) from error
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or none of it; a full disk leaves the database as it was. Inside another it is a part of that one."""
        self._check_usable()
        self.require_writing()
        if self._connection.in_transaction:
            with self._part():
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
        except sqlite3.OperationalError:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            with self._telling(_("the project could not be written; it is unchanged")):
                raise
        except sqlite3.DatabaseError:
            with self._telling():
                raise
        except UnicodeEncodeError as error:
            raise BadcaseError(
                _("a name or a path holds bytes that are no text in UTF-8, which a project cannot keep"),
                where=str(self.path.parent),
                got=ascii(error.object[max(0, error.start - 40) : error.end + 20])[1:-1],
                hint=_("Give the file or folder another name, then try again."),
            ) from error

    @contextmanager
    def _part(self) -> Iterator[None]:
        """What fails leaves nothing behind in the transaction around it, which may go on."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk ends all of it
                self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            if self._connection.in_transaction:
                self._connection.execute("RELEASE part")

    def rows(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        self._check_usable()
        try:
            return self._connection.execute(query, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            with self._telling():
                raise

    def require(self, table: str, **sizes: int) -> None:
        """DamagedError that names the first row of a table that is not as its rule says.

        Args:
            table: Its name in `RULES`.
            sizes: n items and k classes, where the rule speaks of them.
        """
        rule = RULES[table]
        bad = self.rows(f"SELECT rowid FROM {table} WHERE ({rule.condition}) IS NOT TRUE ORDER BY rowid LIMIT 1", sizes)
        if bad:
            raise self.damage(table, _("row {n}").format(n=bad[0][0]), expected=_(rule.expected))

    def damage(self, table: str, where: str = "", *, expected: object = "", got: object = "") -> DamagedError:
        """The error that names what is damaged in a table."""
        place = _("table {name}").format(name=table) + (f", {where}" if where else "")
        return damaged(self.path, table, where=place, expected=expected, got=got)

    def require_writing(self) -> None:
        """BadcaseError where the project is only read."""
        if (why := self.read_only) is not None:
            what = _("nothing can be recorded: {why}").format(why=why.what)
            raise BadcaseError(what, where=why.where, got=why.got, hint=why.hint)

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
        return self.plain("settings", name, found[0][0], SETTINGS.get(name, object)) if found else default

    def plain(self, table: str, where: str, text: Any, shape: Shape) -> Any:
        """What a cell of JSON says; DamagedError where it cannot be read, or lacks what is read from it."""
        try:
            value = json.loads(text if isinstance(text, str) else _not_text(text))
            if "\\ud" in text.lower():
                json.dumps(value, ensure_ascii=False).encode()  # half of a character, which nothing could show
        except (ValueError, RecursionError) as error:
            raise self.damage(table, where, expected=_("a text of JSON"), got=told(text)) from error
        place = misfit(value, shape)
        if place is not None:
            expected = _("another kind of value at {place}").format(place=ascii(place)[1:-1])
            raise self.damage(table, where, expected=expected, got=told(text))
        return value

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


def _of_the_system(error: sqlite3.DatabaseError) -> bool:
    """Whether this is the system's refusal, after which the file may be sound."""
    return isinstance(error, sqlite3.OperationalError) and getattr(error, "sqlite_errorcode", 1) & 0xFF not in _OF_THE_FILE


def page_faults(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the pages of a database, a few of it; what is wrong with a row is told where that is read."""
    said = [str(line) for (line,) in connection.execute("PRAGMA quick_check(20)")]
    return [line for line in said if line != "ok" and not _ROWS.match(line)][:3]


def require_a_database(path: Path) -> None:
    """Refuse what SQLite would take for a database that is yet to be filled."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise damaged(path, "project.db", what=_("the project database is empty"))
    if head != b"SQLite format 3\0":
        raise damaged(path, "project.db", what=_("this is not a readable project database"), got=told(head))


def _not_ours(path: Path, got: str) -> DamagedError:
    what = _("this is no project database of badcase, or a damaged one")
    return damaged(path, "project.db", what=what, expected=_("the tables of a project"), got=got)


def is_large(path: Path) -> bool:
    """Whether a database, with its log, is looked through beside the work, and not as it is opened."""
    log = path.with_name(path.name + "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0) > CHECKED_AT_ONCE


def _columns(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Table and name of each column."""
    query = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    return {(str(table), str(column)) for table, column in connection.execute(query)}


@cache
def _columns_of(version: int) -> set[tuple[str, str]]:
    """The same as a project of a format version has them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript("".join(MIGRATIONS[:version]))
        return _columns(connection)


def _not_text(value: Any) -> str:
    raise ValueError(type(value).__name__)
