"""Where the values of a JSON text stand, so that one is replaced and all others stay byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from json.decoder import scanstring  # type: ignore[attr-defined]

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n\ufeff"

Span = tuple[int, int]  # of a value: where it starts, and where it has ended


def members(text: str, at: int = 0) -> Iterator[tuple[str, Span, Span]]:
    """Of the object that begins at or behind a place: each key, the span of its value, and that of key and value."""
    at = _skip(text, at)
    assert text[at] == "{"
    at = _skip(text, at + 1)
    while text[at] != "}":
        if text[at] == ",":
            at = _skip(text, at + 1)
        begin = at
        key, at = scanstring(text, at + 1)
        start = _skip(text, _skip(text, at) + 1)
        at = _DECODER.raw_decode(text, start)[1]
        yield key, (start, at), (begin, at)
        at = _skip(text, at)


def elements(text: str, at: int) -> Iterator[Span]:
    """Of the array that begins at a place: the span of each value."""
    assert text[at] == "["
    at = _skip(text, at + 1)
    while text[at] != "]":
        if text[at] == ",":
            at = _skip(text, at + 1)
        start = at
        at = _DECODER.raw_decode(text, start)[1]
        yield start, at
        at = _skip(text, at)


def replaced(text: str, pieces: Mapping[Span, str]) -> str:
    """The text with other pieces in the place of these spans, of which none overlaps another."""
    made, done = [], 0
    for (start, end), piece in sorted(pieces.items()):
        made += [text[done:start], piece]
        done = end
    return "".join([*made, text[done:]])


def without(text: str, spans: list[Span], gone: set[int]) -> dict[Span, str]:
    """What to replace so that some of the elements of an array or object (their places) are gone, with their commas."""
    kept = [at for at in range(len(spans)) if at not in gone]
    cut: dict[Span, str] = {}
    for at in sorted(gone):
        if kept and at > kept[0]:
            cut[spans[at - 1][1], spans[at][1]] = ""  # with the comma before it
        elif at + 1 < len(spans):
            cut[spans[at][0], spans[at + 1][0]] = ""
        else:
            cut[spans[at]] = ""
    return cut


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at
