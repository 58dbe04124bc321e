"""Where the rows of a text table begin: behind `sep=;`, titles and comments, and below a header, or without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.importing.column_roles import is_usual_name
from badcase.importing.rows import check_columns
from badcase.importing.text_files.delimited import SEPARATOR_LINE, Delimited, Record
from badcase.items.images import is_image_name

_SAMPLE = 1000  # rows below a first line that tell whether it is one of them
_MOST_ABOVE = 20  # lines that may stand above a header

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class TableHead:
    """What stands above the first row of a table.

    Attributes:
        columns: A name for each column; a nameless one has its number.
        header: The record that names them; None where there is none.
        start: Where in the text the first row begins.
        notes: What a person should know of it.
        numbered_rows: Whether the header leaves out the name of a first column, which numbers the rows.
    """

    columns: list[str]
    header: Record | None
    start: int
    notes: tuple[str, ...] = ()
    numbered_rows: bool = False


def find_head(file: Delimited, name: str, *, header: bool | None = None, numbered_rows: bool | None = None) -> TableHead:
    """Find the header of a table, or that it has none.

    Args:
        file: The table.
        name: What messages call it.
        header: Whether there is one; None where it is to be noticed.
        numbered_rows: Whether it leaves out the name of a first column of row numbers; None where that is to be noticed.
    """
    separator = SEPARATOR_LINE.match(file.source.text)
    begin = separator.end() if separator else 0
    records = list(islice(file.records(begin), _SAMPLE + _MOST_ABOVE))
    cells = [_cells(file, record) for record in records]
    if not records:
        raise BadcaseError(_("the table is empty"), where=name, hint=_("Choose a file with a header line and rows."))
    if any("\0" in cell for cell in cells[0]):
        raise BadcaseError(_("this is not a text table"), where=name, hint=_("Choose a CSV or TSV file."))
    check_columns(max(map(len, cells)), name)
    found = above(cells)
    titles = file.source.decode_loosely(file.source.text[records[0].start : records[found].start]).strip() if found else ""
    notes = [left_out(name, found, titles)] if found else []
    below = cells[found + 1 :]
    if header is None:
        header, note = noticed_header(cells[found], below, name)
        notes += [note] if note else []
    if not header:
        return TableHead(numbered(len(cells[found])), None, records[found].start, tuple(notes))
    columns = [cell.lstrip("#").strip() if at == 0 and found == 0 else cell for at, cell in enumerate(cells[found])]
    named = len(columns)
    columns, note = _filled(columns, below, numbered_rows)
    notes += [note.format(name=name)] if note else []
    first = len(columns) > named and not columns[0]
    return TableHead(unique(columns), records[found], records[found].end, tuple(notes), first)


def _cells(file: Delimited, record: Record) -> list[str]:
    cells = []
    for span in record.fields:
        try:
            cells.append(file.value(span).strip())
        except UnicodeDecodeError:
            cells.append(file.source.decode_loosely(file.source.text[slice(*span)]).strip())
    return cells


def unique(titles: Sequence[str]) -> list[str]:
    """The names of columns, made unique; a nameless column gets its number."""
    names: dict[str, None] = {}
    for number, cell in enumerate(titles, 1):
        title = cell or _column(number)
        while title in names:
            title = f"{title} ({number})"
        names[title] = None
    return list(names)


def numbered(count: int) -> list[str]:
    """Names for the columns of a table without a header."""
    return [_column(number) for number in range(1, count + 1)]


def _column(number: int) -> str:
    return f"column {number}"  # a name, which does not change with the language


def left_out(name: str, count: int, titles: str) -> str:
    """That lines above a header were passed over."""
    said = plural(
        "{n} line above the table in {name} is left out: {line}",
        "{n} lines above the table in {name} are left out: {line}",
        count,
    )
    return said.format(n=count, name=name, line=titles.splitlines()[0][:80])


def noticed_header(first: Cells, rows: Sequence[Cells], name: str) -> tuple[bool, str]:
    """Whether a first line names the columns, and what a person should know of that: nothing where it is beyond doubt."""
    header, reason = is_header(first, rows)
    if not header:
        said = _(
            "{name} has no header, since {reason}: its columns are called column 1, column 2, … (--header where it has one)."
        )
        return False, said.format(name=name, reason=reason)
    if len(first) < 2 or not rows or not all(first) or any(map(is_usual_name, first)) or _is_above_numbers(first, rows):
        return True, ""
    said = _("The first line of {name} is taken for the names of its columns: {names} (--no-header where it is a row).")
    return True, said.format(name=name, names=", ".join(map(_short, first)))


def above(cells: Sequence[Cells]) -> int:
    """How many lines stand above a table: titles with little in them, and comments that begin with a hash sign."""
    widths = Counter(len(row) for row in cells)
    width = max(widths, key=lambda one: (widths[one], one))
    at = 0
    while at < min(_MOST_ABOVE, len(cells) - 1):
        row, following = cells[at], cells[at + 1 :]
        filled = sum(map(bool, row))
        if row[0].startswith("#"):
            if len(row) == width > 1 and not following[0][0].startswith("#") and _hash_is_of_table(row, following):
                break
        elif width < 2 or not (
            _is_title(row, following, width)
            or (2 * filled <= width and _may_be_header(following, width))
            or (not row[-1] and _names_numbers(following, width))
        ):
            break
        at += 1
    return max(at, _plain_header(cells, at, width))


def _plain_header(cells: Sequence[Cells], at: int, width: int) -> int:
    """The line near the beginning that names columns beyond doubt, where the one that was found does not; 0 where there is none.

    What stands above it is then no table, such as the names and values that a program writes above what it exports.
    """
    if any(map(is_usual_name, cells[at])):
        return 0
    for line, row in enumerate(cells[at + 1 : _MOST_ABOVE + 1], at + 1):
        if len(row) == width and all(row) and sum(map(is_usual_name, row)) > 1:
            return 0 if _recurs(row, cells[line + 1 :]) else line
    return 0


def _is_title(row: Cells, following: Sequence[Cells], width: int) -> bool:
    """Whether a line is one cell above a table of more: of a header, or of rows without one where it names no column."""
    if len(row) > 1:
        return False
    rows = sum(len(other) == width for other in following)
    return _may_be_header(following, width) or (not is_usual_name(row[0]) and 2 * rows > len(following))


def _hash_is_of_table(row: Cells, following: Sequence[Cells]) -> bool:
    """Whether a line such as "#text,label" names the columns, or is a row whose text begins so, and is no comment."""
    named, _reason = is_header(following[0], following[1:])
    bare = [cell.lstrip("# ") for cell in row]
    return not named or (any(map(is_usual_name, bare)) and not any(map(is_usual_name, following[0]))) or _recurs(row, following)


def _recurs(row: Cells, rows: Sequence[Cells]) -> bool:
    return any(cell and cell == other[at] for at, cell in enumerate(row) for other in rows if len(other) == len(row))


def _may_be_header(following: Sequence[Cells], width: int) -> bool:
    """Whether a header comes within the next lines, behind no more than other titles."""
    for at, row in enumerate(following[:_MOST_ABOVE]):
        if len(row) == width and all(row):
            return is_header(row, following[at + 1 :])[0]
    return False


def _names_numbers(following: Sequence[Cells], width: int) -> bool:
    """Whether the next full line is a header beyond doubt: a word above numbers, as it stands below "Date: | 1 March |"."""
    for at, row in enumerate(following[:_MOST_ABOVE]):
        if len(row) == width and all(row):
            return is_header(row, following[at + 1 :])[0] and _is_above_numbers(row, following[at + 1 :])
    return False


def _is_above_numbers(first: Cells, rows: Sequence[Cells]) -> bool:
    """Whether a word of the line stands above a column of numbers."""
    below = [row for row in rows if len(row) == len(first)]
    columns = [[cell for cell in column if cell] for column in zip(*below, strict=True)]
    return any(
        not is_number(cell) and len(column) > 1 and sum(map(is_number, column)) >= 0.9 * len(column)
        for cell, column in zip(first, columns, strict=False)
    )


def is_header(first: Cells, rows: Sequence[Cells]) -> tuple[bool, str]:
    """Whether a first line names the columns, and where it does not, what shows it.

    It is one of the rows where one of its values recurs below, or is a number above numbers, or an image above images, unless
    another of its cells is what people call a column.
    """
    rows = [row for row in rows if len(row) == len(first) and list(row) != list(first)]
    if not rows:
        return True, ""
    columns = list(zip(*rows, strict=True))
    recurring = [bool(cell) and cell in column for cell, column in zip(first, columns, strict=True)]
    if any(is_usual_name(cell) and not again for cell, again in zip(first, recurring, strict=True)):
        return True, ""
    for cell, column, again in zip(first, columns, recurring, strict=True):
        if again and not _is_numbered(first):
            return False, _("“{value}” is in other rows of its column too").format(value=_short(cell))
        if is_image_name(cell) and sum(map(is_image_name, column)) * 2 > len(column):
            return False, _("“{value}” is an image, as those below it").format(value=_short(cell))
        if is_number(cell) and not _is_numbered(first) and all(is_number(other) for other in column if other):
            return False, _("“{value}” is a number above numbers").format(value=_short(cell))
    return True, ""


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:40] + "…"


def is_number(cell: str) -> bool:
    """Whether a cell is a number as Python reads one."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _is_numbered(first: Cells) -> bool:
    """Whether the cells are 0, 1, 2, …, as a data frame without names writes them."""
    filled = [cell for cell in first if cell]
    return len(filled) > 1 and filled == [str(at) for at in range(len(filled))]


def _filled(columns: list[str], rows: Sequence[Cells], numbered_rows: bool | None) -> tuple[list[str], str]:
    """The names with one for a column that the header does not name: the row names of R, or what a comma at the end makes."""
    fuller = [row for row in rows if len(row) == len(columns) + 1]
    if not fuller or len(fuller) < 0.9 * len(rows):
        return columns, ""
    if not numbered_rows and not any(row[-1] for row in fuller):
        return [*columns, ""], _("The rows of {name} end with an empty field that its header does not name.")
    if numbered_rows or (numbered_rows is None and _number_rows([row[0] for row in fuller])):
        return ["", *columns], _("The header of {name} does not name its first column, which numbers the rows.")
    return columns, ""


def _number_rows(cells: Sequence[str]) -> bool:
    """Whether these are row numbers: each once, or counting on as where tables that begin anew were put together."""
    if not all(map(is_number, cells)):
        return False
    numbers = list(map(float, cells))
    on = sum(after == before + 1 for before, after in pairwise(numbers))
    return len(set(numbers)) == len(numbers) or (len(numbers) > 2 and on >= 0.7 * (len(numbers) - 1))
