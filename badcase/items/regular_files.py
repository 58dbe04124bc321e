"""Reading files that others name: regular ones alone, for a pipe never ends and a device gives what it likes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.size_bounds import check_written

# Neither waits for the other end of a pipe nor lets a terminal become that of the process; Windows has none of these.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@contextmanager
def open_regular(path: Path) -> Iterator[BufferedReader]:
    """A file open for reading; OSError where it cannot be opened, or is no regular file. Links to one are followed."""
    with os.fdopen(_opened(path)[0], "rb") as file:
        yield file


def read_regular(path: Path) -> bytes:
    """The bytes of a file, as many as it says to have; files of /proc say 0.

    OSError as for `open_regular`, and where the file is nearly all holes.
    """
    descriptor, left = _opened(path)
    parts = []  # nearly always one; a file object around it would take as long as reading a small image
    try:
        check_written(path)
        while left > 0 and (part := os.read(descriptor, left)):
            parts.append(part)
            left -= len(part)
    except BadcaseError as error:
        raise OSError(str(error)) from error
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _opened(path: Path) -> tuple[int, int]:
    """The descriptor of a regular file, and the bytes that it says to have."""
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:  # a null byte, half a character
        raise OSError(str(error)) from error
    told = os.fstat(descriptor)
    if not stat.S_ISREG(told.st_mode):
        os.close(descriptor)
        raise OSError(_("this is no regular file but a folder, a pipe or a device"))
    return descriptor, told.st_size
