"""Arrays by whatever a person has them in: a file, a data frame, an array, a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
from numpy.typing import ArrayLike

from badcase.importing.arrays.loaded_array import LoadedArray
from badcase.importing.arrays.read_arrays import array_of_arrow, load_array
from badcase.plain_arrays import collected, plain_values

ArraySource: TypeAlias = str | Path | ArrayLike


def load_source(source: ArraySource, what: str, keys: Sequence[Any] | None = None) -> LoadedArray:
    """The array of a file or of what is in memory, with what stands beside it.

    Args:
        source: A path; a data frame of pandas or polars, whose index may be the keys; an array or a list; a mapping from
            keys to rows.
        what: "labels", "probs" or "features".
        keys: (m,) of its rows, where it does not have them itself.
    """
    if isinstance(source, str | Path):
        loaded = load_array(Path(source).expanduser(), what)
    elif isinstance(source, Mapping):
        loaded, keys = LoadedArray(plain_values(what, list(source.values()))), list(source)
    elif (table := as_table(source)) is not None:
        loaded = array_of_arrow(table, what, what)
    else:
        loaded = LoadedArray(plain_values(what, source))
    if keys is None:
        return loaded
    return LoadedArray(loaded.values, loaded.columns, {"key": pa.chunked_array([[str(key) for key in keys]], pa.string())})


def source_name(source: ArraySource, what: str) -> str:
    """What messages call it: its path, or the argument."""
    return str(source) if isinstance(source, str | Path) else what


def as_table(source: Any) -> pa.Table | None:
    """A data frame as an Arrow table, its index beside its columns; None where it is none."""
    if isinstance(source, pa.Table):
        return source
    source = collected(source)
    if not hasattr(source, "columns") or len(getattr(source, "shape", ())) != 2:
        return None
    if hasattr(source, "to_arrow"):
        arrow: pa.Table = source.to_arrow()
        return arrow
    named = source.rename(columns=str)
    try:
        made = pa.Table.from_pandas(named, preserve_index=True)
    except pa.ArrowException:  # objects of several types, which as texts are refused by the column's name
        texts = {name: named[name].astype(str) for name in named.columns if named[name].dtype == object}
        made = pa.Table.from_pandas(named.assign(**texts), preserve_index=True)
    return made.replace_schema_metadata()
