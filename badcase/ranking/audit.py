"""The audit ranks labels from anywhere, arrays or files: no project, no model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing import TASKS
from badcase.importing.read_arrays import LoadedArray, load_array
from badcase.multilabel_matrix import label_matrix
from badcase.ranking.any_ranking import AnyRanking, rank

Source: TypeAlias = str | Path | ArrayLike


def audit(
    labels: Source,
    probs: Source | None = None,
    *,
    features: Source | None = None,
    task: str | None = None,
    class_names: Sequence[str] | None = None,
) -> AnyRanking:
    """Rank labels from anywhere, as `rank` does, each an array or a file.

    Files: .npy, .npz, .csv and .parquet. Of an .npz or a table that holds more, the one with the usual name is taken.

    Args:
        labels: Class ids or class names, an array, a list, a data frame or the path of a file. Names are those of the
            probabilities' columns, else in sorted order, as scikit-learn and image folders have them. With
            task="multilabel" a matrix of 0 and 1, lists of class ids or names, or texts such as "cat;dog".
        probs: (n, k) out-of-sample probabilities; names of columns are class names.
        features: (n, d). At least one of probs and features is needed.
        task: "multiclass" or "multilabel"; a matrix or lists need none.
        class_names: (k,) where neither labels nor columns name the classes.

    Returns:
        A `Ranking`; a `MultilabelRanking` where items may have any number of labels.

    Raises:
        BadcaseError: For bad input; it names the file or the argument, and the row.
    """
    if task is not None and task not in TASKS:
        raise BadcaseError(_("no such task"), where="task", expected=", ".join(TASKS), got=task)
    given, matrix, vectors = (_load(*one) for one in ((labels, "labels"), (probs, "probs"), (features, "features")))
    if given is None:
        raise BadcaseError(_("nothing to audit"), where="labels", expected=_("labels"))
    names = list(class_names) if class_names is not None else None if matrix is None else matrix.columns
    k = None if matrix is None or np.ndim(matrix.values) != 2 else np.shape(matrix.values)[1]
    where = str(labels) if isinstance(labels, str | Path) else "labels"
    if task == "multilabel" or (task is None and _is_several(given.values)):
        y, names = _label_matrix(given, names, k, where)
    else:
        y, names = _class_ids(given.values, names, k, where)
    if names is not None and names == [str(i) for i in range(len(names))]:
        names = None
    return rank(
        y, None if matrix is None else matrix.values, features=None if vectors is None else vectors.values, class_names=names
    )


def _load(source: Source | None, what: str) -> LoadedArray | None:
    if source is None:
        return None
    if isinstance(source, str | Path):
        return load_array(Path(source), what)
    columns = getattr(source, "columns", None)  # of a data frame
    if what == "labels" and isinstance(source, list | tuple):
        return LoadedArray(list(source))
    return LoadedArray(np.asarray(source), None if columns is None else [str(name) for name in columns])


def _is_several(values: NDArray[Any] | list[Any]) -> bool:
    """Whether each item has a row or a list of labels."""
    if isinstance(values, np.ndarray):
        return values.ndim == 2 and values.shape[1] > 1
    return any(isinstance(value, list | tuple | set | np.ndarray) for value in values)


# --- one label an item ------------------------------------------------------------------------------------------------


def _class_ids(
    values: NDArray[Any] | list[Any], names: list[str] | None, k: int | None, where: str
) -> tuple[NDArray[Any], list[str] | None]:
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "f":
        array = _whole(array, where)
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    digits = names is not None and all(name.lstrip("-").isdigit() for name in names)
    if array.dtype.kind in "iu" and not (digits and names != [str(i) for i in range(len(names or []))]):
        return array, names
    texts = [_text(value) for value in array.tolist()]
    names = names or _sorted_names(set(texts), k, where)
    return _numbered(texts, names, where), names


def _whole(array: NDArray[Any], where: str) -> NDArray[np.int64]:
    bad = ~np.isfinite(array) | (array != np.floor(array))
    if bad.any():
        row = int(bad.argmax())
        raise BadcaseError(_("not a class"), where=_row(where, row), expected=_("a whole number or a name"), got=array[row])
    return array.astype(np.int64)


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    return (value.decode() if isinstance(value, bytes) else str(value)) or None


def _sorted_names(found: set[str | None], k: int | None, where: str) -> list[str]:
    names = sorted(name for name in found if name is not None)
    if k is not None and len(names) != k:
        raise BadcaseError(
            _("the number of label names differs from the number of probability columns"),
            where=where,
            expected=k,
            got=len(names),
            hint=_("Name the columns of the probabilities, or pass class_names."),
        )
    return names


def _numbered(texts: Iterable[str | None], names: list[str], where: str) -> NDArray[np.int64]:
    places = {name: number for number, name in enumerate(names)}
    ids = []
    for row, name in enumerate(texts):
        if name is None:
            raise BadcaseError(_("no label"), where=_row(where, row), expected=_few(names), got=_("an empty cell"))
        ids.append(_place(name, places, where, row))
    return np.array(ids, np.int64)


def _place(name: str, places: dict[str, int], where: str, row: int) -> int:
    if name not in places:
        raise BadcaseError(
            _("a label that matches no column of the probabilities"),
            where=_row(where, row),
            expected=_few(list(places)),
            got=name,
        )
    return places[name]


# --- several labels an item -------------------------------------------------------------------------------------------


def _label_matrix(
    given: LoadedArray, names: list[str] | None, k: int | None, where: str
) -> tuple[NDArray[Any], list[str] | None]:
    values = given.values
    if isinstance(values, np.ndarray) and values.ndim == 2 and values.dtype.kind in "biuf":
        return _in_order(values, given.columns, names, where)
    if not isinstance(values, np.ndarray) and values and all(_is_binary(row, k or len(names or [])) for row in values):
        return np.array(values), names
    lists = _label_lists(values)
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
