"""JSON lines, packed with gzip or not: one object a line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.encodings import read_text
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import read_bytes
from badcase.importing.rows import TableRows
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.source import SourcePart


def read_jsonl(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read JSON lines; a line that is no object is set aside, a field that a line lacks is missing there."""
    source = read_text(read_bytes(root, name), options.encoding)
    objects: list[dict[str, Any]] = []
    numbers: list[int] = []
    bad: list[SetAside] = []
    number = 0
    for line in source.text.split("\n"):
        if not line.strip():
            continue
        number += 1
        try:
            value = json.loads(source.decode(line))
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            objects.append(value)
            numbers.append(number)
        else:
            what, remedy = _("the line is not a JSON object"), _("Mend or remove this line.")
            bad.append(SetAside(number, str(number), _("{name}, row {row}").format(name=name, row=number), what, remedy))
    if not objects:
        raise BadcaseError(_("there is no JSON object in the file"), where=name, hint=_("One object a line is needed."))
    columns = list(dict.fromkeys(key for value in objects for key in value))
    table = pa.table({column: _column([value.get(column) for value in objects]) for column in columns})
    return TableRows("jsonl", root, (SourcePart(name, number),), table, np.asarray(numbers, np.int64), bad)


def _column(values: list[Any]) -> pa.Array:
    """The values as one Arrow type, or each as its JSON text where they are of several."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        texts = [value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
        return pa.array(texts, pa.large_string())
