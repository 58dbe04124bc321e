"""Files and folders appear whole or not at all: a temporary name beside them first, then one rename."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
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


def replace_together(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Move finished files or folders, each (fresh, path), to their places: all of them, or none and what was there stays.

    The last, where it is a file, goes over what is there in one step; all others are moved out of the way first.
    """
    with ExitStack() as stack:
        moved: list[tuple[Path, Path]] = []  # from, to
        try:
            for at, (fresh, path) in enumerate(pairs, 1):
                in_one_step = at == len(pairs) and not fresh.is_dir() and not (path.is_dir() and not path.is_symlink())
                if not in_one_step and (path.exists() or path.is_symlink()):
                    old = stack.enter_context(temporary_beside(path))
                    path.replace(old)
                    moved.append((path, old))
                fresh.replace(path)
                moved.append((fresh, path))
        except OSError:
            for before, now in reversed(moved):
                now.replace(before)
            raise


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
