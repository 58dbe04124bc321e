"""A matrix of labels: a row for each item, a column for each label, 1 where the item has it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import check_matrix
from badcase.errors import BadcaseError
from badcase.i18n import _

LabelMatrix: TypeAlias = NDArray[np.bool_]  # (n, k)


def check_label_matrix(labels: ArrayLike) -> LabelMatrix:
    """Labels (n, k) of 0 and 1 as bool, a copy; BadcaseError for anything else, lists of class ids among it."""
    try:
        array = np.asarray(labels)
    except ValueError as error:
        raise _no_matrix(_("rows of unequal length")) from error
    if array.ndim != 2 or 0 in array.shape:
        raise _no_matrix(array.shape)
    if array.shape[1] == 1:
        hint = _("For one label an item pass labels[:, 0].")
        raise BadcaseError(_("wrong shape"), where="labels", expected=_("2 columns or more"), got=array.shape, hint=hint)
    if array.dtype == np.bool_:
        return array.copy()
    if array.dtype.kind not in "iuf":
        raise _no_matrix(array.dtype)
    bad = ((array != 0) & (array != 1)).any(1)
    if bad.any():
        row = int(bad.argmax())
        values = array[row][(array[row] != 0) & (array[row] != 1)]
        raise _no_matrix(values[0], where=_("labels, row {row}").format(row=row))
    return array == 1


def label_matrix(label_lists: list[list[int]], k: int) -> LabelMatrix:
    """Lists of class ids, one for each item, as the matrix that `rank` and `Queue` take.

    Args:
        label_lists: (n,) lists; an empty one is an item without labels.
        k: How many labels there are.

    Returns:
        (n, k) bool, true where the item has the label.

    Raises:
        BadcaseError: Where a class id is not in [0, k); it names the row.
    """
    matrix = np.zeros((len(label_lists), k), np.bool_)
    for row, ids in enumerate(label_lists):
        for label in ids:
            if not 0 <= label < k:
                where = _("labels, row {row}").format(row=row)
                expected = _("0 to {last}").format(last=k - 1)
                raise BadcaseError(_("label out of range"), where=where, expected=expected, got=label)
            matrix[row, label] = True
    return matrix


def rarest_label(labels: LabelMatrix) -> NDArray[np.int64]:
    """The label (n,) by which an item is dealt into folds and splits: the rarest it has, k where it has none.

    Source: Sechidis et al. 2011, On the stratification of multi-label data: rare labels are dealt first.
    """
    n, k = labels.shape
    frequency = np.where(labels, labels.sum(0), n + 1)
    return np.where(labels.any(1), frequency.argmin(1), k).astype(np.int64)


def check_label_probs(probs: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.floating]:
    """Independent probabilities, of the labels' shape and in [0, 1]; BadcaseError for anything else."""
    array = check_matrix("probs", probs)
    if array.shape != shape:
        raise BadcaseError(_("wrong shape"), where="probs", expected=shape, got=array.shape)
    low, high = array.min(1), array.max(1)
    outside = (low < 0) | (high > 1)
    if outside.any():
        row = int(outside.argmax())
        got = f"{low[row] if low[row] < 0 else high[row]:.6g}"
        where, hint = _("probs, row {row}").format(row=row), _("If these are logits, pass their sigmoid.")
        raise BadcaseError(_("not a probability"), where=where, expected=_("0 to 1"), got=got, hint=hint)
    return array


def check_label_row(row: object, k: int) -> NDArray[np.bool_]:
    """What a person found of one item: (k,) of 0 and 1 as bool; BadcaseError for anything else."""
    array = np.asarray(row)
    if array.shape != (k,) or array.dtype.kind not in "biu" or ((array != 0) & (array != 1)).any():
        raise BadcaseError(_("not a row of labels"), where="label", expected=_("{k} values, each 0 or 1").format(k=k), got=row)
    return array == 1


def check_verified(verified: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """The label matrix as a person found it, rows of -1 where nobody looked; BadcaseError for anything else."""
    array = np.asarray(verified)
    if array.shape != shape:
        raise BadcaseError(_("wrong shape"), where="verified", expected=shape, got=array.shape)
    if array.dtype.kind not in "iub" or array.min(initial=0) < -1 or array.max(initial=0) > 1:
        raise BadcaseError(
            _("wrong values"), where="verified", expected=_("0, 1, or -1 where nobody has judged"), got=array.dtype
        )
    return array.astype(np.int8)


def _no_matrix(got: object, *, where: str = "labels") -> BadcaseError:
    return BadcaseError(
        _("not a matrix of labels"),
        where=where,
        expected=_("0 or 1, a row for each item, a column for each label"),
        got=got,
        hint=_("Make it of lists of class ids with badcase.label_matrix(lists, k)."),
    )
