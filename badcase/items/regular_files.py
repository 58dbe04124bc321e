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
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:  # a null byte, half a character
        raise OSError(str(error)) from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(_("this is no regular file but a folder, a pipe or a device"))
        yield file


def read_regular(path: Path) -> bytes:
    """The bytes of a file, as many as it says to have; files of /proc say 0.

    OSError as for `open_regular`, and where the file is nearly all holes.
    """
    with open_regular(path) as file:
        try:
            check_written(path)
        except BadcaseError as error:
            raise OSError(str(error)) from error
        return file.read(os.fstat(file.fileno()).st_size)
