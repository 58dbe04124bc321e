"""The time column as numbers that sort."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.rows import TableRows


def row_times(rows: TableRows, column: str) -> npt.NDArray[np.float64]:
    """(rows,) sortable times: numbers as they are, dates in seconds, NaN where there is none."""
    values = rows.table[column].to_pylist()
    times = np.fromiter(map(_time, values), np.float64, len(values))
    if np.isnan(times).mean() > 0.5:
        raise BadcaseError(
            _("most values of the time column are not times"),
            where=column,
            expected=_("numbers or dates such as 2024-05-01 12:30"),
            got=next((value for value, time in zip(values, times, strict=True) if np.isnan(time)), ""),
            hint=_("Name another column with --time."),
        )
    return times


def _time(value: object) -> float:
    match value:
        case bool() | None:
            return float("nan")
        case int() | float():
            return float(value)
        case str():
            return _written_time(value.strip())
        case datetime():
            return _seconds(value)
        case date():
            return _seconds(datetime.combine(value, time()))
    return float("nan")


def _written_time(text: str) -> float:
    for read in (float, lambda text: _seconds(datetime.fromisoformat(text))):
        try:
            return float(read(text))
        except ValueError:
            continue
    return float("nan")


def _seconds(moment: datetime) -> float:
    """Since 1970; a time without a zone counts as UTC, so that the order of a column never depends on this machine."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
