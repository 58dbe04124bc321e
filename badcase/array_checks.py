"""Checks of arrays, made once, at the door: a message names the argument, the first bad row, the expected and the found."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _

Labels: TypeAlias = NDArray[np.int64]
Probs: TypeAlias = NDArray[np.float32]
Features: TypeAlias = NDArray[np.float32]
Groups: TypeAlias = NDArray[np.int64]
Suspicion: TypeAlias = NDArray[np.floating]

# Half-precision probabilities of 1,000 classes add up to 1 within 5e-4.
_SUM_TOLERANCE = 2e-3
# Checks run over slices, so that a memory-mapped million rows never sits in memory twice.
_ROWS = 65_536


def check_labels(labels: ArrayLike, *, n: int | None = None, k: int | None = None) -> Labels:
    """Labels as (n,) int64 in [0, k), a copy: who reviews writes into their own. BadcaseError for anything else."""
    array = as_array("labels", labels)
    if array.ndim != 1:
        raise _wrong("labels", _("wrong shape"), _("one dimension"), array.shape)
    if len(array) == 0:
        raise _wrong("labels", _("no items"), _("at least one"), 0)
    if array.dtype.kind not in "iu":
        raise _wrong("labels", _("wrong type"), _("whole numbers from 0 to k - 1"), array.dtype, hint=_ids_hint(array))
    if n is not None and len(array) != n:
        raise _wrong("labels", _("wrong length"), n, len(array))
    bad = (array < 0) if k is None else (array < 0) | (array >= k)
    if bad.any():
        row = int(bad.argmax())
        expected = _("0 or more") if k is None else _("0 to {last}").format(last=k - 1)
        raise _wrong(_row("labels", row), _("label out of range"), expected, array[row], hint=_counted_hint(array))
    return array.astype(np.int64)


def check_probs(probs: ArrayLike) -> NDArray[np.floating]:
    """Probabilities as a floating (n, k >= 2) array whose rows sum to 1, not copied; BadcaseError for anything else."""
    array = check_matrix("probs", probs)
    if array.shape[1] < 2:
        raise _wrong("probs", _("too few classes"), _("at least 2 columns"), array.shape[1])
    for start in range(0, len(array), _ROWS):
        rows = array[start : start + _ROWS]
        outside = (rows.min(1) < 0) | (rows.max(1) > 1 + _SUM_TOLERANCE)
        if outside.any():
            row = int(outside.argmax())
            got = rows[row].min() if rows[row].min() < 0 else rows[row].max()
            where = _row("probs", start + row)
            raise _wrong(where, _("not a probability"), _("0 to 1"), f"{got:.6g}", hint=_softmax_hint())
        sums = rows.sum(1, dtype=np.float64)
        off = np.abs(sums - 1) > _SUM_TOLERANCE
        if off.any():
            row = int(off.argmax())
            where = _row("probs", start + row)
            raise _wrong(where, _("the row does not sum to 1"), 1, f"{sums[row]:.6g}", hint=_softmax_hint())
    return array


def two_columns(probs: NDArray[Any]) -> NDArray[np.floating]:
    """Probabilities (n,) or (n, 1) of the second of two classes as (n, 2); BadcaseError where one is not from 0 to 1."""
    second = np.asarray(probs).reshape(len(probs), 1) if np.ndim(probs) else np.asarray(probs).reshape(1, 1)
    second = check_matrix("probs", second)
    outside = ((second < 0) | (second > 1))[:, 0]
    if outside.any():
        row = int(outside.argmax())
        hint = _("If these are logits, pass their sigmoid.")
        raise _wrong(_row("probs", row), _("not a probability"), _("0 to 1"), f"{second[row, 0]:.6g}", hint=hint)
    return np.concatenate([1 - second, second], axis=1)


def check_features(features: ArrayLike, *, n: int | None = None) -> Features:
    """Features as a finite (n, d >= 1) float32 array; BadcaseError for anything else."""
    array = check_matrix("features", features)
    if n is not None and len(array) != n:
        raise _wrong("features", _("wrong length"), n, len(array))
    if array.shape[1] == 0:
        raise _wrong("features", _("no columns"), _("at least 1"), 0)
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused by its row
        narrow = array.astype(np.float32, copy=False)
    _check_finite("features", narrow)
    return narrow


def check_groups(groups: ArrayLike | None, n: int) -> Groups | None:
    """Groups as (n,) codes counted from 0; strings are welcome, also as objects, which is how pandas keeps them."""
    if groups is None:
        return None
    array = as_array("groups", groups)
    if array.shape != (n,):
        raise _wrong("groups", _("wrong shape"), (n,), array.shape)
    if array.dtype.kind in "OT":
        odd = next((row for row, one in enumerate(array.tolist()) if not isinstance(one, str | int | np.integer)), None)
        if odd is not None:
            raise _wrong(_row("groups", odd), _("not a group"), _("a whole number or a string"), repr(array[odd]))
        array = array.astype(np.str_)
    if array.dtype.kind not in "biuUS":
        raise _wrong("groups", _("wrong type"), _("whole numbers or strings"), array.dtype)
    return np.unique(array, return_inverse=True)[1].reshape(-1).astype(np.int64)


def whole(name: str, value: Any, *, least: int = 0, most: int | None = None, what: str = "") -> int:
    """A whole number from `least` to `most` as int, also one of numpy's or torch's; BadcaseError for anything else."""
    expected = _("a whole number, {least} or more") if most is None else _("a whole number from {least} to {most}")
    try:
        number = operator.index(value)
    except (TypeError, ValueError, RuntimeError):  # ValueError: an array of several, RuntimeError: a tensor of several
        number = None
    if number is None or number < least or (most is not None and number > most):
        raise _wrong(name, what or _("wrong number"), expected.format(least=least, most=most), repr(value))
    return number


def _ids_hint(array: NDArray[Any]) -> str:
    if array.dtype.kind == "f":
        return _("Where these are class ids pass labels.astype(int).")
    if array.dtype.kind in "OUST":
        return _("Class ids are np.unique(labels, return_inverse=True)[1].")
    return ""


def _counted_hint(array: NDArray[np.integer]) -> str:
    """What to do with classes that are called by other numbers."""
    if int(array.min()) == 1:
        return _("Where classes are counted from 1 pass labels - 1, or name them with class_names.")
    return _("Where -1 is no label leave these items out; where classes have other numbers, name them with class_names.")


def _softmax_hint() -> str:
    return _("If these are logits, pass their softmax.")


def as_array(name: str, values: ArrayLike) -> NDArray[Any]:
    """What was passed as an array, not copied where it is one; BadcaseError where there is no array of it."""
    try:
        array = np.asanyarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        if hasattr(values, "detach"):  # a tensor in bfloat16, on a GPU, or with a gradient
            hint = _("Pass {name}.detach().float().cpu().numpy().").format(name=name)
            raise _wrong(name, _("not an array"), _("an array"), error, hint=hint) from error
        raise _ragged(name, values, error) from error
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        mask = np.atleast_1d(np.ma.getmaskarray(array))
        rows = mask.reshape(len(mask), -1).any(1)
        raise _wrong(_row(name, int(rows.argmax())), _("a masked value"), _("a value"), np.ma.masked)
    return np.asarray(array)


def _ragged(name: str, values: Any, error: Exception) -> BadcaseError:
    """Says which row is the first of another length, or what numpy says where none is."""
    sizes = [len(row) if hasattr(row, "__len__") else 1 for row in values] if isinstance(values, Sequence) else []
    row = next((number for number, (one, two) in enumerate(pairwise(sizes), 1) if one != two), None)
    if row is None:
        return _wrong(name, _("not an array"), _("an array"), error)
    return _wrong(_row(name, row), _("rows of unequal length"), sizes[0], sizes[row])


def check_matrix(name: str, values: ArrayLike) -> NDArray[np.floating]:
    """A finite floating (n, k) array with a row at least, not copied where it is one; BadcaseError for anything else."""
    array = as_array(name, values)
    if array.dtype.kind not in "fiub":
        raise _wrong(name, _("wrong type"), _("numbers"), array.dtype, hint=_numbers_hint(name, array))
    if array.ndim != 2:
        raise _wrong(name, _("wrong shape"), _("two dimensions"), array.shape)
    if len(array) == 0:
        raise _wrong(name, _("no items"), _("at least one"), 0)
    if array.dtype.kind != "f":
        array = array.astype(np.float32)
    _check_finite(name, array)
    return array


def _numbers_hint(name: str, array: NDArray[Any]) -> str:
    if array.ndim == 0:  # of a sparse matrix
        return _("Pass {name}.toarray() where it is a sparse matrix.").format(name=name)
    return _("Pass {name}.astype(float) where all values are numbers.").format(name=name)


def _check_finite(name: str, array: NDArray[np.floating]) -> None:
    for start in range(0, len(array), _ROWS):
        bad = ~np.isfinite(array[start : start + _ROWS]).all(1)
        if bad.any():
            row = start + int(bad.argmax())
            value = array[row][~np.isfinite(array[row])][0]
            raise _wrong(_row(name, row), _("not a finite number"), _("finite numbers"), value)


def refuse_not_finite(values: NDArray[np.floating], keys: Sequence[str] | None, where: str) -> None:
    """BadcaseError where rows (n, m) of a file have numbers that are not finite; it counts them and names the first.

    Args:
        values: The rows.
        keys: (n,) what they are called; None where only their numbers are known.
        where: The file.
    """
    parts = range(0, len(values), _ROWS)
    bad = [start + np.flatnonzero(~np.isfinite(values[start : start + _ROWS]).all(1)) for start in parts]
    rows = np.concatenate(bad) if bad else np.empty(0, np.int64)
    if len(rows):
        kind = "NaN" if np.isnan(values[rows]).any() else _("infinity")
        first = _("row {row}").format(row=int(rows[0])) if keys is None else keys[int(rows[0])]
        raise _wrong(
            where,
            _("numbers that are not finite ({kind} for {bad} of {n} items)").format(kind=kind, bad=len(rows), n=len(values)),
            _("finite numbers"),
            _("{kind}, first for {key}").format(kind=kind, key=first),
            hint=_("An empty cell is read as NaN. Fill it, or look at what the model does with that item."),
        )


def _row(name: str, row: int) -> str:
    return _("{name}, row {row}").format(name=name, row=row)


def _wrong(where: str, what: str, expected: object, got: object, *, hint: str = "") -> BadcaseError:
    return BadcaseError(what, where=where, expected=expected, got=got, hint=hint)
