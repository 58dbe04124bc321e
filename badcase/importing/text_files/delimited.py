"""Delimited text (CSV, TSV) as spans of fields: the reader takes their meanings, the export replaces single ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.text_files.encodings import SourceText

Span = tuple[int, int]
_DELIMITERS = ",;\t|"
_HEAD = 65_536  # characters that may show a delimiter
_SAMPLE = 100  # lines that tell the delimiter
_RUN = 1 << 21  # characters of plain lines that are parted at once
_APART = ("utf-8", "utf-8-sig", "ascii")  # encodings in which no byte of a delimiter or line end is a part of a character
SEPARATOR_LINE = re.compile(r"[\r\n]*\"?sep=([^\r\n])\"?[^\S\r\n]*(?:\r\n|\r|\n)", re.IGNORECASE)  # Excel's own


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
    quotes: bool = True  # whether they hold a field together; else they are characters like others
    blanks: bool = False  # whether one stands behind every delimiter and is no part of the field: `"1", "text"`

    def records(self, start: int = 0) -> Iterator[Record]:
        """Every record from this place on that is not a blank line."""
        stop, old = re.escape(self.delimiter), self._ends_with_returns()
        # Possessive, so that an unclosed quote costs one pass over the rest of the file and no backtracking.
        plain = rf"[^{stop}\r]*+" if old else rf"[^{stop}\r\n]*+(?:\r(?!\n)[^{stop}\r\n]*+)*+"
        end = r"\r|\Z" if old else r"\r\n|\n|\Z"
        held = rf'"[^"]*+(?:""[^"]*+)*+"{plain}|' if self.quotes else ""
        blank = " *+" if self.blanks else ""
        pattern = re.compile(rf"{blank}({held}{plain})({stop}|{end})")
        fields: list[Span] = []
        for match in pattern.finditer(self.source.text, start):
            fields.append(match.span(1))
            if match[2] == self.delimiter:
                continue
            if len(fields) > 1 or fields[0][0] != fields[0][1]:
                yield Record(fields, start, match.end())
            fields, start = [], match.end()

    def _ends_with_returns(self) -> bool:
        """Lines end as the first one does; the other of the two marks, alone in an unquoted field, is content."""
        first = re.match(r'(?:[^"\r\n]|"[^"]*+")*+(\r\n|\n|\r)', self.source.text)
        return first is not None and first[1] == "\r"

    def plain_run(self, start: int, width: int) -> tuple[list[str] | None, int]:
        """The meanings of all fields of the records from this place on, one after the other, and where the records end.

        None where it takes `records` to tell them: a quote, a broken byte, or a record that has not `width` fields.
        """
        text, mark = self.source.text, self.delimiter
        end = text.find("\n", start + _RUN) + 1 or len(text)
        piece = text[start:end]
        returns = piece.count("\r")
        lone = returns and returns != piece.count("\r\n")
        if self.blanks or lone or (self.quotes and '"' in piece) or self._ends_with_returns():
            return None, end
        if not piece.isascii() and not self.source.wide:
            if self.source.encoding not in _APART:
                return None, end
            try:
                piece = self.source.decode(piece)
            except UnicodeDecodeError:
                return None, end
        lines = [line for line in piece.replace("\r\n", "\n").split("\n") if line]
        if not {line.count(mark) for line in lines} <= {width - 1}:
            return None, end
        return (mark.join(lines).split(mark) if lines else []), end

    def value(self, span: Span) -> str:
        """The meaning of a field, quotes undone."""
        piece = self.source.text[span[0] : span[1]]
        if self.quotes and piece.startswith('"') and (close := piece.rfind('"')) > 0:
            piece = piece[1:close].replace('""', '"') + piece[close + 1 :]
        return self.source.decode(piece)

    def written(self, value: str, instead_of: Span, *, header: Span | None) -> str:
        """`value` as a piece of the file, quoted where it must be, or where the file quotes without need."""
        if not self.quotes and any(mark in value for mark in (self.delimiter, "\r", "\n")):
            raise BadcaseError(
                _("the row cannot be written again byte for byte"),
                got=value,
                hint=_("Export to another format, such as csv, which is UTF-8, or rename the class."),
            )
        if not self.quotes:
            return self.source.encode(value)
        needless = (header is not None and self._is_quoted(header)) or not self._needs_quotes(self.value(instead_of))
        if self._needs_quotes(value) or (needless and self._is_quoted(instead_of)):
            value = '"' + value.replace('"', '""') + '"'
        return self.source.encode(value)

    def _is_quoted(self, span: Span) -> bool:
        return self.source.text.startswith('"', span[0])

    def _needs_quotes(self, value: str) -> bool:
        return any(mark in value for mark in (self.delimiter, '"', "\r", "\n"))


def read_delimited(
    source: SourceText, name: str, delimiter: str | None = None, *, quotes: bool | None = None, blanks: bool | None = None
) -> Delimited:
    """Choose the delimiter, where it is not settled: what a first line `sep=;` says, else what parts the lines evenly.

    What quotes mean is noticed where `quotes` is None, and whether blanks stand before them where `blanks` is None.
    """
    separator = SEPARATOR_LINE.match(source.text)
    chosen = delimiter or (separator[1] if separator else None)
    if chosen is None:
        # Where a bar may be a part of a character, it parts nothing unless the characters are known.
        if source.bar_hides and "|" in source.text[:_HEAD]:
            source = source.decoded() or source
        chosen = _noticed(source, prefer="\t" if ".tsv" in name.lower() else None)
    if chosen == "|" and source.bar_hides and (whole := source.decoded()) is not None:
        source = whole
    mark = chosen or ("\t" if ".tsv" in name.lower() else ",")
    quotes = not _are_plain_quotes(source.text, mark) if quotes is None else quotes
    return Delimited(source, mark, quotes, quotes and _blanks_lead(source, mark) if blanks is None else blanks)


def _blanks_lead(source: SourceText, mark: str) -> bool:
    """Whether a blank stands behind every delimiter of the first lines, and quotes behind some: then it belongs to neither."""
    text = source.text
    if re.search(rf'{re.escape(mark)} +"', text[:_HEAD]) is None:
        return False
    records = islice(Delimited(source, mark, blanks=True).records(), _SAMPLE)
    behind = [span for record in records for span in record.fields[1:] if span[0] < span[1]]
    pieces = [text[start:end] for start, end in behind if text[start] == '"']
    whole = all(len(piece) > 1 and piece.endswith('"') for piece in pieces)
    return bool(pieces) and whole and all(text[start - 1] == " " for start, _end in behind)


def _are_plain_quotes(text: str, delimiter: str) -> bool:
    """Whether quotes hold nothing together, as in many tables with tabs: one that begins a field has its end in no field of
    its own but lines below, or nowhere, and each line has the same number of fields without it.
    """
    if delimiter != "\t" or not (text.startswith('"') or '\t"' in text or '\n"' in text):
        return False
    fields = re.finditer(r'(?:\A|[\n\t])"([^"]*+(?:""[^"]*+)*+)("(?=[\t\r\n]|\Z))?', text)
    if not any(field[2] is None and "\n" in field[1] for field in fields):
        return False
    widths = {line.count(delimiter) for line in text.split("\n") if line.strip("\r")}
    return len(widths) == 1 and widths != {0}


def _noticed(source: SourceText, prefer: str | None = None) -> str | None:
    """The delimiter by the first lines; None where nothing parts them.

    One that gives most lines the same number of fields goes before one that does not; then one that the first of these lines
    has, one that makes a column whose values recur, and the one that the line has most of.
    """
    usable = _DELIMITERS.replace("|", "") if source.bar_hides else _DELIMITERS
    ranks: dict[str, tuple[float, ...]] = {}
    for mark in usable:
        file = Delimited(source, mark, blanks=_blanks_lead(source, mark))
        rows = [record.fields for record in islice(file.records(), _SAMPLE)]
        widths = Counter(map(len, rows))
        width = max(widths, key=lambda one: (widths[one], one), default=1)
        if len(widths) < 2 and width < 2:
            continue
        if width < 2:
            width = max(widths)
        even = [row for row in rows if len(row) == width]
        columns = list(zip(*([source.text[start:end] for start, end in row] for row in even), strict=True))
        recurring = any(1 < len(set(column[1:])) <= (len(column) - 1) / 2 for column in columns)
        first = next((len(row) for row in rows if not source.text.startswith("#", row[0][0])), 1)
        ranks[mark] = (mark == prefer, len(even) >= 0.8 * len(rows), first > 1, recurring, first, len(even))
    return max(ranks, key=ranks.__getitem__, default=None)


def is_delimited(source: SourceText, name: str) -> bool:
    """Whether the beginning of a text parts into columns: most of its lines into the same number of fields, more than one."""
    file = read_delimited(source, name)
    widths = Counter(len(record.fields) for record in islice(file.records(), _SAMPLE))
    width = max(widths, key=widths.__getitem__, default=1)
    return width > 1 and widths[width] * 10 >= sum(widths.values()) * 9 and sum(widths.values()) > 1
