"""Labels of spans inside a text, which are no labels of the text: refused in true words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.json_layouts.prodigy import ANSWERS

_NAMES = ("label", "labels", "entities", "spans", "ents")


def refuse_spans(records: Sequence[dict[str, Any]], name: str) -> None:
    """BadcaseError where the only labels of the records are spans: `[start, end, label]`, or objects with start and end."""
    spans = [key for key in _NAMES if _holds_spans([record.get(key) for record in records])]
    others = {"label", "labels", "accept", "cats", "category", "class", "answer", "target"} - set(spans)
    # What Prodigy was answered says nothing of the text.
    nothing: tuple[Any, ...] = (None, [], "", *ANSWERS)
    if spans and not any(record.get(key) not in nothing for record in records for key in others):
        raise BadcaseError(
            _("the labels are of spans inside the texts, not of whole texts"),
            where=_("{name}, column {column}").format(name=name, column=spans[0]),
            expected=_("one label, or a list of labels, for each text"),
            got=next(str(record[spans[0]]) for record in records if record.get(spans[0])),
            hint=_("badcase reviews labels of whole texts and images: add a column with such a label, and name it with --label."),
        )


def _holds_spans(values: Sequence[Any]) -> bool:
    filled = [value for value in values if value]
    return bool(filled) and all(isinstance(value, list) and all(map(_is_span, value)) for value in filled)


def _is_span(one: Any) -> bool:
    if isinstance(one, dict):
        return {"start", "end"} <= one.keys() or {"start_offset", "end_offset"} <= one.keys()
    if not (isinstance(one, list) and len(one) == 3):
        return False
    return isinstance(one[2], str) and all(isinstance(place, int) for place in one[:2])
