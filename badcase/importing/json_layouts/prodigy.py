"""Prodigy's answers: `label`, or the options that were chosen as `accept`; only an accepted answer says what a label is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from badcase.i18n import _, plural
from badcase.importing.json_layouts.json_text import Place
from badcase.importing.json_layouts.layout import Aside, JsonLayout, LayoutRows, Record

_ANSWERS = ("accept", "reject", "ignore")


def _fits(records: Sequence[Record]) -> bool:
    answers = [record["answer"] for record in records if "answer" in record]
    known = all(isinstance(one, str) and one in _ANSWERS for one in answers)
    marks = {"_input_hash", "_task_hash", "accept", "options", "label"}
    return bool(answers) and known and len(answers) * 2 > len(records) and bool(marks & records[0].keys())


def _read(records: Sequence[Record]) -> LayoutRows:
    rows: list[Record | Aside] = []
    left = 0
    for record in records:
        answer = record.get("answer", "accept")
        if answer != "accept":
            left += 1
            rows.append(
                Aside(_("the answer is {answer}, not accept").format(answer=answer), _("Answer it anew, or remove the row."))
            )
            continue
        rows.append({name: value for name, value in record.items() if name not in ("options", "answer")})
    notes = []
    if left:
        said = plural(
            "{n} row was answered with reject or ignore: it is set aside, since only accept says what a label is.",
            "{n} rows were answered with reject or ignore: they are set aside, since only accept says what a label is.",
            left,
        )
        notes.append(said.format(n=left))
    chosen = any(isinstance(record.get("accept"), list) for record in records)
    return LayoutRows(rows, {"label": "accept"} if chosen else {}, notes)


def _edits(record: Record, column: str, value: Any) -> dict[Place, Any] | None:
    return None


PRODIGY = JsonLayout("Prodigy", _fits, _read, _edits)
