"""A copy of the database of a project that is in use, or damaged: what is looked at is never what is being written."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

DATABASE = "project.db"
SQL_ERRORS = (sqlite3.Error, UnicodeDecodeError)  # the latter where what SQLite says names a damaged part


@contextmanager
def database_snapshot(folder: Path) -> Iterator[Path]:
    """The database of a project as it stands now, with what its log holds, in a place that vanishes after the block.

    One that SQLite cannot copy is copied as it lies on the disk; what is no file is not there.
    """
    with TemporaryDirectory(prefix="badcase-", ignore_cleanup_errors=True) as place:
        copy = Path(place) / DATABASE
        try:
            if (folder / DATABASE).is_file():
                copy_database(folder, copy)
        except SQL_ERRORS:
            for name in (DATABASE, f"{DATABASE}-wal"):
                (Path(place) / name).unlink(missing_ok=True)
                if (folder / name).is_file():
                    shutil.copyfile(folder / name, Path(place) / name)
        yield copy


def copy_database(folder: Path, copy: Path) -> None:
    """Copy the database of a project by SQLite itself, whole also while others write; sqlite3.DatabaseError where it cannot."""
    with closing(reading(folder / DATABASE)) as now, closing(sqlite3.connect(copy)) as then:
        now.backup(then)


def reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads, and leaves nothing beside the database that was not there."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        how = "mode=ro"  # what a program that was ended left in the log stays there
    else:  # the last one to close an empty log takes it away; where nobody may write, nobody does
        how = "mode=rw" if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK) else "immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=30, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection
