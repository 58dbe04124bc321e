"""A project that is only read: why nothing can be written into it, and its database as it stood when it was opened."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from badcase.errors import BadcaseError
from badcase.i18n import _

_PATIENCE = 10  # seconds for which a writer may keep readers out
_LEAST = 65536  # bytes that SQLite needs beside a database to write to it
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_LOCKS = {getattr(errno, name) for name in ("ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS") if hasattr(errno, name)}


class CannotWrite(BadcaseError):
    """Nothing can be written into a project now. It may be read all the same."""


def cannot_write(folder: Path, error: OSError) -> CannotWrite:
    """What the system's refusal to write into a project's folder means, with its remedy."""
    if error.errno in _NO_ROOM:
        what, hint = _("there is no room left on the disk of the project"), _("Make room on it, then open the project again.")
    elif error.errno in _NO_LOCKS:
        what = _("the disk of the project has no file locks, as with some network folders: two programs could write at once")
        hint = _("Copy the project to a disk of this computer, or have the network folder mounted with locks.")
    elif error.errno == errno.EROFS:
        what = _("the project lies on a disk that can only be read")
        hint = _("Copy the project to a disk that can be written to.")
    else:
        what = _("the project folder cannot be written to")
        hint = _("Check the folder's permissions, or copy the project to a place that is yours.")
    return CannotWrite(what, where=str(folder), got=error.strerror or str(error), hint=hint)


def require_writable(folder: Path) -> None:
    """CannotWrite where a project's folder or its database may not be written to: a lock alone does not show it."""
    for place in (folder, folder / "project.db"):
        if not os.access(place, os.W_OK):
            read_only = hasattr(os, "statvfs") and os.statvfs(place).f_flag & os.ST_RDONLY
            number = errno.EROFS if read_only else errno.EACCES
            raise cannot_write(folder, OSError(number, os.strerror(number)))


def database_refused(path: Path, error: sqlite3.Error) -> CannotWrite:
    """The same of SQLite, which tells a full disk as a failure of any kind."""
    if shutil.disk_usage(path.parent).free < _LEAST:
        return cannot_write(path.parent, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    return CannotWrite(
        _("the project database cannot be opened now"),
        where=str(path),
        got=str(error),
        hint=_("Make room on the disk, or check that the folder may be written to, then try again."),
    )


def asked_for(folder: Path) -> BadcaseError:
    """Why nothing is written where somebody wants to read alone."""
    what, hint = _("the project was opened for reading alone"), _("Open it for writing too: Project.open(PROJECT).")
    return BadcaseError(what, where=str(folder), hint=hint)


def read_whole(path: Path, into: sqlite3.Connection) -> None:
    """Copy a database at one state into another, whoever writes to it meanwhile and whether or not its folder can be written to.

    Raises:
        BadcaseError: Where its log has changes that cannot be read.
        sqlite3.Error: Where it cannot be read itself.
    """
    place = "file:" + quote(str(path.absolute()))
    try:
        _copy(f"{place}?mode=rw", into)  # SQLite's log needs files beside it, which it makes, and shares with a writer
        return
    except sqlite3.OperationalError:
        log = path.with_name(f"{path.name}-wal")
        if not log.exists() or log.stat().st_size == 0:
            _copy(f"{place}?mode=ro&immutable=1", into)
            return
    try:
        with tempfile.TemporaryDirectory(prefix="badcase-") as folder:
            for one in (path, log):
                shutil.copyfile(one, Path(folder, one.name))
            _copy("file:" + quote(str(Path(folder, path.name))) + "?mode=rw", into)
    except OSError as error:
        raise BadcaseError(
            _("the newest changes of the project cannot be read, and without them it would show an older state"),
            where=str(log),
            got=error,
            hint=_("Let this file be read, or make room in {folder}, where it is copied to.").format(folder=_temporary()),
        ) from error


def _copy(place: str, into: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(place, uri=True, timeout=_PATIENCE, isolation_level=None)) as source:
        source.execute("BEGIN")
        source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # from here on one state
        source.backup(into)


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # there is none to be had
        return os.environ.get("TMPDIR", "TMPDIR")
