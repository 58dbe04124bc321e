"""Locating a data set: from what a person names (a file, a folder, a zip, a hub id) to its rows."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import has_image_column, looks_labelled
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers import TABLES, table_reader, txt_reader
from badcase.importing.readers.conversions import conversion
from badcase.importing.readers.folder import is_text_name, read_class_folders
from badcase.importing.readers.hf import is_saved_dataset, read_saved_dataset
from badcase.importing.readers.hub import fetch, is_hub_id
from badcase.importing.rows import TableRows, joined
from badcase.items.images import is_image_name
from badcase.items.roots import FolderRoot, Root, open_root
from badcase.items.splits import split_named

_FIRST = ("labels", "metadata", "annotations", "data", "train")


def read_rows(data: str | Path, options: ReadOptions = NOTICED) -> TableRows:
    """The rows of a data set; BadcaseError where there is nothing that can be read."""
    if is_hub_id(str(data)):
        return read_saved_dataset(fetch(str(data)))
    path = Path(data).expanduser().absolute()
    if not path.exists():
        raise BadcaseError(_("there is nothing at this path"), where=str(path), hint=_("Check the path."))
    if path.is_dir():
        return read_saved_dataset(path) if is_saved_dataset(path) else _read_tree(FolderRoot(path), options)
    beside = FolderRoot(path.parent)
    if (reader := table_reader(path.name) or txt_reader(beside, path.name)) is not None:
        return replace(reader(beside, path.name, options), lone=True)
    if path.suffix.lower() == ".zip":
        return _read_tree(open_root(path), options)
    raise BadcaseError(
        _("this kind of file cannot be read"),
        where=str(path),
        expected=_("a folder, a .zip, or one of {endings}").format(endings=" ".join(TABLES)),
        hint=conversion(path.name),
    )


def _read_tree(root: Root, options: ReadOptions) -> TableRows:
    names = root.names()
    depth = min((name.count("/") for name in names), default=0)
    tables = [name for name in names if table_reader(name, root) is not None and name.count("/") <= depth + 1]
    images = any(is_image_name(name) for name in names)
    failure: BadcaseError | None = None
    for group in sorted(_same_columns(tables), key=_preference):
        try:
            rows = _read_tables(root, group, options)
        except BadcaseError as error:
            failure = failure or error
            continue
        if looks_labelled(rows) and (has_image_column(rows) or not images):
            return rows
    if images or (failure is None and any(is_text_name(name) and "/" in name for name in names)):
        return read_class_folders(root, names, options)
    raise failure or BadcaseError(
        _("there are neither images nor a table with labels here"),
        where=str(root.location),
        expected=_("images or .txt files in class folders, or one of {endings}").format(endings=" ".join(TABLES)),
        hint=_("Name the folder, zip or table that holds the data."),
    )


def _same_columns(tables: Sequence[str]) -> list[list[str]]:
    """Tables that belong together: train, val and test of one folder, or one table for each split folder."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name in tables:
        folder, file = posixpath.split(name)
        stem, ending = file.split(".", 1)
        split_file = split_named(stem) is not None
        split_folder = split_named(posixpath.basename(folder)) is not None
        if split_file:
            key = (folder, "." + ending)
        elif split_folder:
            key = (posixpath.dirname(folder), file)
        else:
            key = ("", name)
        groups.setdefault(key, []).append(name)
    return list(groups.values())


def _preference(group: Sequence[str]) -> tuple[int, str]:
    stem = posixpath.basename(group[0]).split(".", 1)[0].lower()
    return (_FIRST.index(stem) if stem in _FIRST else len(_FIRST) - (len(group) > 1), group[0])


def _read_tables(root: Root, names: Sequence[str], options: ReadOptions) -> TableRows:
    parts, splits = [], []
    for name in names:
        reader = table_reader(name, root)
        assert reader is not None
        parts.append(reader(root, name, options))
        folder, file = posixpath.split(name)
        words = (file.split(".", 1)[0], posixpath.basename(folder))
        splits.append(next((word for word in words if split_named(word) is not None), None))
    return joined(parts, splits) if len(parts) > 1 else parts[0]
