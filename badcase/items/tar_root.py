"""A tar read in place, as a root of its own, and as what a folder holds: "shard-000.tar/0001.jpg"."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import SetAside, name_problem

_LARGEST_MEMBER = 2**30  # bytes
_PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")


def is_tar(name: str) -> bool:
    """Whether a name is that of a tar whose members can be read in place."""
    return name.lower().endswith(".tar")


def is_packed_tar(name: str) -> bool:
    """Whether a name is that of a packed tar, which has no members that could be read in place."""
    return name.lower().endswith(_PACKED)


class TarRoot:
    """A tar file, whose members are found once; each read opens the file by itself, so that threads share nothing."""

    def __init__(self, location: Path) -> None:
        self.location = location
        self._members: dict[str, tuple[int, int]] = {}
        self._escaping: list[str] = []
        self._odd: list[str] = []  # links, pipes and devices
        self._unnamed: list[SetAside] = []
        try:
            with tarfile.open(location, "r:") as archive:
                for info in archive:
                    if (odd := name_problem(info.name)) is not None:
                        self._unnamed.append(odd)
                    elif info.isreg() and not info.issparse():
                        self._add(info)
                    elif not info.isdir():
                        self._odd.append(info.name)
        except (tarfile.TarError, OSError, ValueError, OverflowError, MemoryError) as error:  # a size may be absurd
            raise BadcaseError(
                _("this is not a tar file that can be read"), where=str(location), got=error, hint=_("Make it again.")
            ) from error

    def _add(self, info: tarfile.TarInfo) -> None:
        if info.size < 0:
            raise tarfile.ReadError(_("the size of {name} is below 0").format(name=info.name))
        name = info.name.removeprefix("./")
        if name.startswith("/") or ".." in name.split("/"):
            self._escaping.append(name)
        else:
            self._members[name] = (info.offset_data, info.size)

    def names(self) -> Sequence[str]:
        """Every file but hidden ones, in the order of their names."""
        return sorted(name for name in self._members if not any(part.startswith(".") for part in name.split("/")))

    def members(self) -> Sequence[str]:
        """Every file in the order of the tar."""
        return list(self._members)

    def problems(self) -> Sequence[SetAside]:
        what, remedy = _("the path leads out of the tar"), _("Make the tar again with paths inside it.")
        found = self._unnamed + [SetAside(0, name, name, what, remedy) for name in self._escaping]
        what, remedy = (_("this is a link, a pipe or a device in a tar"), _("Make the tar again with the files themselves."))
        return found + [SetAside(0, name, name, what, remedy) for name in self._odd]

    def has(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The bytes of a member; OSError where the tar is cut off or the member is larger than 1 GiB."""
        start, size = self._members[name]
        if size > _LARGEST_MEMBER:
            raise OSError(_("the file is larger than 1 GiB"))
        with self.location.open("rb") as file:
            file.seek(start)
            raw = file.read(size)
        if len(raw) < size:
            raise OSError(_("the tar ends before the file does"))
        return raw

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a member."""
        start, whole = self._members[name]
        with self.location.open("rb") as file:
            file.seek(start)
            return file.read(min(size, whole))

    def stored(self, name: str) -> int:
        """The bytes that a member takes in the tar."""
        return min(self._members[name][1], self.location.stat().st_size)

    def path(self, name: str) -> Path | None:
        return None


def open_tar(location: Path) -> TarRoot:
    """The root of a tar, whose members are looked up once as long as it stays the same file."""
    now = location.stat()
    return _known(location, now.st_ino, now.st_size, now.st_mtime_ns)


@lru_cache(maxsize=512)
def _known(location: Path, *_identity: int) -> TarRoot:
    return TarRoot(location)
