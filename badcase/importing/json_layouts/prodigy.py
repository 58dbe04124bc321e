"""Prodigy's answers: `label`, or the options that were chosen as `accept`; only an accepted answer says what a label is,
unless all rows ask for the same one: then the answers are the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from badcase.i18n import _, plural
from badcase.importing.json_layouts.json_text import Place
from badcase.importing.json_layouts.layout import Aside, JsonLayout, LayoutRows, Record

ANSWERS = ("accept", "reject", "ignore")


def _fits(records: Sequence[Record]) -> bool:
    answers = [record["answer"] for record in records if "answer" in record]
    known = all(isinstance(one, str) and one in ANSWERS for one in answers)
    marks = {"_input_hash", "_task_hash", "accept", "options", "label"}
    return bool(answers) and known and len(answers) * 2 > len(records) and bool(marks & records[0].keys())


def _read(records: Sequence[Record]) -> LayoutRows:
    asked = _one_question(records)
    counted, hidden = (("accept", "reject"), ("options",)) if asked else (("accept",), ("options", "answer"))
    rows: list[Record | Aside] = []
    for record in records:
        answer = record.get("answer", "accept")
        if answer in counted:
            rows.append({name: value for name, value in record.items() if name not in hidden})
        else:
            what = _("the answer is {answer}, not accept").format(answer=answer)
            rows.append(Aside(what, _("Answer it anew, or remove the row.")))
    if asked:
        note = _("Each row asks for the one label {label}: its answer, accept or reject, is the class.").format(label=asked)
        return LayoutRows(rows, {"label": "answer"}, [note])
    left = sum(isinstance(row, Aside) for row in rows)
    said = plural(
        "{n} row was answered with reject or ignore: it is set aside, since only accept says what a label is.",
        "{n} rows were answered with reject or ignore: they are set aside, since only accept says what a label is.",
        left,
    )
    chosen = any(isinstance(record.get("accept"), list) for record in records)
    return LayoutRows(rows, {"label": "accept"} if chosen else {}, [said.format(n=left)] if left else [])


def _one_question(records: Sequence[Record]) -> str | None:
    """The label that all rows ask for, where some accept it and some reject it; None where there are several labels."""
    answered = [(record.get("label"), record.get("answer")) for record in records if record.get("answer") != "ignore"]
    labels = {str(label) for label, _answer in answered}
    both = {answer for _label, answer in answered} >= {"accept", "reject"}
    return labels.pop() if both and len(labels) == 1 and answered[0][0] not in (None, "") else None


def _edits(record: Record, column: str, value: Any) -> dict[Place, Any] | None:
    return None


PRODIGY = JsonLayout("Prodigy", _fits, _read, _edits)
