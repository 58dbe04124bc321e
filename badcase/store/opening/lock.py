"""One program at a time holds a project, or a folder that it writes; the system frees both even when it is killed."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.opening.read_only import cannot_write

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # nor wait for the other end of a pipe
_LONGEST = 64  # bytes of a lock
_HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
_PATIENCE = 0.1  # seconds: who reads looks for a moment whether somebody writes


class ProjectLock:
    """An exclusive lock on PROJECT/project.lock, which also says who holds it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "project.lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o644)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise _no_lock(path) from error
            raise cannot_write(folder, error) from error
        if not _is_ours(self._descriptor):
            os.close(self._descriptor)
            raise _no_lock(path)
        try:
            _lock_patiently(self._descriptor)
        except OSError as error:
            holder = os.read(self._descriptor, 64).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            if error.errno not in _HELD:
                raise cannot_write(folder, error) from error
            if holder == str(os.getpid()):
                raise BadcaseError(
                    _("this program has the project open already"),
                    where=str(folder),
                    hint=_("It was opened in another thread or under another path: use it there, or close it first."),
                ) from error
            raise _held(folder, holder) from error
        try:
            name = str(os.getpid()).encode()
            os.write(self._descriptor, name)  # over what is there, before it is cut: on a full disk its room is lost else
            os.truncate(self._descriptor, len(name))
        except OSError as error:
            os.close(self._descriptor)
            raise cannot_write(folder, error) from error

    def release(self) -> None:
        """Let the project go; once is enough."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def held_elsewhere(folder: Path) -> BadcaseError | None:
    """That a program has a project open for writing, or that nobody can tell, as an error; None where none has.

    Nothing is written to find out.
    """
    try:
        descriptor = os.open(folder / "project.lock", os.O_RDONLY | _NO_LINK)
    except FileNotFoundError:  # nobody ever had
        return None
    except OSError as error:
        return _unknown(folder, error)
    try:
        _lock(descriptor, shared=True)
        return None
    except OSError as error:
        holder = os.read(descriptor, _LONGEST).decode("ascii", "replace").strip()
        return _held(folder, holder) if error.errno in _HELD else _unknown(folder, error)
    finally:
        os.close(descriptor)


def _held(folder: Path, holder: str) -> BadcaseError:
    return BadcaseError(
        _("another program has this project open"),
        where=str(folder),
        got=_("process {pid}").format(pid=holder) if holder else "",
        hint=_("Close the other window or command, then try again. Nothing was changed."),
    )


def _unknown(folder: Path, error: OSError) -> BadcaseError:
    return BadcaseError(
        _("nobody can tell whether another program has this project open"),
        where=str(folder / "project.lock"),
        got=error,
        hint=_("Check the permissions of this file, or copy the project to a disk of this computer."),
    )


def _lock_patiently(descriptor: int) -> None:
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            return _lock(descriptor)
        except OSError as error:
            if error.errno not in _HELD or time.monotonic() > ends:
                raise
        time.sleep(_PATIENCE / 10)


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


def hold(place: Path) -> int | None:
    """Hold a folder or a file until this descriptor is closed; None where another does, or it cannot be held (Windows)."""
    if sys.platform == "win32":  # a lock would keep even its own program from writing the file
        return None
    try:
        descriptor = os.open(place, os.O_RDONLY | _NO_LINK)
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

    def _lock(descriptor: int, *, shared: bool = False) -> None:
        # A byte far behind the text, so that others can still read who holds the lock.
        os.lseek(descriptor, 4096, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBRLCK if shared else msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool = False) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
