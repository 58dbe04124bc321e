"""What is a table: as a data frame, as a small HTML table where a notebook shows it, and in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from badcase.errors import BadcaseError
from badcase.i18n import _

if TYPE_CHECKING:
    from pandas import DataFrame

Columns: TypeAlias = Mapping[str, Sequence[Any]]
_ROWS, _LETTERS = 10, 80  # that a notebook shows of a table, and of a cell


class ShownTable:
    """A table; `_columns` gives its columns by name, `_repr_html_` is what a notebook shows of it."""

    __slots__ = ()

    def _columns(self, most: int | None) -> Columns:
        """The columns of the first `most` rows, or of all."""
        raise NotImplementedError

    def to_frame(self) -> DataFrame:
        """All rows as a data frame of pandas.

        Raises:
            BadcaseError: Where pandas is not installed.
        """
        return data_frame(self._columns(None))

    def _repr_html_(self) -> str:
        return html_table(repr(self), self._columns(_ROWS + 1))


def data_frame(columns: Columns) -> DataFrame:
    """Columns as a data frame; BadcaseError where pandas is not there."""
    try:
        import pandas
    except ImportError as error:
        hint = _("Install it: pip install pandas")
        raise BadcaseError(_("data frames need pandas, which is not installed"), where="to_frame", hint=hint) from error
    return pandas.DataFrame(dict(columns))


def html_table(title: str, columns: Columns) -> str:
    """A title and the first rows, with all that stands in them escaped."""
    n = max((len(values) for values in columns.values()), default=0)
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    rows = ["".join(f"<td>{escape(_cell(values[row]))}</td>" for values in columns.values()) for row in range(min(n, _ROWS))]
    if n > _ROWS:
        rows.append("<td>…</td>" * len(columns))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<div><p>{escape(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:.3g}" if hasattr(value, "__float__") and not hasattr(value, "__index__") else str(value)
    return text if len(text) <= _LETTERS else text[:_LETTERS] + "…"


def markdown_head(*names: str) -> list[str]:
    """The two lines that a table in Markdown begins with."""
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table in Markdown; its cells are `plain_markdown` where data brought them along."""
    return [*markdown_head(*head), *(f"| {' | '.join(map(str, row))} |" for row in rows)]


def plain_markdown(name: str) -> str:
    """A name that data brought along, as Markdown shows it letter for letter in one line: no link, no HTML, no cell."""
    return re.sub(r"([\\`*_\[\]<>|&#~$])", r"\\\1", " ".join(name.split()))
