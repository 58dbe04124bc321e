"""Importing code that was asked for: from the very files whose digests were taken, never from bytecode beside them."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from badcase.trust.foreign_code import ForeignCode, sha256


class _Verified(SourceFileLoader):
    """Compiles the source itself: what lies in `__pycache__` may be anything."""

    def __init__(self, name: str, path: str, digest: str) -> None:
        super().__init__(name, path)
        self.digest = digest

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path)
        if hashlib.sha256(source).hexdigest() != self.digest:
            raise _changed(self.path)
        return self.source_to_code(source, self.path)


class _Finder(MetaPathFinder):
    """Finds the modules of admitted code and no others: the folder they lie in is never on `sys.path`."""

    of_foreign_code = True

    def __init__(self) -> None:
        self.modules: dict[str, tuple[Path, str]] = {}
        self.folders: dict[str, list[str]] = {}  # packages without an __init__.py

    def add(self, code: ForeignCode) -> None:
        assert code.root is not None
        for path, digest in code.files:
            inside = path.relative_to(code.root)
            name = inside.name.partition(".")[0]
            parts = inside.parent.parts if name == "__init__" else (*inside.parent.parts, name)
            self.modules[".".join(parts)] = path, digest
            for end in range(1, len(parts)):
                self.folders[".".join(parts[:end])] = [str(code.root.joinpath(*parts[:end]))]

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if (top := sys.modules.get(fullname.partition(".")[0])) is not None and not _ours(top):
            return None  # the program imported this package by itself, from wherever it has it
        if fullname in self.modules:
            file, digest = self.modules[fullname]
            if file.suffix == ".py":
                loader: Any = _Verified(fullname, str(file), digest)
            elif sha256(file) == digest:
                loader = ExtensionFileLoader(fullname, str(file))
            else:
                raise _changed(file)
            within = [str(file.parent)] if file.name.startswith("__init__.") else None
            return spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=within)
        if fullname in self.folders:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = self.folders[fullname]
            return spec
        return None


_finder = _Finder()


def function_of(code: ForeignCode) -> Any:
    """Import the module of package.module:function, and give the function; whatever the module raises is raised."""
    module_name, _colon, function = code.name.partition(":")
    if code.root is not None:
        _finder.add(code)
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
        _forget_stale()
    module = importlib.import_module(module_name)
    file = getattr(module, "__file__", None)
    if code.files and file and Path(file).resolve() != code.files[0][0].resolve():
        raise ImportError(f"another module {module_name} is loaded already, from {file}")
    return getattr(module, function)


def _changed(path: str | Path) -> ImportError:
    return ImportError(f"{path} has changed since it was asked for")


def _ours(module: ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    return spec is not None and (isinstance(spec.loader, _Verified) or spec.name in _finder.folders)


def _forget_stale() -> None:
    """Import anew where a file has changed since, or another folder has a module of the same name."""
    ours = {name: loader for name, module in sys.modules.items() if (loader := _loader(module)) is not None}
    if any(_finder.modules.get(name) != (Path(loader.path), loader.digest) for name, loader in ours.items()):
        for name in ours:
            del sys.modules[name]


def _loader(module: ModuleType) -> _Verified | None:
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    return loader if isinstance(loader, _Verified) else None
