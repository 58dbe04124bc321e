"""Lists that a table holds as text: of JSON, of Python, of NumPy, in quotes or not."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from badcase.importing.json_layouts.json_text import without_half_characters
from badcase.importing.labels.numbers import is_integer, is_number

_CLOSING = {"[": "]", "(": ")", "{": "}"}
_QUOTED = r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'"
_PIECE = re.compile(rf"\s*({_QUOTED}|[^,'\"\[\](){{}}:]+?)\s*(,\s*|(?=\s['\"])|$)", re.DOTALL)
_QUOTED_PIECE = re.compile(rf"\s*({_QUOTED})\s*([,;|]\s*|$)", re.DOTALL)
_NOTHING = frozenset({"None", "null", "nan", "NaN"})


@dataclass(frozen=True, slots=True)
class ListForm:
    """How a list is written as text: what opens and closes it, what quotes texts, what stands between entries."""

    opening: str
    closing: str
    quote: str
    joiner: str


def list_items(text: str) -> list[Any] | None:
    """The entries of a list that is written as text, with brackets and its texts in quotes; None where it is none.

    Whole numbers are entries without quotes. A name in brackets, such as "[CLS]", is no list.
    """
    found = parsed(text)
    if found is None or not found[1].opening:
        return None
    return found[0] if all(not isinstance(item, _Bare) for item in found[0]) else None


class _Bare(str):
    """A text of a list that stands there without quotes."""

    __slots__ = ()


def parsed(text: str) -> tuple[list[Any], ListForm] | None:
    """The entries of a list in brackets or of texts in quotes, and how it is written; None where a text is neither."""
    plain = text.strip()
    if plain in ("set()", "frozenset()"):
        frozen = plain.startswith("frozen")
        return [], ListForm("frozenset({" if frozen else "{", "})" if frozen else "}", "'", ", ")
    if plain.startswith("frozenset(") and plain.endswith(")") and (inside := parsed(plain[10:-1])) is not None:
        return inside[0], replace(inside[1], opening="frozenset({", closing="})")
    opening = plain[:1]
    if len(plain) >= 2 and _CLOSING.get(opening) == plain[-1]:
        numbers = plain[1:-1].split()
        if len(numbers) > 1 and all(map(is_number, numbers)):  # as NumPy writes them
            return [_value(one) for one in numbers], ListForm(opening, plain[-1], "", " ")
        return _pieces(plain[1:-1].strip(), opening, _PIECE)
    return _pieces(plain, "", _QUOTED_PIECE) if opening in ("'", '"') else None


def record_fields(texts: Iterable[str | None]) -> list[str]:
    """The fields of texts that are all records of JSON or Python, "{'a': 1}"; [] where one is none."""
    fields: dict[str, None] = {}
    for text in texts:
        if not text:
            continue
        record = _record(text) if text.startswith("{") and text.endswith("}") and ":" in text else None
        if record is None:
            return []
        fields |= dict.fromkeys(map(str, record))
    return list(fields)


def _record(text: str) -> dict[Any, Any] | None:
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        return value if isinstance(value, dict) else None
    return None


def _pieces(inner: str, opening: str, piece: re.Pattern[str]) -> tuple[list[Any], ListForm] | None:
    items: list[Any] = []
    quote, joiner, at = "", "", 0
    while at < len(inner):
        match = piece.match(inner, at)
        if match is None or match.end() == at:
            return None
        at = match.end()
        value = _value(match[1])
        if value is None and match[1] not in _NOTHING:
            return None
        if value is not None:
            items.append(value)
        quote = quote or (match[1][0] if match[1][0] in "'\"" else "")
        joiner = joiner or (match[2] or " " if at < len(inner) else "")
    return items, ListForm(opening, _CLOSING.get(opening, ""), quote, joiner)


def _value(piece: str) -> Any:
    if piece[0] not in "'\"":
        if piece in _NOTHING:
            return None
        return (int(piece) if is_integer(piece) else float(piece)) if is_number(piece) else _Bare(piece)
    try:
        return without_half_characters(json.loads(piece) if piece[0] == '"' else ast.literal_eval(piece))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return piece[1:-1]


def usual_form(forms: Iterable[ListForm]) -> ListForm:
    """The form that most lists have; how entries stand apart and are quoted as in those that show it."""
    found = list(forms)
    usual = [
        Counter(value for one in found if (value := getattr(one, part)) or part in ("opening", "closing")).most_common(1)
        for part in ListForm.__dataclass_fields__
    ]
    return ListForm(*(most[0][0] if most else default for most, default in zip(usual, ("", "", "", ", "), strict=True)))
