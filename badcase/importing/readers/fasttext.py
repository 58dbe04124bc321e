"""fastText's training files: `__label__cat a text`, with several labels before a text or one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import check_encoding, not_decoded, read_bytes, read_source
from badcase.importing.rows import TableRows
from badcase.importing.text_files.encodings import SourceText
from badcase.items.kinds import SetAside
from badcase.items.roots import Root
from badcase.items.source import SourcePart

PREFIX = "__label__"
_LABELS = re.compile(
    rf"[^\S\n]*(?:{PREFIX}\S*(?:[^\S\n]+,)?[^\S\n]*)+"
)  # some write a comma between labels, as its tutorial does
_LABEL = re.compile(rf"{PREFIX}(\S+)")


@dataclass(frozen=True, slots=True)
class FastTextLine:
    """One line: where its labels and its whole stand in the text."""

    start: int
    text_start: int
    end: int


def fasttext_lines(source: SourceText) -> Iterator[FastTextLine]:
    """Every line that is not blank."""
    text, start = source.text, 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        if text[start:end].strip():
            labels = _LABELS.match(text, start, end)
            yield FastTextLine(start, labels.end() if labels else start, end)
        start = end


def label_spans(source: SourceText, line: FastTextLine) -> list[tuple[int, int]]:
    """Where the names of a line's labels stand, without their prefix."""
    return [match.span(1) for match in _LABEL.finditer(source.text, line.start, line.text_start)]


def is_fasttext(head: bytes) -> bool:
    """Whether most lines of the beginning of a file start with a label."""
    lines = [line for line in head.splitlines()[:100] if line.strip()]
    return bool(lines) and sum(line.lstrip().startswith(PREFIX.encode()) for line in lines) * 10 >= len(lines) * 9


def read_fasttext(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """Read the labels and the text of each line; a line without a label has none."""
    source = read_source(read_bytes(root, name), name, options)
    numbers: list[int] = []
    texts: list[str] = []
    labels: list[list[str]] = []
    broken: list[SetAside] = []
    number = foreign = 0
    for number, line in enumerate(fasttext_lines(source), 1):
        foreign += not source.text[line.start : line.end].isascii()
        try:
            text = source.decode(source.text[line.text_start : line.end]).strip()
            found = [source.decode(source.text[start:end]) for start, end in label_spans(source, line)]
        except UnicodeDecodeError:
            broken.append(not_decoded(source, name, number))
            continue
        numbers.append(number)
        texts.append(text)
        labels.append(found)
    if broken:
        check_encoding(broken[0], len(broken), foreign, options)
    if not numbers:
        raise BadcaseError(_("the file has no line"), where=name, hint=_("Each line is `__label__NAME text`."))
    table = pa.table({"text": pa.array(texts, pa.large_string()), "label": pa.array(labels, pa.list_(pa.large_string()))})
    return TableRows(
        "fasttext",
        root,
        (SourcePart(name, number),),
        table,
        np.asarray(numbers, np.int64),
        broken,
        details={"tables": {name: {"encoding": source.encoding}}},
        roles={"text": "text", "label": "label"},
        notes=[*([] if options.encoding else source.notes(name)), _("{name} is read as lines of fastText.").format(name=name)],
    )
