"""Bounds on what one file of a data set may take, so that a small file that unfolds to a huge one cannot fill the memory.

A person raises them by an environment variable, for every verb and the window alike. Neither a project nor a data set can, since
those may come from somebody else.
"""

from __future__ import annotations

import errno
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.shortages import size_text

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", re.IGNORECASE)
_ALWAYS = 64_000_000  # bytes that any packed file may unfold to
_RATIO = 200  # times its packed size up to the usual bound; very repetitive tables are packed 100 times
_HONEST = 20  # times its packed size beyond it; tables are packed 3 to 20 times


@dataclass(frozen=True, slots=True)
class Bound:
    """A number of bytes, and the environment variable that says another one."""

    variable: str
    usual: int

    @property
    def said(self) -> int | None:
        """What the person says; None where nothing is said."""
        text = os.environ.get(self.variable, "").strip()
        if not text:
            return None
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise BadcaseError(_("this is no size"), where=self.variable, expected=_("a size like 500MB or 8GB"), got=text)
        return int(float(written[1]) * _UNITS[written[2].upper()])

    @property
    def bytes(self) -> int:
        """What holds."""
        return self.usual if self.said is None else self.said

    def remedy(self, needed: int | None = None) -> str:
        """How to raise it, where a person trusts the file."""
        size = "8GB" if needed is None else f"{max(1, -(-needed // 10**9))}GB"
        return _("Where you trust the file, raise the bound with the environment variable {name}={size}.").format(
            name=self.variable, size=size
        )


IMAGE = Bound("BADCASE_MAX_IMAGE", 10**9)
UNPACKED = Bound("BADCASE_MAX_UNPACKED", 4 * 10**9)


def most_unpacked(packed: int) -> int:
    """The bytes that a file of `packed` bytes may unfold to."""
    if UNPACKED.said is not None:
        return UNPACKED.bytes
    return max(_ALWAYS, min(_RATIO * packed, max(UNPACKED.usual, _HONEST * packed)))


def check_unpacked(size: int, packed: int, where: str = "", *, known: bool = True) -> None:
    """Refuse what unfolds to more than it may.

    Args:
        size: The bytes that it unfolds to.
        packed: The bytes of the packed file.
        where: Its name.
        known: Whether `size` is all of it; else it is as far as it was followed.

    Raises:
        BadcaseError: It is too much.
    """
    most = most_unpacked(packed)
    if size > most:
        unfolded = size_text(size) if known else _("more than {size}").format(size=size_text(most))
        raise BadcaseError(
            _("the file unfolds to more than is allowed"),
            where=where,
            expected=_("at most {size}").format(size=size_text(most)),
            got=_("{size} from {packed}").format(size=unfolded, packed=size_text(packed)),
            hint=" ".join([_("Unpack it yourself, or make it smaller."), UNPACKED.remedy(size if known else None)]),
        )


def check_written(path: Path) -> None:
    """The same of a file that is nearly all holes: it takes a few bytes of the disk, and of memory as many as it says.

    OSError where it cannot be looked at.
    """
    size = path.stat().st_size
    if size > _ALWAYS and (held := _written(path, size)) < size:
        check_unpacked(size, held, str(path))


def _written(path: Path, size: int) -> int:
    """The bytes of a file that are no hole, as far as the system tells."""
    held = 512 * getattr(path.stat(), "st_blocks", size)
    if size <= most_unpacked(held) or not hasattr(os, "SEEK_DATA"):
        return held
    held = at = 0  # some file systems count no blocks
    with path.open("rb", buffering=0) as file:
        while at < size:
            try:
                start = os.lseek(file.fileno(), at, os.SEEK_DATA)
                at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            except OSError as error:
                return held if error.errno == errno.ENXIO else size  # the rest is a hole; the system does not know holes
            held += at - start
    return held


def check_zip(file: BinaryIO, stored: int, where: str) -> None:
    """The same of all members of a zip that a library reads; it reads no more of each than the zip says.

    Args:
        file: The zip; what is none is left to the library.
        stored: The bytes that it takes where it lies.
        where: Its name.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return
    check_unpacked(size, stored, where)
