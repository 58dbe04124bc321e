"""What people hold arrays in (numpy, lists, tensors, sparse matrices, data frames) as numpy arrays, with the names they carry.

Every kind is known by what it can do, so that no library is imported that the caller has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import as_array
from badcase.errors import BadcaseError
from badcase.i18n import _

_LARGEST = 2**33  # bytes of a sparse matrix written out: 8 GiB


@dataclass(frozen=True, slots=True)
class PlainArray:
    """Values as numpy has them, or a list where each item has a list of its own.

    Attributes:
        values: An array, not copied where it was one; or a list.
        columns: The names of the columns of a data frame.
        categories: What a categorical column can hold, in its order.
    """

    values: NDArray[Any] | list[Any]
    columns: list[str] | None = None
    categories: list[Any] | None = None


def plain_array(name: str, given: Any) -> PlainArray:
    """What was passed for the argument `name` as an array.

    Raises:
        BadcaseError: Where it is none, or a column of a data frame of features or probabilities holds no numbers.
    """
    if isinstance(given, PlainArray):
        return given
    given = collected(given)
    if (names := _column_names(given)) is not None:
        return _of_frame(name, given, names)
    if name == "labels" and isinstance(given, list | tuple) and not _holds_tensors(given):
        return PlainArray(list(given))
    return PlainArray(_values(name, given), categories=_categories(given))


def collected(given: Any) -> Any:
    """What was passed; a lazy frame of polars as the frame that it comes to."""
    return given.collect() if hasattr(given, "collect") and hasattr(given, "lazy") and not hasattr(given, "shape") else given


def plain_values(name: str, given: Any) -> NDArray[Any]:
    """The same where names are of no use: the values alone, as an array."""
    values = plain_array(name, given).values
    return as_array(name, values) if isinstance(values, list) else values


def check_same_order(**given: Any) -> None:
    """Refuse pandas objects whose indexes hold the same rows in different orders: by index or by place are two readings.

    Args:
        **given: The arguments by name; what has no index is taken by place.
    """
    indexed = [(name, one.index) for name, one in given.items() if hasattr(one, "iloc")]
    for (first, index), (second, other) in pairwise(indexed):
        if len(index) == len(other) and not index.equals(other) and index.sort_values().equals(other.sort_values()):
            hint = _("To join by index pass {second}.loc[{first}.index], to join by place {second}.to_numpy().")
            raise BadcaseError(
                _("its index has the rows of {first} in another order").format(first=first),
                where=second,
                expected=_("the same order"),
                got=", ".join(map(str, other[:5])) + ", …",
                hint=hint.format(first=first, second=second),
            )


def _column_names(given: Any) -> list[str] | None:
    """The names of the columns of a data frame or table; None where it is none."""
    names = getattr(given, "column_names", None)  # of pyarrow
    if names is None and hasattr(given, "shape") and len(given.shape) == 2:
        names = getattr(given, "columns", None)
    return None if names is None else [str(name) for name in names]


def _of_frame(name: str, frame: Any, names: list[str]) -> PlainArray:
    columns = [_column(frame, place) for place in range(len(names))]
    if name == "labels" and len(names) == 1:
        return PlainArray(_values(name, columns[0]), categories=_categories(columns[0]))
    whole = None if hasattr(frame, "column_names") else np.asarray(frame)  # of one type, it is no copy
    if whole is not None and whole.dtype.kind in "fiub":
        return PlainArray(whole, names)
    arrays = [_numbers(name, title, column) for title, column in zip(names, columns, strict=True)]
    return PlainArray(np.stack(arrays, axis=1) if arrays else np.empty((len(frame), 0)), names)


def _column(frame: Any, place: int) -> Any:
    if hasattr(frame, "column_names"):
        return frame.column(place)
    return frame.iloc[:, place] if hasattr(frame, "iloc") else frame.to_series(place)


def _numbers(name: str, title: str, column: Any) -> NDArray[Any]:
    values = np.asarray(column)
    if values.dtype.kind in "fiub":
        return values
    try:
        if values.dtype.kind == "O":  # with missing values, as some types of columns have them
            return np.array([np.nan if _missing(one) else one for one in column.to_numpy().tolist()], np.float64)
    except (TypeError, ValueError, AttributeError):
        pass
    raise BadcaseError(
        _("column {name} is not made of numbers").format(name=title),
        where=name,
        expected=_("numbers"),
        got=str(getattr(column, "dtype", None) or getattr(column, "type", "") or values.dtype),
        hint=_("Leave columns that are not numbers out, such as keys and texts: all columns are read."),
    )


def _missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType"


def _categories(given: Any) -> list[Any] | None:
    """The categories of a categorical column of pandas, or of an Enum of polars, in their order."""
    found = getattr(given, "categories", None)
    if found is None:
        found = getattr(getattr(given, "dtype", None), "categories", None)
    if found is None or callable(found):
        return None
    values: list[Any] = found.to_list() if hasattr(found, "to_list") else list(found)
    return values or None


def _values(name: str, given: Any) -> NDArray[Any]:
    if isinstance(given, np.ndarray):
        return as_array(name, given)
    if isinstance(given, str | bytes) or hasattr(given, "__fspath__"):
        hint = _("badcase.audit reads files.")
        raise BadcaseError(_("not an array"), where=name, expected=_("an array"), got=given, hint=hint)
    if hasattr(given, "detach") and hasattr(given, "cpu"):
        return _of_tensor(given)
    if hasattr(given, "toarray") and hasattr(given, "nnz"):
        return _of_sparse(name, given)
    if hasattr(given, "__cuda_array_interface__") and hasattr(given, "get"):
        given = given.get()
    if _holds_tensors(given):
        given = [_of_tensor(one) if hasattr(one, "detach") else one for one in given]
    elif isinstance(given, Iterable) and not isinstance(given, list | tuple) and not hasattr(given, "__array__"):
        given = _in_order(name, given)
    array = as_array(name, given)
    if array.dtype.kind == "V" and array.dtype.names is None and name != "labels":
        return array.astype(np.float32)  # a short float that numpy itself does not know
    return array


def _holds_tensors(given: Any) -> bool:
    return isinstance(given, list | tuple) and any(hasattr(one, "detach") for one in given[:1])


def _in_order(name: str, given: Any) -> list[Any]:
    """A column of a data set, a range, the values of a dict: what has an order and a length."""
    if isinstance(given, set | frozenset) or not hasattr(given, "__len__"):
        raise BadcaseError(
            _("not an array"),
            where=name,
            expected=_("an array"),
            got=type(given).__name__,
            hint=_("Pass list({name}) where its order is that of the items.").format(name=name),
        )
    return list(given)


def _of_tensor(tensor: Any) -> NDArray[Any]:
    """A tensor of torch: without its gradient, on the CPU, dense, and of a type that numpy knows."""
    tensor = tensor.detach()
    if str(getattr(tensor, "layout", "torch.strided")) != "torch.strided":
        tensor = tensor.to_dense()
    if getattr(tensor, "is_quantized", False):
        tensor = tensor.dequantize()
    tensor = tensor.cpu().resolve_conj().resolve_neg()
    try:
        return np.asarray(tensor.numpy())
    except TypeError:  # bfloat16 and the types of eight bits
        return np.asarray(tensor.float().numpy())


def _of_sparse(name: str, matrix: Any) -> NDArray[Any]:
    kind = np.dtype(matrix.dtype if matrix.dtype.kind in "fiub" else np.float32)
    size = int(np.prod(matrix.shape, dtype=np.float64)) * kind.itemsize
    if size > _LARGEST:
        raise BadcaseError(
            _("the sparse matrix is too large to be written out"),
            where=name,
            expected=_("at most {n} GiB").format(n=_LARGEST // 2**30),
            got=_("{n} GiB").format(n=size // 2**30),
            hint=_("Reduce it first, as with sklearn.decomposition.TruncatedSVD(256).fit_transform({name}).").format(name=name),
        )
    return np.asarray(matrix.toarray())


def class_texts(names: Sequence[Any]) -> list[str]:
    """Names of classes as texts; whole floats as integers, which is how they are shown."""
    return [str(int(one)) if isinstance(one, float) and one.is_integer() else str(one) for one in names]
