"""FiftyOne's labels.json: the label of an image replaced in its place, as a place in the classes or as a name."""

from __future__ import annotations

import json
from typing import Any

from badcase.export.corrections import Corrections
from badcase.export.rewriters.json_spans import Span, members, replaced, without


def rewrite_fiftyone(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """Every other byte stays as it was."""
    text = raw.decode("utf-8-sig")
    made = json.loads(text)
    classes = [str(one) for one in made.get("classes") or ()]
    place = next(value for key, value, _whole in members(text) if key == "labels")
    entries = list(members(text, place[0]))
    (spellings,) = corrections.written.values()
    pieces: dict[Span, str] = {}
    for row, (key, value, _whole) in enumerate(entries, 1):
        if row in corrections.labels:
            new = _as_there(made["labels"][key], spellings[corrections.labels[row]], classes)
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
    return classes.index(label) if isinstance(there, int) and label in classes else label


def _sample(classes: list[str]) -> int | str:
    return 0 if classes else ""
