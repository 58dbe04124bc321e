"""A Hugging Face data set saved with `save_to_disk`, read without the library that wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.readers.arrow import class_names_in, read_feather
from badcase.importing.rows import TableRows, joined
from badcase.items.roots import FolderRoot, Root, inside


def is_saved_dataset(folder: Path) -> bool:
    """Whether a folder was written by `save_to_disk`."""
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def read_saved_dataset(folder: Path) -> TableRows:
    """Read all splits; the class names come from dataset_info.json."""
    root: Root = FolderRoot(folder)
    splits: list[str | None] = [None]
    if (folder / "dataset_dict.json").is_file():
        splits = _names(folder / "dataset_dict.json", "splits", lambda split: split)
    parts: list[TableRows] = []
    names: list[str | None] = []
    for split in splits:
        place = folder / (split or "")
        info = _json(place / "dataset_info.json")
        for file in _names(place / "state.json", "_data_files", lambda file: file["filename"]):
            rows = read_feather(root, f"{split}/{file}" if split else file)
            parts.append(replace(rows, class_names=class_names_in(info.get("features"))))
            names.append(split)
    if not parts:
        raise BadcaseError(_("the data set holds no data files"), where=str(folder), hint=_("Save it again."))
    return replace(joined(parts, names), format="hf")


def _names(path: Path, key: str, name_of: Callable[[Any], Any]) -> list[Any]:
    """The names of files or folders that an entry lists, all of them below the data set."""
    try:
        names = [name_of(one) for one in _json(path)[key]]
        inner = [isinstance(name, str) and bool(name) and "\x00" not in name and inside("", name) == name for name in names]
    except (LookupError, TypeError, ValueError) as error:
        raise _incomplete(path, _("no list of names called {key}").format(key=key)) from error
    if not all(inner):
        raise _incomplete(path, _("{key} names what is not in the folder").format(key=key))
    return names


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _incomplete(path, error) from error
    if not isinstance(value, dict):
        raise _incomplete(path, type(value).__name__)
    return value


def _incomplete(path: Path, got: object) -> BadcaseError:
    return BadcaseError(_("the saved data set is incomplete"), where=str(path), got=got, hint=_("Save it again."))
