"""Files and folders appear whole or not at all: a temporary name first, then one rename."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from badcase.store.lock import hold


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it becomes `path` when the block ends well, and vanishes otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        name_instead(error, temporary, path)
        raise
    finally:
        with suppress(OSError):  # the first error says more
            temporary.unlink(missing_ok=True)


@contextmanager
def write_folder_whole(path: Path) -> Iterator[Path]:
    """The same for a folder, which must not exist yet. What a killed process left of one by this name is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_left(path)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    except OSError as error:
        error.filename = str(path)
        raise
    held = hold(temporary)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if held is not None:
            os.close(held)


def _remove_left(path: Path) -> None:
    """Remove temporary folders for a path that no living process holds."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):  # as mkdtemp names them
        held = hold(left)
        if held is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)


def name_instead(error: OSError, temporary: Path, path: Path) -> None:
    """Let an error on a temporary name tell the name that a person gave."""
    if error.filename is not None and Path(os.fsdecode(error.filename)) == temporary:
        error.filename = str(path)
