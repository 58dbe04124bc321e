"""Records with objects inside as plain columns with dotted names: `data.text`, `annotations.0.value`."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from badcase.importing.json_layouts.json_text import Place

_MOST = 200  # columns that one key of a record may become; one that would be more stays JSON text
_MOST_VALUES = 10_000  # distinct values of a column of several types that are remembered


@dataclass(frozen=True, slots=True)
class FlatColumns:
    """The columns of records.

    Attributes:
        table: One column for each value that is no object; what has no one type in Arrow is text.
        places: Where in its record a column stands, for those whose name is not simply a key.
        spelled: For columns of several types, the JSON value that each of their texts stands for.
    """

    table: pa.Table
    places: dict[str, list[str | int]]
    spelled: dict[str, dict[str, Any]]


def flat_columns(records: Sequence[Mapping[str, Any]]) -> FlatColumns:
    """The columns of records, each by its key, or by the keys and indices that lead to it, with dots between."""
    keys = list(dict.fromkeys(key for record in records for key in record))
    columns: dict[str, list[Any]] = {}
    places: dict[str, list[str | int]] = {}
    spelled: dict[str, dict[str, Any]] = {}
    for key in keys:
        values = [record.get(key) for record in records]
        if not any(map(_nests, values)):
            columns[key] = values
            continue
        found: dict[Place, list[Any]] = {}
        for at, value in enumerate(values):
            for place, one in _leaves(value, ()):
                found.setdefault(place, [None] * len(values))[at] = one
            if len(found) > _MOST:
                break
        if len(found) > _MOST:
            columns[key] = [value if value is None else json.dumps(value, ensure_ascii=False) for value in values]
            continue
        for place, leaf in found.items():
            name = ".".join(map(str, (key, *place)))
            if (place and name in keys) or name in columns or (not place and not _mostly_plain(values)):
                continue  # the plain key of this name goes before
            columns[name] = leaf
            if place:
                places[name] = [key, *place]
    arrays = {}
    for name, values in columns.items():
        arrays[name], several = _column(values)
        if several:
            spelled[name] = several
    return FlatColumns(pa.table(arrays), places, spelled)


def _nests(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _mostly_plain(values: Sequence[Any]) -> bool:
    """Whether objects are the exception among values: a text column stays one, whatever one row of it holds."""
    said = [value for value in values if value is not None and value != []]
    return 2 * sum(map(_nests, said)) < len(said)


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if not _nests(value):
        if value is not None or not place:
            yield place, value
        return
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(inner, (*place, step))


def one_column(values: list[Any]) -> pa.Array:
    """The values as one Arrow type, or as texts where they are of several or of none."""
    array, _spelled = _column(values)
    return array.cast(pa.large_string()) if pa.types.is_null(array.type) else array


def _column(values: list[Any]) -> tuple[pa.Array, dict[str, Any]]:
    """The values as one Arrow type; or each as its JSON text, and what each text stands for, where they are of several."""
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        # NaN is no number to JSON, and would make floats of the integers beside it.
        values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    kinds = Counter(type(value) for value in values if value is not None)
    if kinds.keys() == {int, float} and kinds[int] >= kinds[float]:
        whole = [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]
        values = whole if all(value is None or type(value) is int for value in whole) else values
    try:
        return pa.array(values), {}
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        pass
    texts = [value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
    counts: dict[str, Counter[str]] = {}
    for text, value in zip(texts, values, strict=True):
        if text is not None and len(counts) <= _MOST_VALUES:
            counts.setdefault(text.strip(), Counter())[json.dumps(value)] += 1
    spelled = {text: json.loads(most.most_common(1)[0][0]) for text, most in counts.items()}
    return pa.array(texts, pa.large_string()), spelled if len(spelled) <= _MOST_VALUES else {}
