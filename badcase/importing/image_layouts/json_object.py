"""The object that a JSON file holds, read once for the question what it is and for its reading."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.importing.json_layouts.json_text import too_deep, without_half_characters
from badcase.items.roots import Root


def json_object(root: Root, name: str) -> dict[str, Any]:
    """The object of a file; empty where it holds another thing, or nothing that can be read."""
    path = root.path(name)
    if path is not None and path.is_file():
        now = path.stat()
        return _read(path, now.st_ino, now.st_size, now.st_mtime_ns)
    try:
        return _object(root.read(name))
    except (OSError, KeyError, BadcaseError):  # the reader of the table says what is wrong with it
        return {}


@lru_cache(maxsize=2)
def _read(path: Path, *_identity: int) -> dict[str, Any]:
    try:
        return _object(path.read_bytes())
    except OSError:
        return {}


def _object(raw: bytes) -> dict[str, Any]:
    if not raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, dict) or too_deep(raw.decode("utf-8", "replace"), value):
        return {}
    made: dict[str, Any] = without_half_characters(value) if b"\\u" in raw or b"\xed" in raw else value
    return made
