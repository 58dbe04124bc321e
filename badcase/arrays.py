"""Arrays are checked once, at the door: a message names the argument, the first bad row, the expected and the found."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.errors import BadcaseError
from badcase.language import _

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
    """Labels as (n,) int64 in [0, k); BadcaseError for anything else."""
    array = np.asarray(labels)
    if array.ndim != 1:
        raise _wrong("labels", _("wrong shape"), _("one dimension"), array.shape)
    if len(array) == 0:
        raise _wrong("labels", _("no items"), _("at least one"), 0)
    if array.dtype.kind not in "iu":
        raise _wrong("labels", _("wrong type"), _("whole numbers from 0 to k - 1"), array.dtype)
    if n is not None and len(array) != n:
        raise _wrong("labels", _("wrong length"), n, len(array))
    bad = (array < 0) if k is None else (array < 0) | (array >= k)
    if bad.any():
        row = int(bad.argmax())
        expected = _("0 or more") if k is None else _("0 to {last}").format(last=k - 1)
        raise _wrong(_row("labels", row), _("label out of range"), expected, array[row])
    return array.astype(np.int64, copy=False)


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
    """Groups as (n,) codes counted from 0; strings are welcome."""
    if groups is None:
        return None
    array = np.asarray(groups)
    if array.shape != (n,):
        raise _wrong("groups", _("wrong shape"), (n,), array.shape)
    if array.dtype.kind not in "iuUS":
        raise _wrong("groups", _("wrong type"), _("whole numbers or strings"), array.dtype)
    return np.unique(array, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _softmax_hint() -> str:
    return _("If these are logits, pass their softmax.")


def check_matrix(name: str, values: ArrayLike) -> NDArray[np.floating]:
    """A finite floating (n, k) array with a row at least, not copied where it is one; BadcaseError for anything else."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise _wrong(name, _("wrong type"), _("numbers"), array.dtype)
    if array.ndim != 2:
        raise _wrong(name, _("wrong shape"), _("two dimensions"), array.shape)
    if len(array) == 0:
        raise _wrong(name, _("no items"), _("at least one"), 0)
    if array.dtype.kind != "f":
        array = array.astype(np.float32)
    _check_finite(name, array)
    return array


def _check_finite(name: str, array: NDArray[np.floating]) -> None:
    for start in range(0, len(array), _ROWS):
        bad = ~np.isfinite(array[start : start + _ROWS]).all(1)
        if bad.any():
            row = start + int(bad.argmax())
            value = array[row][~np.isfinite(array[row])][0]
            raise _wrong(_row(name, row), _("not a finite number"), _("finite numbers"), value)


def _row(name: str, row: int) -> str:
    return _("{name}, row {row}").format(name=name, row=row)


def _wrong(where: str, what: str, expected: object, got: object, *, hint: str = "") -> BadcaseError:
    return BadcaseError(what, where=where, expected=expected, got=got, hint=hint)
