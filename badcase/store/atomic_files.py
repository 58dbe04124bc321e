"""Files and folders appear whole or not at all, and are on the disk before anything counts on them.

What is new is written under a temporary name beside its place, then takes the place in one step. This is the only module that
renames into place or syncs; what is only a cache is written with `durable=False`, and is made again where it is lost.
"""

from __future__ import annotations

import ctypes
import glob
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from badcase.errors import BadcaseError
from badcase.shortages import FULL, code_of
from badcase.store.opening.lock import hold

_RANDOM = "?" * 16  # of a temporary name
_MANY = 1000  # files above which the whole system is synced at once


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Give a free name beside `path`; whatever lies there when the block ends vanishes.

    An error on the temporary name, or below it, tells `path` instead, which is the name that a person gave.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
    except OSError as error:
        for part in ("filename", "filename2"):
            if (named := _given(getattr(error, part), temporary, path)) is not None:
                setattr(error, part, named)
        if error.filename is None and code_of(error) in FULL:
            error.filename = str(path)  # numpy does not say which file it is
        raise
    except BadcaseError as error:
        error.where = error.where.replace(str(temporary), str(path))
        raise
    finally:
        _remove(temporary)


def _given(name: Any, temporary: Path, path: Path) -> str | None:
    """The name that a person gave of a file at or below a temporary one; None of every other."""
    if not isinstance(name, str | bytes) or not Path(os.fsdecode(name)).is_relative_to(temporary):
        return None
    return str(path / Path(os.fsdecode(name)).relative_to(temporary))


