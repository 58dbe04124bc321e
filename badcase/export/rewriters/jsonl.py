"""JSON lines: single values replaced, every other byte as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]

from badcase.export.corrections import Corrections
from badcase.importing.encodings import SourceText, read_text

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"


def rewrite_jsonl(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """JSON lines: the values of the label fields replaced, lines of excluded items left out."""
    source = read_text(raw)
    return source.to_bytes("".join(_jsonl_lines(source, corrections)))


def _jsonl_lines(source: SourceText, corrections: Corrections) -> Iterator[str]:
    row = 0
    for line in _lines(source.text):
        row += bool(line.strip())
        if line.strip() and row in corrections.dropped:
            continue
        if line.strip() and row in corrections.labels:
            values = {column: spellings[corrections.labels[row]] for column, spellings in corrections.written.items()}
            yield source.encode(_with_values(source.decode(line), values))
        else:
            yield line


def _lines(text: str) -> Iterator[str]:
    """Lines with their newline; only "\\n" ends a line of JSON, other separators may stand inside strings."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _with_values(line: str, values: dict[str, object]) -> str:
    """The line of one JSON object with the values of these keys replaced."""
    pieces, done = [], 0
    at = line.index("{") + 1
    while line[at := _skip(line, at)] != "}":
        if line[at] == ",":
            at = _skip(line, at + 1)
        key, at = scanstring(line, at + 1)
        start = _skip(line, _skip(line, at) + 1)
        at = _DECODER.raw_decode(line, start)[1]
        if key in values:
            pieces += [line[done:start], json.dumps(values[key], ensure_ascii="\\u" in line)]
            done = at
    return "".join([*pieces, line[done:]])


def _skip(line: str, at: int) -> int:
    while line[at] in _BLANK:
        at += 1
    return at
