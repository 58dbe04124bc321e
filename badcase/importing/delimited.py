"""Delimited text (CSV, TSV) as spans of fields: the reader takes their meanings, the export replaces single ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from badcase.importing.encodings import SourceText

Span = tuple[int, int]
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the span of each field (quotes included), and where its line ends (newline included)."""

    fields: list[Span]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Delimited:
    """A delimited text file: records by RFC 4180, forgiving about everything that has one sensible reading."""

    source: SourceText
    delimiter: str

    def records(self) -> Iterator[Record]:
        """Every record that is not a blank line, header first."""
        stop = re.escape(self.delimiter)
        # Lines end as the first one does; the other of the two marks, alone in an unquoted field, is content.
        first = re.match(r'(?:[^"\r\n]|"[^"]*+")*+(\r\n|\n|\r)', self.source.text)
        old = first is not None and first[1] == "\r"
        # Possessive, so that an unclosed quote costs one pass over the rest of the file and no backtracking.
        plain = rf"[^{stop}\r]*+" if old else rf"[^{stop}\r\n]*+(?:\r(?!\n)[^{stop}\r\n]*+)*+"
        end = r"\r|\Z" if old else r"\r\n|\n|\Z"
        pattern = re.compile(rf'(?:"[^"]*+(?:""[^"]*+)*+"{plain}|{plain})({stop}|{end})')
        fields: list[Span] = []
        start = 0
        for match in pattern.finditer(self.source.text):
            fields.append((match.start(), match.start(1)))
            if match[1] == self.delimiter:
                continue
            if len(fields) > 1 or fields[0][0] != fields[0][1]:
                yield Record(fields, start, match.end())
            fields, start = [], match.end()

    def value(self, span: Span) -> str:
        """The meaning of a field, quotes undone."""
        piece = self.source.text[span[0] : span[1]]
        if piece.startswith('"') and (close := piece.rfind('"')) > 0:
            piece = piece[1:close].replace('""', '"') + piece[close + 1 :]
        return self.source.decode(piece)

    def written(self, value: str, instead_of: Span, *, header: Span) -> str:
        """`value` as a piece of the file, quoted where it must be, or where the file quotes without need."""
        needless = self._is_quoted(header) or not self._needs_quotes(self.value(instead_of))
        if self._needs_quotes(value) or (needless and self._is_quoted(instead_of)):
            value = '"' + value.replace('"', '""') + '"'
        return self.source.encode(value)

    def _is_quoted(self, span: Span) -> bool:
        return self.source.text.startswith('"', span[0])

    def _needs_quotes(self, value: str) -> bool:
        return any(mark in value for mark in (self.delimiter, '"', "\r", "\n"))


def read_delimited(source: SourceText, name: str) -> Delimited:
    """Choose the delimiter: a tab for .tsv, else what stands most often in the first line."""
    if name.lower().removesuffix(".gz").endswith(".tsv"):
        return Delimited(source, "\t")
    first = re.split(r"[\r\n]", source.text.lstrip("\r\n"), maxsplit=1)[0]
    # In GB18030 a bar can be the second byte of a character.
    usable = _DELIMITERS.replace("|", "") if source.encoding == "gb18030" else _DELIMITERS
    best = max(usable, key=first.count)
    return Delimited(source, best if best in first else ",")
