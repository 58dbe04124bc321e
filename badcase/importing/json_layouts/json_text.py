"""JSON as text whose values know where they stand: single ones are replaced, and every other byte stays as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

Place = tuple[str | int, ...]  # keys and indices from the record down to a value
Edits = Mapping[Place, Any]

_DECODER = json.JSONDecoder()
_DEEPEST = 32  # lists and objects inside one another
_BLANK = " \t\r\n\ufeff"


def skip_blanks(text: str, at: int) -> int:
    """The next place that is no blank."""
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def value_at(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins here, and where it ends; ValueError where there is none."""
    value, end = _DECODER.raw_decode(text, at)
    return value, end


def too_deep(text: str, value: Any) -> bool:
    """Whether a value, whose text this is, nests deeper than any table can hold."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    level = [value]
    for _depth in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        level = inner
    return bool(level)


def without_half_characters(value: Any) -> Any:
    """A JSON value with a mark in the place of each half of a character, "\\ud83d" without its other half, which no text has."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [without_half_characters(one) for one in value]
    if isinstance(value, dict):
        return {without_half_characters(key): without_half_characters(one) for key, one in value.items()}
    return value


def members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of each value of the object that begins here."""
    at = skip_blanks(text, at + 1)
    while text[at] != "}":
        if text[at] == ",":
            at = skip_blanks(text, at + 1)
        key, at = scanstring(text, at + 1)
        start = skip_blanks(text, skip_blanks(text, at) + 1)
        _value, at = _DECODER.raw_decode(text, start)
        yield key, start, at
        at = skip_blanks(text, at)


def elements(text: str, at: int) -> Iterator[tuple[Any, int, int]]:
    """Value, start and end of each element of the list that begins here."""
    at = skip_blanks(text, at + 1)
    while text[at] != "]":
        if text[at] == ",":
            at = skip_blanks(text, at + 1)
        value, end = _DECODER.raw_decode(text, at)
        yield value, at, end
        at = skip_blanks(text, end)


def edited(text: str, edits: Edits) -> str:
    """The text of one JSON value with other values at these places; KeyError where a place is not there."""
    pieces: list[str] = []
    done = 0
    met: set[Place] = set()
    ascii_only = "\\u" in text
    for place, start, end, value in sorted(_spans(text, skip_blanks(text, 0), (), edits, met), key=lambda one: one[1]):
        pieces += [text[done:start], json.dumps(value, ensure_ascii=ascii_only)]
        done = end
        met.add(place)
    if missing := set(edits) - met:
        raise KeyError(missing)
    return "".join([*pieces, text[done:]])


def _spans(text: str, at: int, place: Place, edits: Edits, met: set[Place]) -> Iterator[tuple[Place, int, int, Any]]:
    """Where in the text new values go; a list of as many elements, or an object of the same keys, changes inside."""
    if place in edits:
        old, end = _DECODER.raw_decode(text, at)
        new = edits[place]
        met.add(place)
        inner = _inner(old, new)
        if inner is None:
            yield place, at, end, new
            return
        if not inner:
            return
        edits = {place + step: value for step, value in inner.items()}
    if not any(one[: len(place)] == place for one in edits):
        return
    if text[at] == "{":
        for key, start, _end in members(text, at):
            yield from _spans(text, start, (*place, key), edits, met)
    elif text[at] == "[":
        for index, (_value, start, _end) in enumerate(elements(text, at)):
            yield from _spans(text, start, (*place, index), edits, met)


def _inner(old: Any, new: Any) -> dict[Place, Any] | None:
    """The elements that differ between two lists or objects of one shape; None where the whole is to be replaced."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return {(at,): b for at, (a, b) in enumerate(zip(old, new, strict=True)) if _differs(a, b)}
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return {(key,): new[key] for key in old if _differs(old[key], new[key])}
    return None


def _differs(old: Any, new: Any) -> bool:
    return type(old) is not type(new) or old != new
