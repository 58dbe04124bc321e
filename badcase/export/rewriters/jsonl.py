"""JSON lines and JSON files: single values replaced, every other byte as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from badcase.errors import BadcaseError
from badcase.export.corrections import Corrections
from badcase.export.rewriters.exact import check_exact
from badcase.i18n import _
from badcase.importing.json_layouts import LAYOUTS
from badcase.importing.json_layouts.json_text import Place, edited
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.jsonl import OpenJson


def rewrite_jsonl(name: str, raw: bytes, corrections: Corrections, options: ReadOptions = NOTICED) -> bytes:
    """A JSON file: the values of the label fields replaced, records of excluded items left out."""
    opened = OpenJson.of(raw, name, options)
    check_exact(opened.document.source, raw, name)
    texts = _texts(opened, corrections, name)
    pieces = _listed(opened, corrections, texts) if opened.document.is_list else _in_lines(opened, corrections, texts)
    return opened.document.source.to_bytes("".join(pieces))


def _texts(opened: OpenJson, corrections: Corrections, name: str) -> dict[int, str]:
    """The new text of each record whose label changes."""
    document, texts = opened.document, {}
    for row, label in corrections.labels.items():
        piece = document.pieces[row - 1]
        values = {column: spellings[label] for column, spellings in corrections.written.items()}
        meaning = document.meaning(piece)
        try:
            new = edited(meaning, _edits(opened, piece.value, values))
        except KeyError as error:
            where = _("{name}, row {row}").format(name=name, row=row)
            raise BadcaseError(
                _("the label to correct is not in this record"), where=where, hint=_("Import the data again, as they are now.")
            ) from error
        source = document.source
        if source.encode(meaning) != source.text[piece.start : piece.end]:
            raise BadcaseError(
                _("the row cannot be written again byte for byte"),
                where=_("{name}, row {row}").format(name=name, row=row),
                got=source.encoding,
                hint=_("Save the file as UTF-8 and make the project of that, or export to another format."),
            )
        texts[row] = source.encode(new)
    return texts


def _edits(opened: OpenJson, record: dict[str, Any], values: Mapping[str, Any]) -> dict[Place, Any]:
    edits: dict[Place, Any] = {}
    for column, value in values.items():
        made = LAYOUTS[opened.layout].edits(record, column, value) if opened.layout else None
        spelled = opened.settled.get("spelled", {}).get(column, {})
        plain = spelled.get(value, value) if isinstance(value, str) else value
        edits |= made or {tuple(opened.settled.get("places", {}).get(column, (column,))): plain}
    return edits


def _in_lines(opened: OpenJson, corrections: Corrections, texts: Mapping[int, str]) -> Iterator[str]:
    text, done = opened.document.source.text, 0
    for row, piece in enumerate(opened.document.pieces, 1):
        if row in corrections.dropped:
            yield text[done : piece.start]
        elif row in texts:
            yield text[done : piece.start]
            yield texts[row]
        else:
            continue
        done = piece.end
    yield text[done:]


def _listed(opened: OpenJson, corrections: Corrections, texts: Mapping[int, str]) -> Iterator[str]:
    """The same for a list: with a record goes what stands between it and the one before."""
    text, pieces = opened.document.source.text, opened.document.pieces
    yield text[: pieces[0].start] if pieces else text
    first = True
    for row, piece in enumerate(pieces, 1):
        begins_list = row == 1 or piece.part != pieces[row - 2].part
        if row > 1 and begins_list:
            yield text[pieces[row - 2].end : piece.start]
            first = True
        if row in corrections.dropped:
            continue
        if not first:
            yield text[pieces[row - 2].end : piece.start]
        yield texts.get(row, text[piece.start : piece.end])
        first = False
    yield text[pieces[-1].end :] if pieces else ""
