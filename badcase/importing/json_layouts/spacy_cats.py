"""spaCy's text categories: `"cats": {"A": 1.0, "B": 0.0}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from badcase.importing.json_layouts.json_text import Place
from badcase.importing.json_layouts.layout import JsonLayout, LayoutRows, Record, as_list


def _fits(records: Sequence[Record]) -> bool:
    return all(_is_cats(record.get("cats")) for record in records) and any(record["cats"] for record in records)


def _is_cats(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, bool | int | float) for one in value.values())


def _read(records: Sequence[Record]) -> LayoutRows:
    rows = [{**record, "cats": [name for name, value in record["cats"].items() if value >= 0.5]} for record in records]
    return LayoutRows(rows, {"label": "cats"})


def _edits(record: Record, column: str, value: Any) -> dict[Place, Any] | None:
    if column != "cats":
        return None
    old, wanted = record["cats"], as_list(value)
    kind = type(next(iter(old.values()), 1.0))  # 1.0, 1 or true, as the record writes it
    new = {name: kind(name in wanted) for name in [*old, *(name for name in wanted if name not in old)]}
    same = {name: old[name] for name in old if (old[name] >= 0.5) == (name in wanted)}
    return {("cats",): new | same}


SPACY = JsonLayout("spaCy", _fits, _read, _edits)
