"""Rank label arrays from files: no project, no model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.language import _
from badcase.ranking import Ranking, rank

# In an .npz or a table with several arrays, the one for each argument by its usual name.
_NAMES = {
    "labels": ("labels", "label", "y", "given", "target"),
    "probs": ("probs", "pred_probs", "probabilities", "p"),
    "features": ("features", "embeddings", "x", "X"),
}


def audit(labels: str | Path, probs: str | Path, features: str | Path | None = None) -> Ranking:
    """Rank the labels in one file by the out-of-sample probabilities in another, as `rank` does.

    .npy; .npz (its only array, or the one named labels, probs or features); .csv and .parquet (all columns are numbers;
    of a labels file with several columns the one named label). Class names instead of numbers are welcome where the
    probabilities' columns carry the same names. BadcaseError names the file.
    """
    y, p, x, names = load_arrays(labels, probs, features)
    return rank(y, p, features=x, class_names=names)


def load_arrays(
    labels: str | Path, probs: str | Path, features: str | Path | None = None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None, list[str] | None]:
    """Labels, probabilities, features and, where the probabilities' columns name them all, the class names."""
    matrix, columns = _load(Path(probs), "probs")
    given, _columns = _load(Path(labels), "labels")
    vectors = None if features is None else _load(Path(features), "features")[0]
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    names = columns if columns and not all(name.isdigit() for name in columns) else None
    if given.dtype.kind in "UO":
        given = _numbered(given, columns, Path(labels))
    return given, matrix, vectors, names


def _load(path: Path, what: str) -> tuple[NDArray[Any], list[str] | None]:
    try:
        match path.suffix.lower():
            case ".npy":
                return np.load(path, mmap_mode="r", allow_pickle=False), None
            case ".npz":
                with np.load(path, allow_pickle=False) as arrays:
                    return arrays[_choose(list(arrays), what, path)], None
            case ".csv":
                return _from_table(pyarrow.csv.read_csv(path), what, path)
            case ".parquet":
                return _from_table(pyarrow.parquet.read_table(path), what, path)
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, BadcaseError):
            raise
        raise BadcaseError(_("cannot be read"), where=str(path), got=error) from error
    kinds = ".npy, .npz, .csv, .parquet"
    raise BadcaseError(_("unknown kind of file"), where=str(path), expected=kinds, got=path.suffix or path.name)


def _choose(names: list[str], what: str, path: Path) -> str:
    known = [name for name in _NAMES[what] if name in names]
    if len(names) == 1 or known:
        return known[0] if known else names[0]
    raise BadcaseError(
        _("several arrays, and none is called {name}").format(name=what), where=str(path),
        expected=", ".join(_NAMES[what]), got=", ".join(names),
    )  # fmt: skip


def _from_table(table: pa.Table, what: str, path: Path) -> tuple[NDArray[Any], list[str]]:
    if what == "labels":
        name = _choose(table.column_names, what, path)
        return table.column(name).to_numpy(), [name]
    if table.num_columns == 1 and pa.types.is_list(table.schema.field(0).type):
        return np.array(table.column(0).to_pylist()), []
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            what = _("column {name} is not made of numbers").format(name=name)
            raise BadcaseError(what, where=str(path), expected=_("numbers"), got=kind)
    return np.column_stack([column.to_numpy() for column in table.columns]), list(table.column_names)


def _numbered(given: NDArray[Any], columns: list[str] | None, path: Path) -> NDArray[np.int64]:
    places = {name: number for number, name in enumerate(columns or [])}
    for row, name in enumerate(given.tolist()):
        if name not in places:
            raise BadcaseError(
                _("a label that is no column of the probabilities"),
                where=_("{path}, row {row}").format(path=path, row=row),
                expected=", ".join(places) or _("whole numbers"),
                got=name,
            )
    return np.array([places[name] for name in given.tolist()], np.int64)
