"""Which items a model that was made elsewhere had trained on: by a column, by a file of keys, else by the training split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.arrays.class_columns import few
from badcase.importing.arrays.loaded_array import INDEX, LoadedArray
from badcase.importing.arrays.read_arrays import load_table
from badcase.importing.arrays.row_keys import join_by_key
from badcase.items.kinds import Split
from badcase.items.splits import split_named
from badcase.items.whole_files import require_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

Mask: TypeAlias = npt.NDArray[np.bool_]
TrainedOn: TypeAlias = str | Path | Sequence[str] | npt.NDArray[Any]
NONE, ALL = "none", "all"
_SAYS = ("trained_on", "trained", "in_train", "is_train", "train", "split")  # columns of a file of keys that say more
_WORDS = {
    "true": True,
    "yes": True,
    "y": True,
    "t": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "f": False,
    "0": False,
}


def trained_on_items(
    project: ProjectData, said: TrainedOn | None, loaded: LoadedArray, rows: npt.NDArray[np.int64]
) -> tuple[Mask, str]:
    """(n,) which items the model had trained on, and that in a sentence.

    Args:
        project: The project.
        said: "none", "all", a column of the predictions or of the data set, a file of keys, keys, or (n,) bool; None for
            the training split, which is what is taken of any model that was brought.
        loaded: The predictions.
        rows: (n,) the row of each item in them.
    """
    mask = _mask(project, said, loaded, rows)
    n = int(mask.sum())
    if said is None:
        words = plural(
            "The model is taken to have trained on the {n} item of the training split; --trained-on says otherwise.",
            "The model is taken to have trained on the {n} items of the training split; --trained-on says otherwise.",
            n,
        )
    else:
        words = plural("The model had trained on {n} item.", "The model had trained on {n} items.", n)
    return mask, words.format(n=grouped(n))


def _mask(project: ProjectData, said: TrainedOn | None, loaded: LoadedArray, rows: npt.NDArray[np.int64]) -> Mask:
    n = len(project.items)
    if said is None:
        return np.asarray(project.split == Split.TRAIN, np.bool_)
    if not isinstance(said, str | Path):
        return _of_values(project, said)
    name = str(said)
    column = _column(project, name, loaded, rows)
    if column is not None:
        return _truth(column, name)
    if name in (NONE, ALL):
        return np.full(n, name == ALL)
    if Path(said).expanduser().is_file():
        return _of_file(project, Path(said).expanduser())
    known = [one for one in dict.fromkeys([*project.items.metadata_names, *loaded.beside]) if one not in INDEX]
    raise BadcaseError(
        _("there is no such column and no such file"),
        where="--trained-on",
        expected=_("a column ({columns}), a file of keys, none or all").format(columns=few(known) or _("none there")),
        got=name,
    )


def _column(project: ProjectData, name: str, loaded: LoadedArray, rows: npt.NDArray[np.int64]) -> list[Any] | None:
    """(n,) a column of the predictions, or of the data set; None where neither has it."""
    if name in loaded.beside:
        cells = loaded.beside[name].to_pylist()
        return [cells[row] for row in rows]
    if name in (loaded.columns or ()):
        assert loaded.columns is not None and isinstance(loaded.values, np.ndarray)
        return [int(cell) if cell == int(cell) else cell for cell in loaded.values[rows, loaded.columns.index(name)].tolist()]
    if name in project.items.metadata_names:
        cells = project.items.metadata_column(name).to_pylist()
        return list(cells)
    if name == (project.source.columns.get("split") or "split"):
        return [Split(int(code)).name.lower() for code in project.split]
    return None


def _truth(cells: Sequence[Any], name: str) -> Mask:
    """Yes and no, 1 and 0, or the names of splits; an empty cell is no."""
    words = ["" if cell is None else str(cell).strip().lower().removesuffix(".0") for cell in cells]
    found = {word for word in words if word}
    if found and found <= _WORDS.keys():
        return np.array([_WORDS.get(word, False) for word in words], np.bool_)
    splits = {word: split_named(word) for word in found}
    if found and None not in splits.values():
        return np.array([bool(word) and splits[word] is Split.TRAIN for word in words], np.bool_)
    raise BadcaseError(
        _("this column does not say which items were trained on"),
        where=name,
        expected=_("true and false, 1 and 0, or names of splits such as train and test"),
        got=few(sorted(found)),
        hint=_("Name a column that does, or a file with the keys of the items that were trained on."),
    )


def _of_values(project: ProjectData, values: Sequence[str] | npt.NDArray[Any]) -> Mask:
    array = np.asarray(values)
    if array.dtype == np.bool_:
        if array.shape != (len(project.items),):
            raise BadcaseError(_("wrong length"), where="trained_on", expected=len(project.items), got=len(array))
        return array
    return _of_keys(
        project, {"key": pa.chunked_array([[str(one) for one in array.reshape(-1).tolist()]], pa.string())}, "trained_on"
    )


def _of_file(project: ProjectData, path: Path) -> Mask:
    require_whole(path)
    if path.suffix.lower() == ".npy":
        return _of_values(project, np.load(path, allow_pickle=False))
    if path.suffix.lower() not in (".csv", ".tsv", ".parquet", ".feather", ".arrow", ".jsonl", ".ndjson", ".json"):
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
        return _of_keys(project, {"key": pa.chunked_array([[line for line in lines if line]], pa.string())}, str(path))
    table = load_table(path)
    return _of_keys(project, {name: table[name] for name in table.column_names}, str(path))


def _of_keys(project: ProjectData, columns: dict[str, pa.ChunkedArray], where: str) -> Mask:
    join = join_by_key(columns, {"": list(project.items.keys)})
    if join is None:
        raise BadcaseError(
            _("none of its keys is one of the project"),
            where=where,
            expected=few([project.items.key(i) for i in range(min(3, len(project.items)))]),
            got=few([str(cell) for cell in next(iter(columns.values()))[:3].to_pylist()]) if columns else _("nothing"),
        )
    here = join.rows >= 0
    says = [name for name in columns if name.lower() in _SAYS and name != join.column]
    if says:
        cells = columns[says[0]].to_pylist()
        here &= _truth([cells[row] if row >= 0 else False for row in join.rows], says[0])
    return np.asarray(here, np.bool_)