@contextmanager
def write_whole(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a temporary path beside `path`; the file there becomes `path` when the block ends well.

    What a killed process left of one for this path is removed.
    """
    _mend(path)
    with temporary_beside(path) as temporary:
        # Made here and anew, so that no link which waits under the name is followed.
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        held = hold(temporary)
        try:
            yield temporary
            if durable:
                _sync(temporary)
            temporary.replace(path)
        finally:
            if held is not None:
                os.close(held)
        if durable:
            _sync(path.parent)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` until the block ends. What a killed process left of one for this path is removed."""
    _mend(path)
    with temporary_beside(path) as temporary:
        temporary.mkdir()
        held = hold(temporary)
        try:
            yield temporary
        finally:
            if held is not None:
                os.close(held)


@contextmanager
def write_folder_whole(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """The same as `write_whole` for a folder, which must not exist yet."""
    with temporary_folder(path) as temporary:
        yield temporary
        if durable:
            move_whole(temporary, path)
        else:
            temporary.replace(path)


@contextmanager
def replace_whole(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a fresh path for each of some neighbors; what is written there takes their places when the block ends well.

    At each moment the first is what it was or what it becomes, even where the process is killed, and what either names in a
    folder beside it is there: what is new comes into such a folder before the first is placed, what is no more wanted goes out
    of it afterwards. A name that both have must stand for the same. Where one cannot be placed, all stay as they were.
    """
    for path in paths[1:]:
        _mend(path)
    with temporary_folder(paths[0]) as room:
        fresh = tuple(room / path.name for path in paths)
        try:
            yield fresh
        except OSError as error:
            for part in ("filename", "filename2"):
                if (named := _given(getattr(error, part), room, paths[0].parent)) is not None:
                    setattr(error, part, named)
            raise
        made = [(one, path) for one, path in zip(fresh, paths, strict=True) if os.path.lexists(one)]
        for one, _path in made:
            sync_whole(one)
        grown = {path: _files_by_name(one) for one, path in made if path != paths[0] and _can_grow(one, path)}
        _place_all([part for one, path in reversed(made) for part in _parts(one, path, grown.get(path))])
        for path, names in grown.items():
            _shrink(path, names)
        _sync(paths[0].parent)


_Move: TypeAlias = tuple[Path, Path]  # a fresh file or folder, and its place


def _place_all(moves: Sequence[_Move]) -> None:
    """Let each take its place, or none."""
    placed: list[tuple[Path, Path, bool]] = []
    try:
        for one, path in moves:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = not os.path.lexists(path)
            _place(one, path)
            placed.append((one, path, new))
    except OSError:
        for one, path, new in reversed(placed):
            if os.path.lexists(one):
                _exchange(one, path)
            elif new:
                path.replace(one)
        raise
    for folder in {path.parent for _one, path, _new in placed}:
        _sync(folder)


def _parts(fresh: Path, path: Path, names: Iterable[Path] | None) -> list[_Move]:
    return [(fresh, path)] if names is None else [(fresh / name, path / name) for name in sorted(names)]


def _can_grow(fresh: Path, path: Path) -> bool:
    """Whether the files of a folder can come one by one into the one that is there: nothing else has their names."""
    if not (_is_folder(fresh) and _is_folder(path)):
        return False
    names = _files_by_name(fresh)
    above = {folder for name in names for folder in name.parents}
    return all(_is_folder(path / one) or not os.path.lexists(path / one) for one in above) and not any(
        _is_folder(path / name) for name in names
    )


def _shrink(folder: Path, wanted: Iterable[Path]) -> None:
    """Leave these files alone in a folder."""
    for name in _files_by_name(folder) - set(wanted):
        _remove(folder / name)
    for place, _folders, _names in os.walk(folder, topdown=False):
        with suppress(OSError):  # one that is not empty
            Path(place).rmdir()


def _files_by_name(folder: Path) -> set[Path]:
    """The files in a folder and below, as seen from it; a link is one, wherever it leads."""
    return {
        Path(place, name).relative_to(folder)
        for place, folders, names in os.walk(folder)
        for name in [*names, *(one for one in folders if Path(place, one).is_symlink())]
    }


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def move_whole(made: Path, path: Path) -> None:
    """Give a finished folder its place, where nothing is yet; it is on the disk when this returns."""
    sync_whole(made)
    made.replace(path)
    _sync(path.parent)


def take_place(made: Path, path: Path) -> None:
    """Let a finished file, which is on the disk, take a place in one step; what was there is gone."""
    made.replace(path)
    _sync(path.parent)


def _place(fresh: Path, path: Path) -> None:
    """Let a fresh file or folder take a place; what was there has its name then."""
    if not os.path.lexists(path):
        fresh.replace(path)
    elif not _swap(fresh, path):
        if fresh.is_dir() or _is_folder(path):
            _exchange(fresh, path)
        else:
            fresh.replace(path)


def _exchange(fresh: Path, path: Path) -> None:
    """Let two names change places; where the system cannot, by way of a name that the next one to write here knows."""
    if not _swap(fresh, path):
        aside = _aside(path)
        path.replace(aside)
        try:
            fresh.replace(path)
        except OSError:
            aside.replace(path)
            raise
        aside.replace(fresh)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system or the file system cannot."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
            return bool(library.renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)
        if sys.platform == "darwin":
            return bool(library.renamex_np(os.fsencode(one), os.fsencode(other), 2) == 0)  # RENAME_SWAP
    except (AttributeError, OSError, TypeError):  # an older libc; none at all
        pass
    return False


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.replaced.tmp")


def _mend(path: Path) -> None:
    """Finish or take back what a killed process began at `path`, and remove what it left."""
    aside = _aside(path)
    if os.path.lexists(aside):
        if os.path.lexists(path):
            _remove(aside)
        else:
            aside.replace(path)
    _sweep(path.parent.glob(f".{glob.escape(path.name)}.{_RANDOM}.tmp"))


def sweep(folder: Path) -> None:
    """Remove what killed processes left of anything in a folder and below; what another one is writing stays."""
    _sweep(folder.rglob(f".*.{_RANDOM}.tmp"))


def _sweep(found: Iterable[Path]) -> None:
    for left in list(found):
        held = hold(left)
        if held is not None:
            _remove(left)
            os.close(held)


def _sync(path: Path) -> None:
    """Put a file, or the names in a folder, on the disk."""
    try:
        descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    except PermissionError:  # a folder on Windows, which needs no such thing
        return
    try:
        with suppress(OSError):  # a file system that has no sync
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_whole(folder: Path) -> None:
    """Put a file, or everything in a folder, on the disk."""
    if not folder.is_dir():
        _sync(folder)
        return
    files = [Path(place, name) for place, _folders, names in os.walk(folder) for name in names]
    if len(files) > _MANY and hasattr(os, "sync"):
        os.sync()
        return
    for path in files:
        _sync(path)
    for place, _folders, _names in os.walk(folder):
        _sync(Path(place))


def _remove(path: Path) -> None:
    if _is_folder(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # what went wrong before says more
            path.unlink(missing_ok=True)
