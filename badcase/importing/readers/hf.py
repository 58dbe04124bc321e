"""A Hugging Face data set saved with `save_to_disk`, read without the library that wrote it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.readers.arrow import class_names_in, read_feather
from badcase.importing.rows import TableRows, joined
from badcase.items.roots import FolderRoot, Root


def is_saved_dataset(folder: Path) -> bool:
    """Whether a folder was written by `save_to_disk`."""
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def read_saved_dataset(folder: Path) -> TableRows:
    """Read all splits; the class names come from dataset_info.json."""
    root: Root = FolderRoot(folder)
    splits: list[str | None] = [None]
    if (folder / "dataset_dict.json").is_file():
        splits = list(_json(folder / "dataset_dict.json")["splits"])
    parts: list[TableRows] = []
    names: list[str | None] = []
    for split in splits:
        place = folder / (split or "")
        info = _json(place / "dataset_info.json")
        for file in _json(place / "state.json")["_data_files"]:
            rows = read_feather(root, f"{split}/{file['filename']}" if split else file["filename"])
            parts.append(replace(rows, class_names=class_names_in(info.get("features") or {})))
            names.append(split)
    if not parts:
        raise BadcaseError(_("the data set holds no data files"), where=str(folder), hint=_("Save it again."))
    return replace(joined(parts, names), format="hf")


def _json(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadcaseError(_("the saved data set is incomplete"), where=str(path), got=error, hint=_("Save it again.")) from error
    return value
