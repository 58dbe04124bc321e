"""One reading of labels, probabilities and features for all that takes arrays: class ids, class names, matrices, label lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import as_array, two_columns
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.multilabel_matrix import label_matrix
from badcase.plain_arrays import PlainArray, check_same_order, class_texts, plain_array, plain_values


@dataclass(frozen=True, slots=True)
class GivenArrays:
    """What was passed, read but not checked.

    Attributes:
        labels: (n,) class ids, or a matrix (n, k) of 0 and 1.
        probs: (n, k).
        features: (n, d).
        class_names: (k,), None where nothing names the classes.
        several: Whether an item may have any number of labels.
    """

    labels: NDArray[Any]
    probs: NDArray[Any] | None
    features: NDArray[Any] | None
    class_names: list[str] | None
    several: bool

    def ids(self, name: str, labels: ArrayLike) -> NDArray[Any]:
        """More labels of the same classes, where None and -1 are no label: class ids (n,) as ids, names by their place."""
        values = plain_values(name, labels)
        if self.several or values.dtype.kind not in "OUST":
            return values
        places = {text: at for at, text in enumerate(self.class_names or [])}
        texts = [None if value in (-1, "-1") else _text(value) for value in values.tolist()]
        return np.array([-1 if text is None else _place(text, places, name, row) for row, text in enumerate(texts)], np.int64)


def read_given(
    labels: Any,
    probs: Any = None,
    features: Any = None,
    *,
    class_names: Sequence[str] | None = None,
    task: str | None = None,
    where: str = "labels",
) -> GivenArrays:
    """Read labels and evidence in whatever a person holds them.

    Args:
        labels: Class ids or names, or a matrix or lists of them, see `badcase.rank`.
        probs: (n, k); (n,) or (n, 1) of the second of two classes.
        features: (n, d).
        class_names: (k,) in the order of the ids.
        task: "multiclass" or "multilabel"; None where the labels tell.
        where: How a message calls the labels.
    """
    check_same_order(
        **{name: one for name, one in (("labels", labels), ("probs", probs), ("features", features)) if one is not None}
    )
    given = plain_array("labels", labels)
    matrix = None if probs is None else plain_array("probs", probs)
    several = task == "multilabel" or (task is None and _is_several(given.values))
    chances = None if matrix is None else as_array("probs", matrix.values)
    named = None if matrix is None else matrix.columns
    if chances is not None and not several and (chances.ndim == 1 or chances.shape[1:] == (1,)):
        chances, named = two_columns(chances), None
    names = class_texts(class_names) if class_names is not None else named
    k = None if chances is None or chances.ndim != 2 else chances.shape[1]
    y, names = (_label_matrix if several else _class_ids)(given, names, k, where)
    if class_names is None and names is not None and names == [str(i) for i in range(len(names))]:
        names = None
    return GivenArrays(y, chances, None if features is None else plain_values("features", features), names, several)


def _is_several(values: NDArray[Any] | list[Any]) -> bool:
    """Whether each item has a row or a list of labels."""
    if isinstance(values, np.ndarray) and values.dtype.kind != "O":
        return values.ndim == 2 and values.shape[1] > 1
    if isinstance(values, np.ndarray) and values.ndim != 1:
        return values.ndim == 2 and values.shape[1] > 1
    return any(isinstance(value, list | tuple | set) or (isinstance(value, np.ndarray) and value.ndim) for value in values)


# --- one label an item ------------------------------------------------------------------------------------------------


def _class_ids(given: PlainArray, names: list[str] | None, k: int | None, where: str) -> tuple[NDArray[Any], list[str] | None]:
    array = as_array("labels", given.values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        return array, names
    if array.dtype.kind == "O" and all(isinstance(one, int | np.integer | np.bool_) for one in array.tolist()):
        array = array.astype(np.int64)
    if given.categories is not None:
        names = names or _of_categories(given.categories, array, k, where)
    if array.dtype.kind == "f":
        array = _whole(array, where)
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    if array.dtype.kind in "iu" and not _are_names(names):
        return array, names
    texts = [_text(value) for value in array.tolist()]
    found = {text for text in texts if text is not None}
    if names == [str(i) for i in range(len(names or []))] and found.isdisjoint(names):
        names = None  # a frame without names counts its columns
    if None in texts:
        place, known = _row(where, texts.index(None)), names or sorted(found)
        raise BadcaseError(_("no label"), where=place, expected=_few(known), got=_("an empty cell"))
    names = names or _sorted_names(found, k, where)
    places = {name: number for number, name in enumerate(names)}
    return np.array([_place(text or "", places, where, row) for row, text in enumerate(texts)], np.int64), names


def _are_names(names: list[str] | None) -> bool:
    """Whether whole numbers are the names of the classes and not their places: all are numbers, but not 0, 1, 2 and so on."""
    numbers = names is not None and all(name.lstrip("-").isdigit() for name in names)
    return numbers and names != [str(i) for i in range(len(names or []))]


def _of_categories(categories: list[Any], array: NDArray[Any], k: int | None, where: str) -> list[str]:
    """The categories in their order; those that occur, where that is what the probabilities have columns for."""
    names = class_texts(categories)
    if k is None or len(names) == k:
        return names
    present = {_text(value) for value in array.tolist()}
    used = [name for name in names if name in present]
    if len(used) != k:
        raise _other_number(where, k, len(names))
    return used


def _whole(array: NDArray[Any], where: str) -> NDArray[np.int64]:
    bad = ~np.isfinite(array) | (array != np.floor(array))
    if bad.any():
        row = int(bad.argmax())
        raise BadcaseError(_("not a class"), where=_row(where, row), expected=_("a whole number or a name"), got=array[row])
    return array.astype(np.int64)


def _text(value: Any) -> str | None:
    if value is None or type(value).__name__ == "NAType" or value != value:
        return None
    return (value.decode() if isinstance(value, bytes) else class_texts([value])[0]) or None


def _sorted_names(found: set[str], k: int | None, where: str) -> list[str]:
    names = sorted(found)
    if k is not None and len(names) != k:
        raise _other_number(where, k, len(names))
    if all(name.lstrip("-").isdecimal() for name in names) and (by_size := sorted(names, key=int)) != names:
        if k is not None:
            raise BadcaseError(
                _("the order of the classes is not clear: their names are numbers as text"),
                where=where,
                expected=_("{one} or {other}").format(one=_few(by_size), other=_few(names)),
                hint=_("Pass class_names in the order of the columns of the probabilities."),
            )
        return by_size
    return names


def _other_number(where: str, k: int, found: int) -> BadcaseError:
    return BadcaseError(
        _("the number of label names differs from the number of probability columns"),
        where=where,
        expected=k,
        got=found,
        hint=_("Name the columns of the probabilities, or pass class_names."),
    )


def _place(name: str, places: dict[str, int], where: str, row: int) -> int:
    if name not in places:
        raise BadcaseError(
            _("a label that matches no column of the probabilities"),
            where=_row(where, row),
            expected=_few(list(places)),
            got=name,
            hint=_("Call the columns as the labels are called; behind a common prefix is fine: prob_cat, prob_dog."),
        )
    return places[name]


# --- several labels an item -------------------------------------------------------------------------------------------


def _label_matrix(given: PlainArray, names: list[str] | None, k: int | None, where: str) -> tuple[NDArray[Any], list[str] | None]:
    values = given.values
    if isinstance(values, np.ndarray) and values.ndim == 2 and values.dtype.kind in "biuf":
        return _in_order(values, given.columns, names, where)
    if not isinstance(values, np.ndarray) and values:
        size = k or len(names or []) or max(2, _length(values[0]))
        if all(_is_binary(row, size) for row in values):
            return np.array(values), names
    lists = _label_lists(values)
    if (deep := next((row for row, labels in enumerate(lists) if any(map(_length, labels))), None)) is not None:
        raise BadcaseError(_("wrong shape"), where=_row(where, deep), expected=_("ids or names"), got=lists[deep])
    if all(isinstance(label, int | np.integer) for row in lists for label in row):
        size = k or len(names or []) or 1 + max((int(label) for row in lists for label in row), default=0)
        return label_matrix([[int(label) for label in row] for row in lists], size), names
    texts = [[str(label) for label in row] for row in lists]
    names = names or _sorted_names({label for row in texts for label in row}, k, where)
    places = {name: number for number, name in enumerate(names)}
    ids = [[_place(label, places, where, row) for label in labels] for row, labels in enumerate(texts)]
    return label_matrix(ids, len(names)), names


def _in_order(
    values: NDArray[Any], columns: list[str] | None, names: list[str] | None, where: str
) -> tuple[NDArray[Any], list[str] | None]:
    """The matrix with its columns in the order of the probabilities'."""
    if columns is None or names is None:
        return values, names or columns
    if sorted(columns) != sorted(names):
        raise BadcaseError(
            _("its columns are not those of the probabilities"), where=where, expected=_few(names), got=_few(columns)
        )
    return values[:, [columns.index(name) for name in names]], names


def _is_binary(row: Any, k: int) -> bool:
    """Whether a list is a row of the matrix rather than class ids."""
    return isinstance(row, list | tuple | np.ndarray) and len(row) == k and all(value in (0, 1) for value in row)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple | np.ndarray) else 0


def _label_lists(values: NDArray[Any] | list[Any]) -> list[list[Any]]:
    """Each item's labels; a text is taken apart at its semicolons, else its bars, else its commas."""
    rows = values.tolist() if isinstance(values, np.ndarray) else values
    texts = [row for row in rows if isinstance(row, str)]
    separator = next((mark for mark in ";|," if any(mark in text for text in texts)), ";")
    return [_parted(row, separator) for row in rows]


def _parted(row: Any, separator: str) -> list[Any]:
    if isinstance(row, str):
        return [part for part in re.split(rf"\s*{re.escape(separator)}\s*", row.strip()) if part]
    if row is None or isinstance(row, float):
        return []
    return list(row) if isinstance(row, list | tuple | set | np.ndarray) else [row]


def _row(where: str, row: int) -> str:
    return _("{path}, row {row}").format(path=where, row=row)


def _few(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
