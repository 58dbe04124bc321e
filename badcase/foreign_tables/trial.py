"""A trial of tables that strangers wrote, by a process of its own: a file that ends the one that reads it ends only that one.

Arrow reads in native code. What a file claims is checked in full where it is read, but some readers (that of Feather's first
version is one) follow what it claims before anything can be checked. So the first to read such a file is a process that holds
nothing: it starts with the first table, within a second, tries them one after another and leaves with this process.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.parallel import kept_process

_PATIENCE = 15.0  # seconds for a file of no size
_PACE = 2**20  # bytes for which it may take a second more

_Told: TypeAlias = str | dict[str, str]  # what Arrow says, or the parts of an error in our words

_lock = threading.Lock()
_processes: dict[int, subprocess.Popen[bytes]] = {}  # by the process that asks: what forks from it has one of its own


def try_file(kind: str, path: Path, where: str, stored: int | None = None) -> None:
    """Have a file read by another process first, once as long as it stays the same file.

    Args:
        kind: One of `arrow_files.OPENERS`.
        path: The file.
        where: What a message calls it.
        stored: The bytes that it takes where it lies, which may be packed; None for its size.

    Raises:
        BadcaseError: Where it is damaged, unfolds to too much, or ends that process, or keeps it without end.
    """
    now = path.stat()
    told = _told_of(kind, path, now.st_ino, now.st_size, now.st_mtime_ns, stored)
    if told is not None:
        raise _refusal(told, where)


def try_bytes(kind: str, raw: bytes, where: str, stored: int | None = None) -> None:
    """The same of bytes that lie in no file of their own."""
    told = _asked(kind, None, raw, len(raw), stored)
    if told is not None:
        raise _refusal(told, where)


def _refusal(told: _Told, where: str) -> BadcaseError:
    if isinstance(told, dict):
        return BadcaseError(**told, where=where)
    hint = _("The file is damaged or not complete: write it again.")
    return BadcaseError(_("the table cannot be read"), where=where, got=told, hint=hint)


@lru_cache(maxsize=512)
def _told_of(kind: str, path: Path, _inode: int, size: int, _time: int, stored: int | None) -> _Told | None:
    return _asked(kind, path, None, size, stored)


def _asked(kind: str, path: Path | None, raw: bytes | None, size: int, stored: int | None) -> _Told | None:
    """What is wrong with a table, in words; None where nothing is."""
    place = None if path is None else str(path)
    request = {"kind": kind, "path": place, "size": None if raw is None else size, "stored": stored}
    with _lock:
        process = _running()
        if process is None:
            return None
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()
        seconds = _PATIENCE + size / _PACE
        timer = threading.Timer(seconds, _end, (process, late))
        timer.start()
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(request).encode() + b"\n" + (raw or b""))
                process.stdin.flush()
            answer = process.stdout.readline()
        finally:
            timer.cancel()
        if answer.endswith(b"\n"):
            told: _Told | None = json.loads(answer)
            return told
        del _processes[os.getpid()]
        status = process.wait()
        kept_process.end(process)
    if late.is_set():
        return _("reading it took more than {n} seconds").format(n=round(seconds))
    if status == -9:
        return _("the process that tried it was killed, as a system does that runs out of memory")
    return _("it ends the process that reads it (signal {n})").format(n=abs(status))


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _running() -> subprocess.Popen[bytes] | None:
    """The process that tries tables for this one; None where none can be started, so that files are read here and now."""
    process = _processes.get(os.getpid())
    if process is None or process.poll() is not None:
        process = kept_process.start("badcase.foreign_tables.table_files")  # time is counted from then on
        if process is not None:
            _processes[os.getpid()] = process
    return process


@atexit.register
def _leave() -> None:
    process = _processes.pop(os.getpid(), None)
    if process is not None:
        kept_process.end(process)
