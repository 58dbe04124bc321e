"""One column of numbers for each item: of which class it is the probability, by its name or by an answer beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.arrays.class_columns import find_affix, fold_name
from badcase.importing.column_values import strings

Answers: TypeAlias = tuple[str, NDArray[np.int64]]  # the column that names a class in each row, and the class of each item (n,)


def answered(
    beside: Mapping[str, pa.ChunkedArray], names: Sequence[str], rows: NDArray[np.int64] | None, but: str | None = None
) -> Answers | None:
    """What a model answered, as pipelines write it beside the score of that answer; None where no column does.

    Args:
        beside: The columns of the file that are no numbers.
        names: The classes.
        rows: (n,) the row of each item; None for all in their order.
        but: A column that has another meaning.
    """
    class_of = {fold_name(name): at for at, name in enumerate(names)}
    for column, cells in beside.items():
        ids = [class_of.get(fold_name(str(cell)), -1) for cell in strings(cells)] if column != but else [-1]
        if min(ids, default=-1) >= 0:
            of_rows = np.asarray(ids, np.int64)
            return column, of_rows if rows is None else of_rows[rows]
    return None


def of_two_classes(
    numbers: NDArray[Any], columns: Sequence[str] | None, answers: Answers | None, names: Sequence[str], where: str
) -> tuple[int, NDArray[Any], str]:
    """The one of two classes that numbers are the probabilities of, these (n,), and what was understood.

    It is the class in the name of their column; without such that of the answers beside them, or else the second.

    Raises:
        BadcaseError: The numbers are no scores of the answers that stand beside them.
    """
    called = [at for at, name in enumerate(names) if columns and find_affix(columns, [name], where) is not None]
    if len(called) == 1 or answers is None:
        of = called[0] if len(called) == 1 else 1
        return of, numbers, _("The one column is taken as the probability of {name}.").format(name=names[of])
    column, ids = answers
    if numbers.min() < 0.5 or numbers.max() > 1:
        expected = _("numbers from 0.5 to 1 as those of answers, or a column called as its class")
        raise only_the_best(where, expected, column)
    note = _("The one column of numbers is taken as the probability of the class in {column}.").format(column=column)
    return 1, np.where(ids == 1, numbers, 1 - numbers), note


def only_the_best(where: str, expected: str, column: str) -> BadcaseError:
    """The error of a file that tells the likeliest class alone."""
    return BadcaseError(
        _("one number for each item does not say how likely each class is"),
        where=where,
        expected=expected,
        got=_("one column of numbers beside the classes in {column}").format(column=column),
        hint=_("Write a column of numbers for each class, called as the class."),
    )
