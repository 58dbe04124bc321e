"""Images in class folders, with train, val and test folders above them or not."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.items.images import is_image_name
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.rows import Part, Rows
from badcase.items.splits import split_named
from badcase.language import _


def read_image_folder(root: Root, names: Sequence[str]) -> Rows:
    """Every image of a tree as a row: its path, its class folder, and the split folder where there is one."""
    images = [name for name in names if is_image_name(name)]
    base = _common_folder(images)
    kept: list[tuple[str, str, str | None]] = []
    number: list[int] = []
    bad: list[SetAside] = list(root.problems())
    for at, name in enumerate(images, 1):
        folders = name[len(base) :].split("/")[:-1]
        split = folders.pop(0) if folders and split_named(folders[0]) is not None else None
        if folders:
            kept.append((name, folders[0], split))
            number.append(at)
        else:
            what, remedy = _("the image is in no class folder"), _("Move it into the folder of its class.")
            bad.append(SetAside(at, name, name, what, remedy))
    if not kept:
        raise BadcaseError(
            _("there is no table that tells labels, and no folders named by class"),
            where=str(root.location),
            hint=_("Put each image into a folder named by its class, or a labels.csv (file, label) beside them."),
        )
    columns = {
        "image": pa.array([name for name, _class, _split in kept], pa.large_string()),
        "label": pa.array([label for _name, label, _split in kept], pa.large_string()),
    }
    if any(split for _name, _label, split in kept):
        columns["split"] = pa.array([split for _name, _label, split in kept], pa.large_string())
    return Rows(
        "folder",
        root,
        (Part("", len(images)),),
        pa.table(columns),
        np.asarray(number, np.int64),
        bad,
        details={"base": base},
    )


def _common_folder(names: Sequence[str]) -> str:
    """The folders that every image lies under and that tell nothing, with a slash behind; "" for none."""
    if not names:
        return ""
    common = posixpath.commonpath([posixpath.dirname(name) for name in names])
    parts = common.split("/") if common else []
    # One folder that holds images itself is their class, not a wrapper around the classes.
    if any(posixpath.dirname(name) == common for name in names):
        parts = parts[:-1]
    for at, part in enumerate(parts):
        if split_named(part) is not None:
            parts = parts[:at]
            break
    return "/".join(parts) + "/" if parts else ""
