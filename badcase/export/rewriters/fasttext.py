"""fastText's training files: the labels of a line replaced, every other byte as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from badcase.errors import BadcaseError
from badcase.export.corrections import Corrections
from badcase.export.rewriters.exact import check_exact
from badcase.i18n import _
from badcase.importing.json_layouts.layout import as_list
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers.csv import read_source
from badcase.importing.readers.fasttext import PREFIX, fasttext_lines, label_spans
from badcase.importing.text_files.encodings import SourceText


def rewrite_fasttext(name: str, raw: bytes, corrections: Corrections, options: ReadOptions = NOTICED) -> bytes:
    """Lines of fastText: the labels of corrected items replaced, lines of excluded items left out."""
    source = read_source(raw, name, options)
    check_exact(source, raw, name)
    return source.to_bytes("".join(_pieces(source, corrections)))


def _pieces(source: SourceText, corrections: Corrections) -> Iterator[str]:
    text, done = source.text, 0
    (spellings,) = corrections.written.values()
    for row, line in enumerate(fasttext_lines(source), 1):
        if row in corrections.dropped:
            yield text[done : line.start]
            done = line.end
        elif row in corrections.labels:
            spans = label_spans(source, line)
            labels = [_written(source, str(label)) for label in as_list(spellings[corrections.labels[row]])]
            yield from _replaced(text, done, line.start, spans, labels)
            done = spans[-1][1] if spans else line.start
    yield text[done:]


def _replaced(text: str, done: int, start: int, spans: Sequence[tuple[int, int]], labels: Sequence[str]) -> Iterator[str]:
    """The text up to the end of the labels of a line: names change in their places, more of them follow, others go."""
    begin = spans[0][0] - len(PREFIX) if spans else start
    yield text[done:begin]
    if len(labels) == len(spans):
        for at, label in enumerate(labels):
            between = text[spans[at - 1][1] : spans[at][0]] if at else PREFIX
            yield between + label
    elif labels:
        yield " ".join(PREFIX + label for label in labels) + ("" if spans else " ")


def _written(source: SourceText, label: str) -> str:
    if not label or any(character.isspace() for character in label):
        raise BadcaseError(
            _("a label of fastText has no blanks"),
            got=label,
            hint=_("Rename the class, or export to another format, such as csv."),
        )
    return source.encode(label)
