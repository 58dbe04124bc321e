"""Label Studio's exports: the tasks with their annotations (JSON), and one flat record for each annotation (JSON_MIN)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from badcase.i18n import _, plural
from badcase.importing.json_layouts.json_text import Place
from badcase.importing.json_layouts.layout import JsonLayout, LayoutRows, Record, as_list

_LISTS = ("annotations", "completions")  # completions is what old versions wrote
_OWN = frozenset({"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"})  # of JSON_MIN and CSV


def _fits(records: Sequence[Record]) -> bool:
    given = [_annotations(one)[1] for one in records if isinstance(one.get("data"), dict)]
    if len(given) < len(records) or not all(isinstance(one, list) for one in given):
        return False
    answers = [answer for one in given for answer in one]
    return bool(answers) and all(isinstance(one, dict) and "result" in one for one in answers)


def _annotations(record: Record) -> tuple[str, Any]:
    return next(((name, record[name]) for name in _LISTS if name in record), ("", None))


def _results(record: Record) -> Iterator[tuple[Place, Record]]:
    """Place and result of each answer that counts: of the ground truth where there is one, never of a cancelled one."""
    name, annotations = _annotations(record)
    counted = [(at, one) for at, one in enumerate(annotations) if isinstance(one, dict) and not one.get("was_cancelled")]
    truth = [(at, one) for at, one in counted if one.get("ground_truth")]
    for at, one in truth or counted:
        for index, result in enumerate(one.get("result") or ()):
            yield (name, at, "result", index), result


def _choices(record: Record) -> Iterator[tuple[str, Place, list[Any]]]:
    """Column, place and labels of each answer that tells labels of the whole: choices, or one rating."""
    for place, result in _results(record):
        value = result.get("value", {})
        for kind in ("choices", "rating"):
            if isinstance(chosen := value.get(kind), list if kind == "choices" else int):
                name = result.get("from_name")
                yield name if name and isinstance(name, str) else kind, (*place, "value", kind), as_list(chosen)


def _read(records: Sequence[Record]) -> LayoutRows:
    rows: list[Record] = []
    columns: dict[str, int] = {}
    for record in records:
        row = {name: value for name, value in record.items() if name == "data" or not isinstance(value, list | dict)}
        given: dict[str, list[list[Any]]] = {}
        for column, _place, chosen in _choices(record):
            given.setdefault(column, []).append(chosen)
        for column, answers in given.items():
            agreed = all(sorted(map(str, one)) == sorted(map(str, answers[0])) for one in answers)
            columns[column] = columns.get(column, 0) + (not agreed)
            row[column] = answers[0] if agreed else None
        rows.append(row)
    roles = {"label": next(iter(columns))} if len(columns) == 1 else {}
    notes = [_disagreement(column, n) for column, n in columns.items() if n]
    if not columns:
        kinds = sorted({str(result.get("type") or "?") for record in records for _place, result in _results(record)})
        said = _("Its annotations hold no choices of whole texts or images, which are what badcase reviews, but {kinds}.")
        notes.append(said.format(kinds=", ".join(kinds) or _("nothing")))
    return LayoutRows(rows, roles | _text(records), notes)


def _text(records: Sequence[Record]) -> dict[str, str]:
    keys = {name for record in records for name in record["data"]}
    name = "text" if "text" in keys else next(iter(keys)) if len(keys) == 1 else None
    is_text = name is not None and any(" " in str(record["data"].get(name)) for record in records)
    return {"text": f"data.{name}"} if is_text else {}


def _disagreement(column: str, n: int) -> str:
    said = plural(
        "In {n} task the annotations disagree on {column}: it counts as without a label.",
        "In {n} tasks the annotations disagree on {column}: they count as without a label.",
        n,
    )
    return said.format(n=n, column=column)


def _edits(record: Record, column: str, value: Any) -> dict[Place, Any] | None:
    new = as_list(value)
    places = [place for name, place, _chosen in _choices(record) if name == column]
    return {place: new[0] if place[-1] == "rating" else new for place in places} or None


def _fits_min(records: Sequence[Record]) -> bool:
    return all({"annotator", "annotation_id", "lead_time"} <= record.keys() for record in records)


def several_in(value: Any) -> list[Any] | None:
    """The choices of a cell of JSON_MIN that holds several: `{"choices": ["a", "b"]}`."""
    chosen = value.get("choices") if isinstance(value, dict) else None
    return chosen if isinstance(chosen, list) else None


def _read_min(records: Sequence[Record]) -> LayoutRows:
    several = {name for record in records for name, value in record.items() if several_in(value) is not None}
    rows = [
        {name: (several_in(value) or as_list(value)) if name in several else value for name, value in record.items()}
        for record in records
    ]
    asked = [name for name in records[0] if name not in _OWN and name in several]
    return LayoutRows(rows, {"label": asked[0]} if len(asked) == 1 else {})


def _edits_min(record: Record, column: str, value: Any) -> dict[Place, Any] | None:
    new, old = as_list(value), record.get(column)
    if several_in(old) is None and not isinstance(value, list):
        return None
    if several_in(old) is not None and len(new) != 1:
        return {(column, "choices"): new}
    return {(column,): new[0] if len(new) == 1 else {"choices": new}}


def with_choices(table: pa.Table) -> pa.Table:
    """A table with several choices, as a cell of Label Studio's CSV holds them (`{"choices": [...]}`), as lists."""
    for at, name in enumerate(table.column_names):
        if pc.any(pc.starts_with(table[name], '{"choices"')).as_py():
            cells = table[name].to_pylist()
            lists = [several_in(_loaded(cell)) or ([cell] if cell else []) for cell in cells]
            table = table.set_column(at, name, pa.array(lists, pa.list_(pa.large_string())))
    return table


def choices_text(labels: Sequence[Any]) -> str:
    """What a cell of Label Studio's CSV says of these labels."""
    return str(labels[0]) if len(labels) == 1 else json.dumps({"choices": list(labels)}) if labels else ""


def _loaded(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return None


LABEL_STUDIO = JsonLayout("Label Studio", _fits, _read, _edits)
LABEL_STUDIO_MIN = JsonLayout("Label Studio", _fits_min, _read_min, _edits_min)
