"""JSON: one object a line, or a list of objects; packed or not, plain or as a program for labelling writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.json_layouts import LAYOUTS
from badcase.importing.json_layouts.document import JsonDocument, json_document, json_lines
from badcase.importing.json_layouts.flat_columns import flat_columns
from badcase.importing.json_layouts.json_text import too_deep, without_half_characters
from badcase.importing.json_layouts.layout import Aside, LayoutRows, fits_layout, read_layout
from badcase.importing.json_layouts.spans import refuse_spans
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import check_encoding, not_decoded, read_bytes, read_source
from badcase.importing.rows import TableRows
from badcase.importing.text_files.packing import plain_name
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.source import SourcePart

_SAMPLE = 100  # records that tell the layout


@dataclass(frozen=True, slots=True)
class OpenJson:
    """The records of a JSON file, and the layout that the import settled; None where that is open."""

    document: JsonDocument
    layout: str | None
    settled: Mapping[str, Any]

    @classmethod
    def of(cls, raw: bytes, name: str, options: ReadOptions) -> OpenJson:
        source = read_source(raw, name, options)
        settled = options.tables.get(name, {})
        if plain_name(name).lower().endswith(".json"):
            document = json_document(source, name)
        else:
            document = json_lines(source)
            # A list, or objects over several lines, under the name of JSON lines.
            if document.pieces and not any(isinstance(piece.value, dict) for piece in document.pieces):
                with suppress(BadcaseError):
                    document = json_document(source, name)
        return cls(document, settled.get("layout"), settled)


def read_jsonl(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read JSON lines or a JSON file; what is no object is set aside, a field that a record lacks is missing there.

    Objects inside a record become columns with dotted names. What Label Studio, Argilla, Prodigy and spaCy write is told by
    its keys, and read as they mean it.
    """
    opened = OpenJson.of(read_bytes(root, name), name, options)
    document = opened.document
    objects, numbers, bad = _records(document, name, options)
    if not objects:
        raise _no_object(document, name)
    refuse_spans(objects, name)
    layout = opened.layout if opened.settled else _noticed(objects)
    read = read_layout(LAYOUTS[layout], objects) if layout else LayoutRows(objects)
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    for number, row in zip(numbers, read.rows, strict=True):
        if isinstance(row, Aside):
            bad.append(_aside(name, number, row.what, row.remedy))
        else:
            rows.append(row)
            kept.append(number)
    flat = flat_columns(rows)
    settled = {"encoding": document.source.encoding, "layout": layout, "places": flat.places, "spelled": flat.spelled}
    said = [_("{name} is read as {layout} writes it.").format(name=name, layout=LAYOUTS[layout].title)] if layout else []
    return TableRows(
        "jsonl",
        root,
        (SourcePart(name, len(document.pieces)),),
        _without_empty(flat.table),
        np.asarray(kept, np.int64),
        sorted(bad, key=lambda item: item.row),
        details={"tables": {name: settled}},
        roles={role: column for role, column in read.roles.items() if column in flat.table.column_names},
        notes=[*([] if options.encoding else document.source.notes(name)), *said, *read.notes],
    )


def _records(document: JsonDocument, name: str, options: ReadOptions) -> tuple[list[dict[str, Any]], list[int], list[SetAside]]:
    """The objects of a document, the number of each among its entries, and what is none."""
    objects: list[dict[str, Any]] = []
    numbers: list[int] = []
    bad: list[SetAside] = []
    broken: list[SetAside] = []
    halves = re.search(r"\\[uU][dD]|[\ud800-\udfff]", document.source.text) is not None
    for number, piece in enumerate(document.pieces, 1):
        if isinstance(piece.value, UnicodeDecodeError):
            broken.append(not_decoded(document.source, name, number))
            continue
        if not isinstance(piece.value, dict):
            what = _("the entry is not a JSON object") if document.is_list else _("the line is not a JSON object")
        elif too_deep(document.source.text[piece.start : piece.end], piece.value):
            what = _("the record nests more lists and objects than a table can hold")
        else:
            value = without_half_characters(piece.value) if halves else piece.value
            objects.append({"split": piece.part} | value if piece.part else value)
            numbers.append(number)
            continue
        bad.append(_aside(name, number, what, _("Mend or remove it.")))
    if broken:
        foreign = sum(not document.source.text[piece.start : piece.end].isascii() for piece in document.pieces)
        check_encoding(broken[0], len(broken), foreign, options)
    return objects, numbers, bad + broken


def _no_object(document: JsonDocument, name: str) -> BadcaseError:
    hint = _("One object a line is needed.")
    if document.pieces and all(isinstance(piece.value, list) for piece in document.pieces):
        lines = f'[json.loads(line) for line in pathlib.Path("{name}").read_text("utf-8").splitlines() if line.strip()]'
        out = f"{name.rsplit('/', 1)[-1].rsplit('.', 1)[0]}-rows.jsonl"
        made = f'pandas.DataFrame({lines}).add_prefix("column ").to_json("{out}", orient="records", lines=True)'
        hint = _("Convert it: {line}").format(line=f"import json, pathlib, pandas; {made}")
    return BadcaseError(_("there is no JSON object in the file"), where=name, hint=hint)


def _noticed(objects: Sequence[dict[str, Any]]) -> str | None:
    sample = objects[:_SAMPLE]
    return next((key for key, layout in LAYOUTS.items() if fits_layout(layout, sample) and fits_layout(layout, objects)), None)


def _aside(name: str, number: int, what: str, remedy: str) -> SetAside:
    return SetAside(number, str(number), _("{name}, row {row}").format(name=name, row=number), what, remedy)


def _without_empty(table: pa.Table) -> pa.Table:
    """The table with columns of no value at all as texts, which every reader of columns knows."""
    for at, field in enumerate(table.schema):
        if pa.types.is_null(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.large_string()))
    return table
