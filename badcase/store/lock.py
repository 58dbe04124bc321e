"""One program at a time holds a project, or a folder that it writes; the system frees both even when it is killed."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # nor wait for the other end of a pipe
_LONGEST = 64  # bytes of a lock


class ProjectLock:
    """An exclusive lock on PROJECT/project.lock, which also says who holds it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "project.lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o644)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise _no_lock(path) from error
            raise BadcaseError(
                _("the project folder cannot be written to"),
                where=str(folder),
                got=error.strerror or str(error),
                hint=_("Check the folder's permissions, or copy the project to a place that is yours."),
            ) from error
        if not _is_ours(self._descriptor):
            os.close(self._descriptor)
            raise _no_lock(path)
        try:
            _lock(self._descriptor)
        except OSError as error:
            holder = os.read(self._descriptor, 64).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            if holder == str(os.getpid()):
                raise BadcaseError(
                    _("this program has the project open already"),
                    where=str(folder),
                    hint=_("It was opened in another thread or under another path: use it there, or close it first."),
                ) from error
            raise BadcaseError(
                _("another program has this project open"),
                where=str(folder),
                got=_("process {pid}").format(pid=holder) if holder else "",
                hint=_("Close the other window or command, then try again. Nothing was changed."),
            ) from error
        os.truncate(self._descriptor, 0)
        os.write(self._descriptor, str(os.getpid()).encode())

    def release(self) -> None:
        """Let the project go; a second time does nothing, as the number may be another file's by then."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    """Whether a file can be a lock: a plain one under one name, with nothing in it but the number of a process."""
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1 or state.st_size > _LONGEST:
        return False
    text = os.read(descriptor, _LONGEST)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return text.strip() == b"" or text.strip().isdigit()


def _no_lock(path: Path) -> BadcaseError:
    return BadcaseError(
        _("this is not a lock of badcase, and it is left as it is"),
        where=str(path),
        expected=_("a plain file with the number of a process"),
        hint=_("Look at where it leads and what it holds; the project opens once it is removed."),
    )


def hold(folder: Path) -> int | None:
    """Hold a folder until this descriptor is closed; None where another does, or folders cannot be held (Windows)."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        # A byte far behind the text, so that others can still read who holds the lock.
        os.lseek(descriptor, 4096, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
