"""WebDataset shards: the member that holds a sample's label replaced, all members of excluded samples left out."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

from badcase.export.corrections import Corrections
from badcase.export.rewriters.json_spans import members, replaced
from badcase.importing.image_layouts.shards import LABEL_MEMBERS, samples


def rewrite_shard(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """Every other member stays as it was, in its order and with what the tar says of it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as old, tarfile.open(fileobj=out, mode="w", format=old.format) as new:
        infos = old.getmembers()
        found = samples([info.name.removeprefix("./") for info in infos if info.isreg()])
        changes = _changes(old, found, corrections)
        gone = {file for row, one in enumerate(found.values(), 1) if row in corrections.dropped for file in one.values()}
        for info in infos:
            file = info.name.removeprefix("./")
            if file in gone:
                continue
            content = changes.get(file)
            if content is not None:
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
            else:
                new.addfile(info, old.extractfile(info) if info.isreg() else None)
    return out.getvalue()


def _changes(old: tarfile.TarFile, found: dict[str, dict[str, str]], corrections: Corrections) -> dict[str, bytes]:
    """The new content of the members that hold the labels of corrected samples."""
    names = {info.name.removeprefix("./"): info for info in old.getmembers() if info.isreg()}
    changes: dict[str, bytes] = {}
    for row, one in enumerate(found.values(), 1):
        for column, spellings in corrections.written.items() if row in corrections.labels else ():
            label = spellings[corrections.labels[row]]
            member = next((one[ending] for ending in LABEL_MEMBERS.get(column, (column,)) if ending in one), one.get("json"))
            if member is None:
                continue
            file = old.extractfile(names[member])
            assert file is not None
            there = changes.get(member, file.read())
            if member == one.get("json"):
                changes[member] = _with_value(there, column, label)
            else:
                plain = there.decode("utf-8")
                changes[member] = (str(label) + plain[len(plain.rstrip()) :]).encode("utf-8")
    return changes


def _with_value(raw: bytes, column: str, label: Any) -> bytes:
    text = raw.decode("utf-8")
    new = json.dumps(label, ensure_ascii="\\u" in text)
    if not text.lstrip().startswith("{"):
        return new.encode()
    return replaced(text, {value: new for key, value, _whole in members(text) if key == column}).encode()
