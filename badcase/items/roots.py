"""Roots, where the files of a data set lie: a folder, or a zip or tar read in place; from any number of threads."""

from __future__ import annotations

import bz2
import hashlib
import ntpath
import os
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import SetAside, name_problem
from badcase.items.regular_files import open_regular, read_regular
from badcase.items.tar_root import is_tar, open_tar
from badcase.size_bounds import check_unpacked

_UTF8_NAMES = 0x800
_INTO = re.compile(r"\.(?:zip|tar)/", re.IGNORECASE)  # where a name leads into an archive
_LOCAL_HEADER = 30  # bytes in front of the name of a member


class Root(Protocol):
    """A tree of files under one location; names are relative and use forward slashes."""

    @property
    def location(self) -> Path: ...

    def names(self) -> Sequence[str]: ...
    def problems(self) -> Sequence[SetAside]: ...
    def has(self, name: str) -> bool: ...
    def read(self, name: str) -> bytes: ...
    def head(self, name: str, size: int) -> bytes: ...
    def stored(self, name: str) -> int: ...
    def path(self, name: str) -> Path | None: ...


def fingerprint(raw: bytes) -> str:
    """BLAKE2b-128 in hex."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def digests_of(contents: Sequence[bytes]) -> bytes:
    """The fingerprints of some contents, one behind the other, in ASCII."""
    return b"".join([hashlib.blake2b(raw, digest_size=16).digest() for raw in contents]).hex().encode("ascii")


def digest_of(root: Root, name: str) -> str:
    """The fingerprint of a file: whether it is still the one that was read."""
    path = root.path(name)
    if path is None:
        return fingerprint(root.read(name))
    with open_regular(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def inside(folder: str, written: str) -> str | None:
    """The name of a path that a table in `folder` (a name in the same root) wrote; None where it leaves the root."""
    plain = written.strip().replace("\\", "/")
    if posixpath.isabs(plain) or plain[1:3] == ":/" or "\0" in plain or (os.name == "nt" and ntpath.splitdrive(plain)[0]):
        return None
    name = posixpath.normpath(posixpath.join(folder, plain))
    return None if name == ".." or name.startswith("../") else name


@dataclass(frozen=True)
class FolderRoot:
    """A folder on disk. Links are followed, but into each folder once, so that a loop ends and is reported.

    What lies in a zip or tar of the folder has a name too, as if that were a folder: "shard-000.tar/0001.jpg".
    """

    location: Path

    def names(self) -> Sequence[str]:
        return [name for name in self._walk()[0] if not _is_junk(name)]

    def every_name(self) -> Sequence[str]:
        """The same with hidden files: everything that a copy of the folder has to hold."""
        return self._walk()[0]

    def problems(self) -> Sequence[SetAside]:
        return self._walk()[1]

    def has(self, name: str) -> bool:
        try:
            if inside("", name) is None:
                return False
            if (self.location / self._now(name)).is_file():
                return True
            packed = self._packed(name)
            return packed is not None and packed[0].has(packed[1])
        except (OSError, ValueError, BadcaseError):  # a link to itself, a name with a null byte, a name too long
            return False

    def read(self, name: str) -> bytes:
        """The bytes of a file; OSError where it cannot be read, or where its name leads out of the folder."""
        if inside("", name) is None:
            raise OSError(_("the path leads out of the folder"))
        packed = self._packed(name)
        return read_regular(self.location / self._now(name)) if packed is None else packed[0].read(packed[1])

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a file; OSError as in `read`."""
        packed = self._packed(name)
        if packed is not None:
            return packed[0].head(packed[1], size)
        with open_regular(self.location / self._now(name)) as file:
            return file.read(size)

    def stored(self, name: str) -> int:
        """The bytes that a file takes where it lies."""
        packed = self._packed(name)
        return (self.location / self._now(name)).stat().st_size if packed is None else packed[0].stored(packed[1])

    def path(self, name: str) -> Path | None:
        """Where a file lies, None inside an archive; BadcaseError where its name leads out of the folder."""
        if inside("", name) is None:
            raise BadcaseError(
                _("the path leads out of the folder"),
                where=f"{self.location}: {name}",
                hint=_("The project names a file that is not of its data set. Ask whoever made it."),
            )
        return self.location / self._now(name) if self._packed(name) is None else None

    def _packed(self, name: str) -> tuple[Root, str] | None:
        """The archive that a name leads into, and the name there."""
        for into in _INTO.finditer(name):
            archive = self.location / name[: into.end() - 1]
            if archive.is_file():
                return open_root(archive), name[into.end() :]
        return None

    def _now(self, name: str) -> str:
        """The name itself; of what lay in an archive that is gone, where it lies if that was unpacked here."""
        for into in _INTO.finditer(name):
            archive, member = name[: into.end() - 1], name[into.end() :]
            for folder in (posixpath.dirname(archive), archive.rpartition(".")[0]):
                there = inside(folder, member)
                if there is not None and not (self.location / archive).exists() and (self.location / there).is_file():
                    return there
        return name

    def _walk(self) -> tuple[list[str], list[SetAside]]:
        names: list[str] = []
        problems: list[SetAside] = []
        seen: set[str] = set()
        pending = [""]
        while pending:
            folder = pending.pop()
            real = os.path.realpath(self.location / folder)
            if real in seen:
                problems.append(_link_problem(folder))
                continue
            seen.add(real)
            entries = list(os.scandir(self.location / folder))
            if folder and {"project.db", "items.arrow"} <= {entry.name for entry in entries}:
                continue  # a project that was made here is no part of the data
            for entry in entries:
                name = posixpath.join(folder, entry.name)
                if (odd := name_problem(name)) is not None:
                    problems.append(odd)
                    continue
                try:
                    if entry.is_dir():
                        pending.append(name)
                    elif entry.is_file():
                        names.append(name)
                    elif not _is_junk(name):
                        problems.append(_no_file(name, nowhere=not Path(entry.path).exists()))
                except OSError:
                    problems.append(_link_problem(name))
        return sorted(names), problems


