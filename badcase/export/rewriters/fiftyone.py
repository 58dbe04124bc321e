"""FiftyOne's labels.json, and an object of images alone: the label of an image replaced in its place and in its form."""

from __future__ import annotations

import json
from typing import Any

from badcase.export.corrections import Corrections
from badcase.export.rewriters.json_spans import Span, members, replaced, without


def rewrite_fiftyone(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """Every other byte stays as it was."""
    text = raw.decode("utf-8-sig")
    made = json.loads(text)
    place = next(value for key, value, _whole in members(text) if key == "labels")
    return _rewritten(raw, text, place[0], made["labels"], [str(one) for one in made.get("classes") or ()], corrections)


def rewrite_image_map(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """Every other byte stays as it was."""
    text = raw.decode("utf-8-sig")
    return _rewritten(raw, text, 0, json.loads(text), [], corrections)


def _rewritten(raw: bytes, text: str, at: int, labels: dict[str, Any], classes: list[str], corrections: Corrections) -> bytes:
    entries = list(members(text, at))
    (spellings,) = corrections.written.values()
    pieces: dict[Span, str] = {}
    for row, (key, value, _whole) in enumerate(entries, 1):
        if row in corrections.labels:
            new = _as_there(labels[key], spellings[corrections.labels[row]], classes)
            pieces[value] = json.dumps(new, ensure_ascii="\\u" in text)
    pieces |= without(text, [whole for _key, _value, whole in entries], {row - 1 for row in corrections.dropped})
    return raw[: len(raw) - len(text.encode())] + replaced(text, pieces).encode()


def _as_there(there: Any, label: Any, classes: list[str]) -> Any:
    """A label, or a list of them, in the form of the value that stood there."""
    if isinstance(label, list | tuple):
        first = there[0] if isinstance(there, list) and there else None
        return [_as_there(first if first is not None else _sample(classes), one, classes) for one in label]
    if isinstance(there, list):
        return [_as_there(there[0] if there else _sample(classes), label, classes)]
    if isinstance(there, dict):
        return {**there, "label": _as_there(there.get("label"), label, classes)}
    if isinstance(there, int) and not classes and str(label).isdecimal():
        return int(label)
    return classes.index(label) if isinstance(there, int) and label in classes else label


def _sample(classes: list[str]) -> int | str:
    return 0 if classes else ""
