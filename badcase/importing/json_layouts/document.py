"""A JSON file as records that know where they stand: JSON lines, a list of objects, or an object with such a list inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.json_layouts.json_text import elements, members, skip_blanks, value_at
from badcase.importing.text_files.encodings import SourceText
from badcase.importing.text_files.table_head import is_header
from badcase.items.splits import split_named

_SAMPLE = 1000  # rows that tell whether the first one names columns


@dataclass(frozen=True, slots=True)
class JsonPiece:
    """One record: its value (None where it is no JSON), where it stands in the text, and in which list of several."""

    value: Any
    start: int
    end: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """The records of a file, and whether it is a list, in which commas stand between them."""

    source: SourceText
    pieces: Sequence[JsonPiece]
    is_list: bool

    def meaning(self, piece: JsonPiece) -> str:
        """The text of a record."""
        return self.source.decode(self.source.text[piece.start : piece.end])


def json_lines(source: SourceText) -> JsonDocument:
    """A file of one record a line; only "\\n" ends a line of JSON, other separators may stand inside strings."""
    return JsonDocument(source, list(_lines(source)), is_list=False)


def _lines(source: SourceText) -> Iterator[JsonPiece]:
    text, start = source.text, 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        if text[start:end].strip():
            try:
                meaning = source.decode(text[start:end])
                value, stop = value_at(meaning, skip_blanks(meaning, 0))
                value = value if skip_blanks(meaning, stop) == len(meaning) else None
            except UnicodeDecodeError as error:
                value = error
            except (ValueError, RecursionError):
                value = None
            yield JsonPiece(value, start, end)
        start = end


def json_document(source: SourceText, name: str) -> JsonDocument:
    """A file of any form that holds a list of objects, or objects one behind another.

    Raises:
        BadcaseError: It holds none, or several lists; with the line that makes JSON lines of it.
    """
    whole = source.decoded()
    if whole is None:
        raise BadcaseError(
            _("the file has bytes that are not in its encoding"),
            where=name,
            got=source.encoding,
            hint=_("Name its encoding with --encoding, or save it as UTF-8."),
        )
    text = whole.text
    at = skip_blanks(text, 0)
    try:
        if text[at : at + 1] == "[":
            entries = _list(text, at)
            rest = skip_blanks(text, skip_blanks(text, entries[-1].end if entries else at + 1) + 1)
            if rest < len(text):
                raise json.JSONDecodeError("Extra data", text, rest)
            if entries and not any(isinstance(piece.value, dict) for piece in entries):
                raise _no_records([piece.value for piece in entries], [], name)
            return JsonDocument(whole, entries, is_list=True)
        value, end = value_at(text, at)
        if skip_blanks(text, end) < len(text):
            return JsonDocument(whole, list(_following(text, at)), is_list=False)
        return JsonDocument(whole, _inside(text, at, value, name), is_list=True)
    except (ValueError, RecursionError, IndexError) as error:
        if isinstance(error, BadcaseError):
            raise
        deep = isinstance(error, RecursionError)
        got = _("lists and objects nested without end") if deep else getattr(error, "msg", "") or str(error)
        line = text.count("\n", 0, getattr(error, "pos", 0)) + 1
        raise BadcaseError(
            _("this is not JSON"), where=_("{name}, line {n}").format(name=name, n=line), got=got, hint=_("Is the file complete?")
        ) from error


def _list(text: str, at: int, part: str = "") -> list[JsonPiece]:
    return [JsonPiece(value, start, end, part) for value, start, end in elements(text, at)]


def _following(text: str, at: int) -> Iterator[JsonPiece]:
    while (at := skip_blanks(text, at)) < len(text):
        value, end = value_at(text, at)
        after = text.find("\n", end)  # a record that is left out takes its line with it
        stop = after + 1 if after >= 0 and not text[end:after].strip() else end
        yield JsonPiece(value, at, stop)
        at = stop


def _inside(text: str, at: int, value: Any, name: str) -> list[JsonPiece]:
    """The list of objects that an object holds; several where they are called train, validation and test."""
    found = {}
    if isinstance(value, dict):
        found = {key: list_ for key, list_ in value.items() if _is_records(list_)}
    splits = len(found) > 1 and all(split_named(key) is not None for key in found)
    if len(found) == 1 or splits:
        return [
            piece for key, start, _end in members(text, at) if key in found for piece in _list(text, start, key if splits else "")
        ]
    raise _no_records(value, list(found), name)


def _no_records(value: Any, lists: list[str], name: str) -> BadcaseError:
    return BadcaseError(
        _("this JSON holds several lists of objects") if lists else _("this JSON holds no list of objects"),
        where=name,
        expected=_("[{…}, {…}], one object a line, or an object with one such list"),
        got=", ".join(map(str, list(value)[:8])) if isinstance(value, dict) else type(value).__name__,
        hint=_("Convert it: {line}").format(line=_line(value, lists, name)),
    )


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _line(value: Any, lists: list[str], name: str) -> str:
    """The line that makes JSON lines of what pandas reads in another orientation, or of one of several lists."""
    out = f'.to_json("{name.rsplit("/", 1)[-1].rsplit(".", 1)[0]}.jsonl", orient="records", lines=True)'
    loaded = f'json.loads(pathlib.Path("{name}").read_text("utf-8"))'
    imports = "import json, pathlib, pandas;"
    if lists:
        return f'{imports} pandas.DataFrame({loaded}["{lists[0]}"]){out}'
    inner = list(value.values()) if isinstance(value, dict) else []
    if isinstance(value, list):
        named = isinstance(value[0], list) and all(isinstance(cell, str) for cell in value[0])
        named = named and is_header(value[0], [list(map(str, row)) for row in value[1:_SAMPLE] if isinstance(row, list)])[0]
        return f"{imports} rows = {loaded}; pandas.DataFrame({'rows[1:], columns=rows[0]' if named else 'rows'}){out}"
    if isinstance(value, dict) and {"columns", "data"} <= value.keys():
        return f'import pandas; pandas.read_json("{name}", orient="split"){out}'
    if inner and all(isinstance(one, list) for one in inner):
        each = f"for key, rows in {loaded}.items() for row in rows"
        if all(isinstance(row, list) for rows in inner for row in rows):
            return f"{imports} pandas.DataFrame([dict(enumerate(row)) | {{'split': key}} {each}]){out}"
        if len(set(map(len, inner))) > 1:
            return f'{imports} pandas.DataFrame([[row, key] {each}], columns=["text", "label"]){out}'
        return f"{imports} pandas.DataFrame({loaded}){out}"
    if inner and all(isinstance(one, dict) for one in inner):
        by_column = len(inner) < len(inner[0])
        return f'import pandas; pandas.read_json("{name}", orient="{"columns" if by_column else "index"}"){out}'
    if inner and not any(isinstance(one, dict | list) for one in inner):
        return f'{imports} pandas.DataFrame({loaded}.items(), columns=["key", "label"]){out}'
    return f"{imports} pandas.json_normalize({loaded}){out}"
