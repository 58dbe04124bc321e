"""Foreign code: what package.module:function, a model's folder or a file would run, told by its files without importing it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path

ENDINGS = (".py", *EXTENSION_SUFFIXES)
NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")  # package.module:function
_IMPORTING = re.compile(rb"^.*import.*$", re.MULTILINE)  # also import_module("name")
_WORD = re.compile(rb"\w+")


@dataclass(frozen=True, slots=True)
class ForeignCode:
    """Code that somebody named.

    Attributes:
        name: package.module:function, or the folder or file of a model.
        files: The files that it consists of and their SHA-256, the one to read first at the front.
        root: The folder that its modules are imported from; None for what is installed, and for models.
    """

    name: str
    files: tuple[tuple[Path, str], ...]
    root: Path | None = None

    @property
    def digest(self) -> str:
        """One SHA-256 of all its files, wherever they lie, and of the function that is called."""
        whole = hashlib.sha256(self.name.encode() if NAME.fullmatch(self.name) else b"")
        for path, digest in self.files:
            inside = path.relative_to(self.root).as_posix() if self.root is not None else path.name
            whole.update(f"{inside}\0{digest}\n".encode())
        return whole.hexdigest()

    @property
    def place(self) -> str:
        """The file to read first."""
        return str(self.files[0][0]) if self.files else self.name


def named_code(name: str, search_path: str | Path | None = None) -> ForeignCode:
    """The code of package.module:function; nothing of it is run to find it.

    In the folder of `search_path` it is the whole top-level package or module, and those beside it that their lines with an
    import speak of; of what is installed it is the file of the module.

    Args:
        name: package.module:function.
        search_path: The folder that is looked into first; None for the one that the program was started in.

    Raises:
        ImportError: There is no such module.
    """
    if not NAME.fullmatch(name):
        raise ImportError(f"{name!r} is not package.module:function")
    parts = name.partition(":")[0].split(".")
    root = Path(search_path or Path.cwd()).absolute()
    if (entry := _module_in(root, parts)) is not None:
        files = sorted({*_reached(root, entry)}, key=lambda path: (path != entry, path))
        return ForeignCode(name, hashed(files), root)
    found = _installed(parts)
    origin = Path(found.origin) if found is not None and found.origin else None
    return ForeignCode(name, hashed([origin] if origin is not None and origin.is_file() else []))


def code_within(name: str, folders: Iterable[Path]) -> ForeignCode | None:
    """The Python files in the folders of a model; None where there are none."""
    files = sorted(path for folder in folders for path in folder.rglob("*.py") if path.is_file())
    return ForeignCode(name, hashed(files)) if files else None


def code_of_file(path: Path) -> ForeignCode:
    """A single file that holds code."""
    return ForeignCode(str(path), hashed([path]))


def hashed(files: Iterable[Path]) -> tuple[tuple[Path, str], ...]:
    return tuple((path, sha256(path)) for path in files)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- where a module lies -----------------------------------------------------------------------------------------


def _module_in(root: Path, parts: list[str]) -> Path | None:
    """The file of a module below a folder."""
    place = root.joinpath(*parts)
    candidates = [place / f"__init__{ending}" for ending in ENDINGS] + [place.with_name(parts[-1] + one) for one in ENDINGS]
    return next((path for path in candidates if path.is_file()), None)


def _installed(parts: list[str]) -> ModuleSpec | None:
    """Where Python would find a module, step by step: `find_spec` of the whole name would import its packages."""
    if parts == ["__main__"]:
        return importlib.util.spec_from_loader("__main__", None, origin=getattr(sys.modules["__main__"], "__file__", None))
    path: list[str] | None = None
    found: ModuleSpec | None = None
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        finders = [finder for finder in sys.meta_path if not getattr(finder, "of_foreign_code", False)]
        found = next(filter(None, (finder.find_spec(name, path) for finder in finders)), None)
        if found is None or (end < len(parts) and found.submodule_search_locations is None):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        path = list(found.submodule_search_locations or [])
    return found


def _reached(root: Path, entry: Path) -> Iterator[Path]:
    """The files of a module's top-level package in a folder, and of those beside it that they import."""
    beside = {path.name.partition(".")[0] for path in root.iterdir()}
    top = entry.relative_to(root).parts[0].partition(".")[0]
    seen, waiting = {top}, [top]
    while waiting:
        for path in _files_of(root, waiting.pop(), entry):
            yield path
            lines = _IMPORTING.findall(path.read_bytes()) if path.suffix == ".py" else []
            words = {word.decode("utf-8", "replace") for line in lines for word in _WORD.findall(line)}
            waiting += sorted((words & beside) - seen)
            seen |= words & beside


def _files_of(root: Path, top: str, entry: Path) -> Iterator[Path]:
    yield from (path for path in (root / f"{top}{ending}" for ending in ENDINGS) if path.is_file())
    seen: set[str] = set()
    for folder, folders, names in os.walk(root / top, followlinks=True):
        real = os.path.realpath(folder)
        modules = [] if real in seen else sorted(name for name in names if name.endswith(ENDINGS))
        seen.add(real)
        if not modules and not entry.is_relative_to(folder):
            folders.clear()  # of images, say
        folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
        yield from (Path(folder, name) for name in modules)
