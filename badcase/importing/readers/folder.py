"""Images or texts in class folders, with train, val and test folders above them or not."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.encodings import files_notes, read_texts
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.images import is_image_name
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.source import SourcePart
from badcase.items.splits import split_named


def read_class_folders(root: Root, names: Sequence[str], options: ReadOptions = NOTICED) -> TableRows:
    """Every image of a tree as a row, or else every text file: its path, its class folder, the split folder if there is one."""
    files = [name for name in names if is_image_name(name)]
    texts = not files
    files = files or [name for name in names if is_text_name(name)]
    base = _common_folder(_without_strays(files) if texts else files)
    kept: list[tuple[str, str, str | None]] = []
    content: list[str] = []
    read = list(read_texts([root.read(name) for name in files], options.encoding)) if texts else []
    sources = iter(read)
    number: list[int] = []
    bad: list[SetAside] = list(root.problems())
    for at, name in enumerate(files, 1):
        folders, source = name[len(base) :].split("/")[:-1], next(sources, None)
        split = folders.pop(0) if folders and split_named(folders[0]) is not None else None
        if not folders:
            what, remedy = _("the file is not in a class folder"), _("Move it into the folder of its class.")
            bad.append(SetAside(at, name, name, what, remedy))
            continue
        if source is not None:
            try:
                content.append(source.decode(source.text).rstrip("\r\n"))
            except UnicodeDecodeError:
                what = _("a byte that is not {encoding}").format(encoding=source.encoding)
                bad.append(SetAside(at, name, name, what, _("Save the file in one encoding, best UTF-8.")))
                continue
        kept.append((name, folders[0], split))
        number.append(at)
    if not kept:
        raise BadcaseError(
            _("there is neither a table with labels nor folders named after classes"),
            where=str(root.location),
            hint=_("Put each image or text into a folder named by its class, or a labels.csv (file, label) beside them."),
        )
    paths, labels, splits = zip(*kept, strict=True)
    columns = {"file" if texts else "image": pa.array(paths, pa.large_string())}
    columns |= {"text": pa.array(content, pa.large_string())} if texts else {}
    columns |= {"label": pa.array(labels, pa.large_string())}
    columns |= {"split": pa.array(splits, pa.large_string())} if any(splits) else {}
    return TableRows(
        "folder",
        root,
        (SourcePart("", len(files)),),
        pa.table(columns),
        np.asarray(number, np.int64),
        bad,
        details={"base": base},
        key="file" if texts else None,
        notes=[] if options.encoding else files_notes(files, read),
    )


def is_text_name(name: str) -> bool:
    return name.lower().endswith(".txt")


def _without_strays(names: Sequence[str]) -> Sequence[str]:
    """The files whose folder holds no folder with files: a readme.txt beside the class folders is of no class."""
    above = {"/".join(parts[:depth]) for name in names for parts in [name.split("/")[:-1]] for depth in range(len(parts))}
    return [name for name in names if posixpath.dirname(name) not in above]


def _common_folder(names: Sequence[str]) -> str:
    """The folders that every file lies under and that tell nothing, with a slash behind; "" for none."""
    if not names:
        return ""
    common = posixpath.commonpath([posixpath.dirname(name) for name in names])
    parts = common.split("/") if common else []
    # One folder that holds files itself is their class, not a wrapper around the classes.
    if any(posixpath.dirname(name) == common for name in names):
        parts = parts[:-1]
    for at, part in enumerate(parts):
        if split_named(part) is not None:
            parts = parts[:at]
            break
    return "/".join(parts) + "/" if parts else ""
