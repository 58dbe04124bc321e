"""Notes of Git LFS, which stand in the place of files that were never fetched: small texts, whatever the file is called."""

from __future__ import annotations

from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _

POINTERS = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
LONGEST = 1024  # bytes; LFS writes no longer note


def is_pointer(raw: bytes) -> bool:
    """Whether the bytes of a file are such a note."""
    return len(raw) <= LONGEST and raw.startswith(POINTERS)


def require_fetched(path: Path) -> None:
    """BadcaseError where such a note lies in the place of a file; OSError where it cannot be read."""
    if path.stat().st_size <= LONGEST and is_pointer(path.read_bytes()):
        raise never_fetched(str(path))


def never_fetched(where: str = "") -> BadcaseError:
    """What is said of a file of which only the note is there."""
    return BadcaseError(
        _("this is a note of Git LFS in the place of the file, which was never fetched"),
        where=where,
        hint=_("Fetch the files with `git lfs pull`, in their folder, then try again."),
    )
