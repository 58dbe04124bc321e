"""Shortages: what a machine refuses for want of room or memory, in words and with a remedy, whichever library says it."""

from __future__ import annotations

import errno
import re
import shutil
import sqlite3
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import OutOfMemory, is_out_of_memory

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def shortage(error: BaseException) -> BadcaseError | None:
    """The error of a machine that has no room or no memory left as a sentence with its remedy; None for every other."""
    if isinstance(error, BadcaseError):
        return None
    if is_out_of_memory(error):
        return no_memory(error)
    return no_room(error) if code_of(error) in FULL else None


def no_memory(error: BaseException, where: str = "") -> OutOfMemory:
    """What is said where memory ran out, whatever the work was."""
    return OutOfMemory(
        _("the computer ran out of memory"),
        where=where,
        got=str(error).partition("\n")[0],
        hint=_("Close other programs, or use a machine with more memory; then do it again. What was saved before is whole."),
    )


def no_room(error: BaseException, path: Path | None = None, needed: int | None = None) -> BadcaseError:
    """What is said where a disk refused to take more.

    Args:
        error: The refusal.
        path: What was written, where the error does not name it.
        needed: Bytes that it needs, where that is known.
    """
    name = getattr(error, "filename2", None) or getattr(error, "filename", None)  # of a copy, the second is written
    path = path or (Path(name) if isinstance(name, str) else None)
    told = {errno.EDQUOT: _("the disk has no more room for this account"), errno.EFBIG: _("a file may not become so large here")}
    return BadcaseError(
        told.get(code_of(error) or 0, _("the disk is full")),
        where=str(path or ""),
        expected=_("room for {size}").format(size=size_text(needed)) if needed else "",
        got=_("{size} free").format(size=size_text(free)) if (free := _free(path)) is not None else "",
        hint=_("Make room on the disk, then do it again. What was saved before is whole."),
    )


def code_of(error: BaseException) -> int | None:
    """The number of what the system refused, also where a library only tells it in words or in an error of its own."""
    if isinstance(error, sqlite3.Error):
        return errno.ENOSPC if "full" in str(error) else errno.EROFS if "readonly" in str(error) else None
    if found := re.search(r"os error (\d+)", str(error)):
        return int(found[1])
    if isinstance(error, OSError):
        # numpy counts the bytes that were not written and forgets why
        return errno.ENOSPC if error.errno is None and "requested and" in str(error) else error.errno
    within = error.__cause__ or error.__context__
    return None if within is None else code_of(within)


def size_text(size: int) -> str:
    """A number of bytes as people say it: "1.6 GB"."""
    for unit, name in ((10**12, _("{n} TB")), (10**9, _("{n} GB")), (10**6, _("{n} MB"))):
        if size >= unit:
            return name.format(n=f"{size / unit:.1f}".removesuffix(".0"))
    return _("{n} kB").format(n=-(-size // 1000))


def _free(path: Path | None) -> int | None:
    """Bytes that are free where a path lies or would lie; None where that is not known."""
    for place in () if path is None else (path, *path.parents):
        if place.exists():
            return shutil.disk_usage(place).free
    return None