def _no_file(name: str, *, nowhere: bool) -> SetAside:
    if nowhere:
        what = _("the link leads nowhere: the file that it names is not there")
        return SetAside(0, name, name, what, _("Put the file there, or remove the link."))
    what = _("this is a pipe, a socket or a device, which is never opened")
    return SetAside(0, name, name, what, _("Put the file itself there, or remove it."))


def _link_problem(name: str) -> SetAside:
    return SetAside(0, name, name, _("the link leads to a folder that is already read, or to itself"), _("Remove the link."))


class ZipRoot:
    """A zip file, whose members are found once; each read opens the file by itself, so that threads share nothing.

    It is not mapped into memory, where a file that shrinks, or a disk that goes away, would end the process.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        try:
            with zipfile.ZipFile(location) as archive:
                members = [info for info in archive.infolist() if info.filename and not member_name(info).endswith("/")]
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, struct.error) as error:
            raise BadcaseError(
                _("this is not a zip file that can be read"), where=str(location), got=error, hint=_("Make it again.")
            ) from error
        self._members = {member_name(info): info for info in members}

    def names(self) -> Sequence[str]:
        return sorted(name for name in self._members if not _is_junk(name) and inside("", name) == name)

    def problems(self) -> Sequence[SetAside]:
        what, remedy = _("the path leads out of the zip"), _("Make the zip again with paths inside it.")
        return [
            SetAside(0, name, name, what, remedy)
            for name in sorted(self._members)
            if not _is_junk(name) and inside("", name) != name
        ]

    def has(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The bytes of a member; OSError where it is encrypted or damaged, BadcaseError where it unfolds to too much."""
        info = self._members[name]
        check_unpacked(info.file_size, self.stored(name), name)
        raw = _unpack(self._packed(info), info, info.file_size)
        if zlib.crc32(raw) != info.CRC:
            raise OSError(_("the checksum in the zip does not match: the file is damaged"))
        return raw

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a member; OSError as in `read`."""
        info = self._members[name]
        return _unpack(self._packed(info), info, min(size, info.file_size))[:size]

    def stored(self, name: str) -> int:
        """The bytes that a member takes in the zip."""
        info = self._members[name]
        return min(info.compress_size, self.location.stat().st_size)

    def _packed(self, info: zipfile.ZipInfo) -> bytes:
        if info.flag_bits & 1:
            raise OSError(_("the zip is encrypted"))
        with self.location.open("rb") as file:
            file.seek(max(0, info.header_offset) + _LOCAL_HEADER - 4)
            lengths = file.read(4)
            if info.header_offset < 0 or len(lengths) < 4:
                raise OSError(_("the zip says that the file lies outside of it: the zip is damaged"))
            name_length, extra_length = struct.unpack("<HH", lengths)
            file.seek(name_length + extra_length, os.SEEK_CUR)
            there = os.fstat(file.fileno()).st_size - file.tell()
            return file.read(max(0, min(info.compress_size, there)))

    def path(self, name: str) -> Path | None:
        return None


def _unpack(packed: bytes, info: zipfile.ZipInfo, most: int) -> bytes:
    """What a member unfolds to, cut after `most` bytes: what the zip says of its size may be a lie."""
    try:
        match info.compress_type:
            case zipfile.ZIP_STORED:
                return packed
            case zipfile.ZIP_DEFLATED:
                return zlib.decompressobj(-15).decompress(packed, max(most, 1))
            case zipfile.ZIP_BZIP2:
                return bz2.BZ2Decompressor().decompress(packed, most)
    except (zlib.error, ValueError, EOFError) as error:
        raise OSError(str(error)) from error
    raise OSError(_("the zip uses a compression that is not known here; make it again with the ordinary one"))


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; zips from Windows hold names in the local code page and say nothing about it.

    Some programs there also part folders by backslashes, against the format.
    """
    name = _decoded_name(info)
    return name if "/" in name else name.replace("\\", "/")


def _decoded_name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAMES or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_junk(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/") if part not in ("..", "."))


def open_root(location: Path) -> Root:
    """The root at a location: a folder, or a zip or tar, which is opened once as long as it stays the same file."""
    if location.is_dir():
        return FolderRoot(location)
    with open_regular(location):  # a pipe would be waited for
        pass
    if is_tar(location.name):
        return open_tar(location)
    now = location.stat()
    return _mapped(location, now.st_ino, now.st_size, now.st_mtime_ns)


def leads_into_archive(name: str) -> bool:
    """Whether a name in a folder may be one of a member of an archive there."""
    return _INTO.search(name) is not None


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive whose members can be read in place."""
    return name.lower().endswith(".zip") or is_tar(name)


@lru_cache(maxsize=64)
def _mapped(location: Path, *_identity: int) -> ZipRoot:
    return ZipRoot(location)
