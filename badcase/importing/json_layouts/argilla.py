"""Argilla's records, flat (`label.responses`) or nested (`responses`): submitted responses are labels, suggestions are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from badcase.i18n import plural
from badcase.importing.json_layouts.json_text import Place
from badcase.importing.json_layouts.layout import JsonLayout, LayoutRows, Record

_ENDING = ".responses"
_UNDECIDED = ("discarded", "draft")


def _fits(records: Sequence[Record]) -> bool:
    first = records[0]
    flat = any(name.endswith((f"{_ENDING}.users", f"{_ENDING}.status")) or name == "_server_id" for name in first)
    if flat and any(name.endswith(_ENDING) for name in first):
        return True
    return isinstance(first.get("fields"), dict) and isinstance(first.get("responses"), dict | list)


def _answers(record: Record) -> Iterator[tuple[str, Place, Any]]:
    """Column, place and value of each response that counts."""
    for name, values in record.items():
        if name.endswith(_ENDING) and isinstance(values, list):
            status = record.get(f"{name}.status") or ["submitted"] * len(values)
            yield from ((name, (name, at), one) for at, one in enumerate(values) if status[at] not in _UNDECIDED)
    responses = record.get("responses")
    if isinstance(responses, dict):
        for question, given in responses.items():
            for at, one in enumerate(given or ()):
                if one.get("status") not in _UNDECIDED:
                    yield f"responses.{question}", ("responses", question, at, "value"), one.get("value")
    elif isinstance(responses, list) and "fields" in record:
        for at, one in enumerate(responses):
            for question, answer in (one.get("values") or {}).items():
                if one.get("status") not in _UNDECIDED:
                    yield f"responses.{question}", ("responses", at, "values", question, "value"), answer.get("value")


def _read(records: Sequence[Record]) -> LayoutRows:
    rows: list[Record] = []
    columns: dict[str, int] = {}
    for record in records:
        given: dict[str, list[Any]] = {}
        for column, _place, value in _answers(record):
            given.setdefault(column, []).append(value)
        row = {name: value for name, value in record.items() if not _is_answer(name, record)}
        for column, values in given.items():
            agreed = all(value == values[0] for value in values)
            columns[column] = columns.get(column, 0) + (not agreed)
            row[column] = values[0] if agreed else None
        rows.append(row)
    notes = [_disagreement(column, n) for column, n in columns.items() if n]
    fields = {name for record in records for name in record.get("fields") or {}} if "fields" in records[0] else set()
    roles = {"label": next(iter(columns))} if len(columns) == 1 else {}
    return LayoutRows(rows, roles | ({"text": f"fields.{fields.pop()}"} if len(fields) == 1 else {}), notes)


def _is_answer(name: str, record: Record) -> bool:
    if "fields" in record and name in ("responses", "suggestions", "vectors"):
        return True
    return f"{_ENDING}" in name or ".suggestion" in name


def _disagreement(column: str, n: int) -> str:
    said = plural(
        "In {n} row the annotators disagree on {column}: it counts as without a label.",
        "In {n} rows the annotators disagree on {column}: they count as without a label.",
        n,
    )
    return said.format(n=n, column=column)


def _edits(record: Record, column: str, value: Any) -> dict[Place, Any] | None:
    return {place: value for name, place, _value in _answers(record) if name == column} or None


ARGILLA = JsonLayout("Argilla", _fits, _read, _edits)
