"""Names of the files that an export writes: safe on every file system, and each only once."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_LONGEST = 150  # bytes; file systems take 255, and a number may come behind
_LONGEST_PATH = 1000  # bytes; systems take 4096, and a folder of the person's comes before
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])\s*(\..*)?", re.IGNORECASE)  # devices on Windows
# Separators, marks that Windows reserves, controls, letters that turn the direction of a name, half characters.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')


def safe_name(name: str) -> str:
    """The name as one that every file system takes: no separators, no reserved marks or words, no dot in front."""
    safe = _UNSAFE.sub("_", name).strip().lstrip(".").rstrip(". ")
    if _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    return _short(safe) or "_"


def safe_path(written: str) -> str:
    """A path as one that stays below the folder it is put into, each part a safe name; of a very long one the end."""
    parts = [safe_name(part) for part in re.split(r"[/\\]", written) if part not in ("", ".", "..")]
    while sum(len(part.encode()) + 1 for part in parts) > _LONGEST_PATH:
        del parts[0]
    return "/".join(parts) or "_"


def _short(name: str) -> str:
    """A name that is too long, cut before its ending."""
    if len(name.encode("utf-8", "surrogatepass")) <= _LONGEST:
        return name
    ending = PurePosixPath(name).suffix
    ending = ending if len(ending.encode("utf-8", "surrogatepass")) <= 16 else ""
    stem = name[: len(name) - len(ending)]
    cut = stem.encode("utf-8", "surrogatepass")[: _LONGEST - len(ending.encode())].decode("utf-8", "ignore")
    return cut.rstrip(". ") + ending


class FreeNames:
    """Gives each path once; one that is taken gets a number. Case and Unicode form make no difference, as on many systems.

    stems: Names that differ in their ending alone are the same.
    """

    def __init__(self, *, stems: bool = False) -> None:
        self._stems = stems
        self._taken: set[str] = set()
        self._files: set[str] = set()  # whole, where names without their endings are taken
        self._folders: set[str] = set()
        self._tries: dict[str, int] = {}

    def take(self, path: str) -> str:
        """The path, or the same with a number before its ending."""
        pure = self._below_folders(path)
        free, key = pure, self._key(pure)
        while self._key(free) in self._taken or _alike(free) in self._folders:
            self._tries[key] = self._tries.get(key, 1) + 1
            free = pure.with_name(f"{pure.stem}-{self._tries[key]}{pure.suffix}")
        self._taken.add(self._key(free))
        self._files.add(_alike(free))
        self._folders |= {_alike(folder) for folder in free.parents}
        return str(free)

    def _below_folders(self, path: str) -> PurePosixPath:
        """The path below folders whose names no file has."""
        *folders, name = PurePosixPath(path).parts
        below = PurePosixPath()
        for folder in folders:
            while _alike(below / folder) in self._files:
                folder += "_"
            below /= folder
        return below / name

    def _key(self, path: PurePosixPath) -> str:
        return _alike(path.with_suffix("") if self._stems and path.name else path)


def _alike(path: PurePosixPath) -> str:
    """The same for paths that some file system takes for one."""
    return unicodedata.normalize("NFC", str(path)).casefold()
