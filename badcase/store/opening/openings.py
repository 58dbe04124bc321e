"""Which projects this process has open: a second opening is the same project, and the last closing lets it go."""

from __future__ import annotations

import os
import threading
import weakref
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

# Process and thread, as neither shares the connection of another; place and file, as a folder may be made anew or moved.
_Identity: TypeAlias = tuple[int, int, str, int, int]


class Openable(Protocol):
    """What can be open: it tells whether it still is."""

    @property
    def closed(self) -> bool: ...


T = TypeVar("T", bound=Openable)


class Openings:
    """The open projects by their place, held weakly: one that nobody has a name for is free again."""

    def __init__(self) -> None:
        self._open: weakref.WeakValueDictionary[_Identity, Openable] = weakref.WeakValueDictionary()
        self._counts: weakref.WeakKeyDictionary[Openable, int] = weakref.WeakKeyDictionary()

    def again(self, folder: Path, kind: type[T]) -> T | None:
        """The project of this kind that this thread has open there, opened once more; None where there is none."""
        known = self._open.get(_identity(folder))
        if not isinstance(known, kind) or known.closed:
            return None
        self._counts[known] += 1
        return known

    def add(self, folder: Path, opened: Openable) -> None:
        """Take notice of a first opening."""
        self._open[_identity(folder)] = opened
        self._counts[opened] = 1

    def one_less(self, opened: Openable) -> bool:
        """Take notice of a closing; whether it was the last one."""
        self._counts[opened] = left = self._counts.get(opened, 1) - 1
        return left <= 0


def _identity(folder: Path) -> _Identity:
    file = (folder / "project.db").stat()
    return os.getpid(), threading.get_ident(), str(folder.resolve()), file.st_dev, file.st_ino
