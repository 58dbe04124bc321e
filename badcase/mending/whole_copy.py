"""A project as one file, made while it is in use, and a project made again from it. The file is a plain zip of the folder."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.items import FILE
from badcase.mending.project_folder import require_project, what_is_at
from badcase.mending.snapshot import DATABASE, database_snapshot
from badcase.progress import Job, Progress
from badcase.size_bounds import check_unpacked
from badcase.store.atomic_files import write_folder_whole, write_whole
from badcase.store.checks.damage import DamagedError, damaged
from badcase.store.database import Store, require_a_database

_OWN = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", "project.lock"}  # the database goes in by SQLite's own copy
_BLOCK = 1 << 22  # bytes


def backing_up(folder: Path, file: Path, *, overwrite: bool = False) -> Job[Path]:
    """Write a project into one file, whole or not at all, also while a window or a training works on it.

    What the database names is on the disk before it does, so it is copied first, and then the files that it may name.
    Saved rankings are left out: they are made again.

    Args:
        folder: Of the project.
        file: The zip to write.
        overwrite: Whether it may take the place of what is there.

    Returns:
        The file.
    """
    _require_free(file, overwrite=overwrite)
    require_project(folder)
    if not (folder / DATABASE).is_file():
        raise damaged(folder / DATABASE, "project.db", got=what_is_at(folder / DATABASE))
    require_a_database(folder / DATABASE)
    with database_snapshot(folder) as copy:
        try:
            Store(copy).close()  # refuses what is damaged: a backup of it would push a sound one out
        except DamagedError as error:  # told of the project, not of the copy that was looked at
            error.where, error.hint = (text.replace(str(copy.parent), str(folder)) for text in (error.where, error.hint))
            raise
        listed = _listed(copy)
        sources = [(copy, DATABASE), *_files(folder, listed, apart=file)]
        total, done = sum(path.stat().st_size for path, _name in sources if path.exists()), 0
        with write_whole(file) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as packed:
            for number in sorted(listed["runs"]):  # one that has just begun has written nothing yet
                packed.mkdir(f"runs/{number}")
            for path, name in sources:
                try:
                    source = path.open("rb")
                except FileNotFoundError:  # a cache that was replaced, or a temporary name
                    continue
                with source, packed.open(zipfile.ZipInfo.from_file(path, name), "w", force_zip64=True) as target:
                    while block := source.read(_BLOCK):
                        target.write(block)
                        done += len(block)
                        yield Progress(_("Backing up"), min(done, total) >> 10, total >> 10, "KB")
    return file


def _listed(database: Path) -> dict[str, set[str]]:
    """The folders that the database names, of those that are numbered."""
    store = Store(database, check=False)
    try:
        return {
            name: {str(number) for (number,) in store.rows(f"SELECT id FROM {table}")}
            for name, table in (("predictions", "prediction_sets"), ("runs", "runs"))
        }
    finally:
        store.close()


def _files(folder: Path, listed: dict[str, set[str]], *, apart: Path) -> Iterator[tuple[Path, str]]:
    """Each file that belongs to the project, and its name in the zip; links are not followed."""
    for place, folders, names in os.walk(folder, onerror=_unless_gone):
        inside = Path(place).relative_to(folder)
        own = listed.get(inside.as_posix())
        folders[:] = sorted(
            one
            for one in folders
            if not _is_temporary(one)
            and not one.startswith(("ranking-", "trust-"))  # caches
            and (own is None or one in own)
            and not (Path(place) / one).is_symlink()
        )
        for name in sorted(names):
            path = Path(place) / name
            skipped = _is_temporary(name) or (place == str(folder) and name in _OWN) or path.absolute() == apart.absolute()
            if not skipped and path.is_file() and not path.is_symlink():
                yield path, (inside / name).as_posix()


def _unless_gone(error: OSError) -> None:
    """A folder that may not be read would be left out without a word; one that vanished was a cache."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _is_temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")


def restoring(file: Path, folder: Path) -> Job[Path]:
    """Make a project again from what `backing_up` wrote.

    Args:
        file: The zip.
        folder: The folder to make, where nothing is yet.

    Returns:
        The folder.
    """
    if folder.exists():
        hint = _("Choose another name; nothing is written into a project that is there.")
        raise BadcaseError(_("there is something at this path already"), where=str(folder), hint=hint)
    if not file.is_file():
        raise _no_backup(file, what_is_at(file))
    try:
        with zipfile.ZipFile(file) as packed:
            members = _members(packed, file)
            total, done = sum(one.file_size for one in members), 0
            with write_folder_whole(folder) as making:
                for one in members:
                    path = making / PurePosixPath(one.filename)
                    (path if one.is_dir() else path.parent).mkdir(parents=True, exist_ok=True)
                    if one.is_dir():
                        continue
                    with packed.open(one) as source, path.open("xb") as target:
                        while block := source.read(_BLOCK):
                            target.write(block)
                            done += len(block)
                            yield Progress(_("Restoring"), done >> 10, total >> 10, "KB")
                Store(making / DATABASE).close()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, BadcaseError):
            raise
        raise _no_backup(file, str(error)) from error
    return folder


def _members(packed: zipfile.ZipFile, file: Path) -> list[zipfile.ZipInfo]:
    """The files and folders of a backup; BadcaseError where it is none, or where one would be written outside the folder."""
    members = packed.infolist()
    names = [one.filename.removesuffix("/") for one in members]
    if not {DATABASE, FILE} <= set(names):
        raise _no_backup(file, _("neither {one} nor {other} at its top").format(one=DATABASE, other=FILE))
    if len({name.casefold() for name in names}) < len(names):
        raise _no_backup(file, _("two files of one name"))
    for one in members:
        if not _stays_inside(one):
            raise _no_backup(file, ascii(one.filename))
    total, free = sum(one.file_size for one in members), shutil.disk_usage(file.absolute().parent).free
    check_unpacked(total, file.stat().st_size, str(file))
    if total > free:
        raise BadcaseError(
            _("there is not room enough on the disk"),
            where=str(file),
            expected=_("{n} bytes").format(n=total),
            got=_("{n} bytes").format(n=free),
            hint=_("Make room, then try again."),
        )
    return members


def _stays_inside(one: zipfile.ZipInfo) -> bool:
    """Whether a member is a plain file, or a folder, below the folder, on every system."""
    name = one.filename.removesuffix("/")
    kind = stat.S_IFMT(one.external_attr >> 16)
    parts = name.split("/")
    odd = any(part in ("", ".", "..") or part.endswith((" ", ".")) for part in parts)
    return (
        kind in (0, stat.S_IFDIR if one.is_dir() else stat.S_IFREG)
        and not odd
        and not set(name) & set('\\:\0*?"<>|')
        and name not in _OWN - {DATABASE}
    )


def _require_free(file: Path, *, overwrite: bool) -> None:
    if file.is_dir() or (file.exists() and not overwrite):
        hint = _("Choose another name, or replace it with --overwrite.")
        raise BadcaseError(_("there is something at this path already"), where=str(file), hint=hint)


def _no_backup(file: Path, got: str) -> BadcaseError:
    return BadcaseError(
        _("this is no backup of a project, or a damaged one"),
        where=str(file),
        got=got,
        hint=_("Make one with `badcase backup PROJECT FILE`. Nothing was written."),
    )
