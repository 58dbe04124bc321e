"""WebDataset shards: tars whose members of one name are one sample: 0001.jpg with 0001.cls, 0001.json or 0001.txt.

Source: https://github.com/webdataset/webdataset#the-webdataset-format
"""

from __future__ import annotations

import json
import posixpath
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.json_layouts.json_text import without_half_characters
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.images import is_image_name
from badcase.items.kinds import SetAside
from badcase.items.roots import FolderRoot, Root
from badcase.items.source import SourcePart
from badcase.items.tar_root import TarRoot, open_tar

LABEL_MEMBERS = {"label": ("cls", "label"), "txt": ("txt",), "text": ("text",)}  # by column, the endings of the members
_ENDINGS = {ending: column for column, endings in LABEL_MEMBERS.items() for ending in reversed(endings)}
_LOOKED_AT = 20  # samples that tell what a tar is


def samples(names: list[str]) -> dict[str, dict[str, str]]:
    """From the key of each sample to its members by ending; a key is the path up to the first point of the name."""
    made: dict[str, dict[str, str]] = {}
    for name in names:
        folder, file = posixpath.split(name)
        stem, _point, ending = file.partition(".")
        made.setdefault(posixpath.join(folder, stem), {})[ending.lower()] = name
    return made


def image_of(members: dict[str, str]) -> str | None:
    """The member of a sample that is its image."""
    return next((name for name in members.values() if is_image_name(name)), None)


def is_shard(root: Root, name: str) -> bool:
    """Whether most samples of a tar in a folder are an image and what tells its label."""
    if not isinstance(root, FolderRoot):
        return False
    try:
        names = list(open_tar(root.location / name).names())
    except BadcaseError:
        return False
    some = list(samples(names).values())[:_LOOKED_AT]
    told = [one for one in some if image_of(one) and ({"json", *_ENDINGS} & set(one))]
    return bool(some) and len(told) * 2 > len(some)


def read_shard(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """One row a sample, in the order of the tar; the image is read in place."""
    tar = open_tar(root.location / name)
    found = samples([one for one in tar.members() if not posixpath.basename(one).startswith(".")])
    records: list[dict[str, Any]] = []
    numbers: list[int] = []
    bad: list[SetAside] = list(tar.problems())
    for row, (key, members) in enumerate(found.items(), 1):
        image = image_of(members)
        if image is None:
            where = _("{name}, row {row}").format(name=name, row=row)
            bad.append(SetAside(row, key, where, _("the sample has no image"), _("Add it, or remove the sample.")))
            continue
        numbers.append(row)
        records.append({"image": f"{name}/{image}"} | _told(tar, members))
    columns = list(dict.fromkeys(column for record in records for column in record))
    table = pa.table({column: _column([record.get(column) for record in records]) for column in columns})
    names = [record["image"] for record in records]
    number = np.asarray(numbers, np.int64)
    parts = (SourcePart(name, len(found)),)
    return TableRows("webdataset", root, parts, table, number, bad, joins={"image": JoinedMedia(root, names)})


def _told(tar: TarRoot, members: dict[str, str]) -> dict[str, Any]:
    """What the other members of a sample say: fields of its JSON, and its label."""
    said: dict[str, Any] = {}
    if "json" in members:
        try:
            value = without_half_characters(json.loads(tar.read(members["json"])))
        except (ValueError, OSError, RecursionError):
            value = None
        if isinstance(value, dict):
            said = {key: one for key, one in value.items() if not isinstance(one, dict | list) and key != "image"}
        elif isinstance(value, str | int):
            said = {"label": value}
    for ending, column in _ENDINGS.items():
        if ending in members:
            try:
                said[column] = tar.read(members[ending]).decode("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                continue
    return said


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.large_string())
