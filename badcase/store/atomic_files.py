"""Files and folders appear whole or not at all: a temporary name beside them first, then one rename."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from badcase.store.lock import hold


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Give a free name beside `path`; whatever lies there when the block ends vanishes.

    An OSError on the temporary name tells `path` instead, which is the name that a person gave.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
    except OSError as error:
        if error.filename is not None and Path(os.fsdecode(error.filename)) == temporary:
            error.filename = str(path)
        raise
    finally:
        _remove(temporary)


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; the file there becomes `path` when the block ends well."""
    with temporary_beside(path) as temporary:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` until the block ends. What a killed process left of one for this path is removed."""
    _remove_left(path)
    with temporary_beside(path) as temporary:
        temporary.mkdir()
        held = hold(temporary)
        try:
            yield temporary
        finally:
            if held is not None:
                os.close(held)


@contextmanager
def write_folder_whole(path: Path) -> Iterator[Path]:
    """The same as `write_whole` for a folder, which must not exist yet."""
    with temporary_folder(path) as temporary:
        yield temporary
        temporary.replace(path)


def replace_whole(fresh: Path, path: Path) -> None:
    """Move a finished file or folder to its place; a folder that was there is out of the way first."""
    if not path.is_dir() or path.is_symlink():
        if fresh.is_dir() and path.exists():
            path.unlink()
        fresh.replace(path)
        return
    with temporary_beside(path) as old:
        path.replace(old)
        fresh.replace(path)


def _remove_left(path: Path) -> None:
    """Remove temporary folders for a path that no living process holds."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):
        held = hold(left) if left.is_dir() else None
        if held is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # what went wrong before says more
            path.unlink(missing_ok=True)
