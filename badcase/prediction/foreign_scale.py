"""What numbers that were made elsewhere are: probabilities, shares of a whole, or logits; and the logits they come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, plural

_NEAR = 0.01  # how far from 1 the sum of a row of probabilities may lie
_EXACT = 1e-3  # what is no more than rounding, and not worth a word
_LEAST = 1e-12  # log(0) is none
Matrix = npt.NDArray[np.float32]


def logits_of_classes(values: Matrix, keys: Sequence[str], where: str) -> tuple[Matrix, list[str]]:
    """Logits of rows (n, k) of which one class is right, and how they were read, in sentences.

    Rows within [0, 1] that sum to 1 are probabilities; percentages and whole numbers of one sum, as votes are, are shares of
    it; other rows are logits.

    Raises:
        BadcaseError: Where most rows are probabilities and one is none, or all lie in [0, 1] and do not sum to 1.
    """
    low, high = values.min(1), values.max(1)
    sums = values.sum(1, dtype=np.float64)
    inside = (low >= -_EXACT) & (high <= 1 + _NEAR)
    summed = inside & (np.abs(sums - 1) <= _NEAR)
    if summed.mean() >= 0.5:
        if not summed.all():
            row = int(np.flatnonzero(~summed)[0])
            raise _no_probabilities(values, keys, where, row, f"{sums[row]:.4g}")
        off = int((np.abs(sums - 1) > _EXACT).sum())
        words = plural(
            "{n} row did not sum to 1 and was divided by its sum.",
            "{n} rows did not sum to 1 and were divided by their sum.",
            off,
        )
        return _logs(values, sums), [
            _("The numbers are read as probabilities."),
            *([words.format(n=off)] if off else []),
            *_answers(values),
        ]
    whole = float(np.median(sums))
    votes = bool((sums == whole).all()) and whole > 1 and bool((values == np.round(values)).all())
    if low.min() >= 0 and (votes or bool((np.abs(sums - 100) <= 100 * _NEAR).all())):
        return _logs(values, sums), [_("All rows sum to {sum:.0f}; the numbers are read as shares of it.").format(sum=whole)]
    if inside.all():
        raise _no_probabilities(values, keys, where, int(np.flatnonzero(~summed)[0]), f"{sums[~summed][0]:.4g}")
    return values, [_("The numbers are read as logits, as they do not all lie in 0 to 1; their softmax is the probabilities.")]


def logits_of_labels(values: Matrix, keys: Sequence[str], where: str) -> tuple[Matrix, list[str]]:
    """The same where an item may have any number of labels: numbers in [0, 1] are probabilities, others are logits."""
    outside = (values.min(1) < -_EXACT) | (values.max(1) > 1 + _EXACT)
    if not outside.any():
        return _log_odds(values), [_("The numbers are read as probabilities of each label by itself."), *_answers(values)]
    if values.min() >= 0 or outside.mean() < 0.5:
        row = int(np.flatnonzero(outside)[0])
        raise _no_probabilities(values, keys, where, row, f"{values[row].max():.4g}", several=True)
    return values, [_("The numbers are read as logits, as they do not all lie in 0 to 1; their sigmoid is the probabilities.")]


def logits_of_one_column(values: npt.NDArray[np.floating], keys: Sequence[str], where: str, of: int) -> tuple[Matrix, list[str]]:
    """Logits (n, 2) of two classes from a column (n,) that speaks of one of them, the class `of`."""
    column, _notes = logits_of_labels(np.asarray(values, np.float32)[:, None], keys, where)
    inside = values.min() >= 0 and values.max() <= 1
    notes = [_("The numbers are read as probabilities.") if inside else _("The numbers are read as logits."), *_answers(values)]
    made = np.zeros((len(column), 2), np.float32)
    made[:, of] = column[:, 0]
    return made, notes


def _answers(values: npt.NDArray[np.floating]) -> list[str]:
    """A sentence where the numbers do not say how sure the model is."""
    if ((values == 0) | (values == 1)).all():
        return [_("All numbers are 0 or 1: these are answers, and a ranking by how sure the model is cannot be made of them.")]
    return []


def _logs(values: Matrix, sums: npt.NDArray[np.float64]) -> Matrix:
    return np.log(np.maximum(values / sums[:, None], _LEAST)).astype(np.float32)


def _log_odds(values: Matrix) -> Matrix:
    within = np.clip(values.astype(np.float64), _LEAST, 1 - 1e-7)
    return (np.log(within) - np.log1p(-within)).astype(np.float32)


def _no_probabilities(
    values: Matrix, keys: Sequence[str], where: str, row: int, got: str, *, several: bool = False
) -> BadcaseError:
    what = _("neither probabilities nor logits") if several else _("the probabilities of an item do not sum to 1")
    hint = _("Write probabilities from 0 to 1, or the logits.")
    if not several:
        hint = _("Divide each row by its sum, or write the logits. A class that the project lacks may be missing from the sum.")
    return BadcaseError(
        what,
        where=_("{path}, {key}").format(path=where, key=keys[row]),
        expected=_("0 to 1") if several else 1,
        got=got,
        hint=hint,
    )
