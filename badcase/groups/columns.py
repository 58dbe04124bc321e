"""Columns of a few values, one for each thing that is known of the items: what slices and clusters are told by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_MOST_VALUES = 50  # of a column, the most frequent; rarer ones are no slice that a person would act on
_MOST_NUMBERS = 12  # as many different numbers are values of their own; more are cut into five equal parts
_PARTS = 5


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """One thing known of every item: codes (n,) into `values`, -1 where it is not known or too rare."""

    name: str
    codes: NDArray[np.int64]
    values: tuple[str, ...]


def named(name: str, codes: NDArray[np.integer], values: Sequence[str]) -> ItemColumn:
    """A column from codes into names; only the most frequent values keep their code. Ties by code."""
    known = np.where((codes >= 0) & (codes < len(values)), codes, -1).astype(np.int64)
    sizes = np.bincount(known[known >= 0], minlength=len(values))
    kept = np.sort(np.argsort(-sizes, kind="stable")[:_MOST_VALUES])
    kept = kept[sizes[kept] > 0]
    place = np.full(len(values) + 1, -1, np.int64)  # the last place answers code -1
    place[kept] = np.arange(len(kept))
    return ItemColumn(name, place[known], tuple(values[code] for code in kept))


def numbers(name: str, values: NDArray[np.floating]) -> ItemColumn:
    """A column from numbers, NaN where not known: cut at quintiles where there are many different ones."""
    known = values[np.isfinite(values)].astype(np.float64)
    different = np.unique(known)
    codes = np.full(len(values), -1, np.int64)
    if len(different) <= _MOST_NUMBERS:
        codes[np.isfinite(values)] = np.searchsorted(different, known)
        return named(name, codes, [f"{value:g}" for value in different])
    edges = np.unique(np.quantile(known, np.arange(1, _PARTS) / _PARTS, method="lower"))
    codes[np.isfinite(values)] = np.searchsorted(edges, known, side="left")  # (before, edge]
    parts = [known[codes[np.isfinite(values)] == part] for part in range(len(edges) + 1)]
    return named(name, codes, [f"{part.min():.4g} to {part.max():.4g}" if len(part) else "" for part in parts])


def from_table(name: str, column: pa.ChunkedArray) -> ItemColumn | None:
    """A column of the source; None where it holds lists, records or bytes. Numbers written as texts are numbers."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_temporal(kind):
        column, kind = column.cast(pa.string()), pa.string()
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return numbers(name, column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64))
    if pa.types.is_boolean(kind):
        column, kind = column.cast(pa.string()), pa.string()
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return None
    coded = pc.dictionary_encode(column.combine_chunks())
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int64)
    words = ["" if word is None else str(word).strip() for word in coded.dictionary.to_pylist()]
    read = _read_numbers(words)
    if read is not None and len(words) > _MOST_NUMBERS:
        return numbers(name, np.append(read, np.nan)[codes])
    order = sorted(range(len(words)), key=lambda at: words[at])  # not by first appearance: the same for any order of rows
    rank = np.full(len(words) + 1, -1, np.int64)
    rank[order] = np.arange(len(words))
    rank[[at for at, word in enumerate(words) if not word]] = -1
    return named(name, rank[codes], [words[at] for at in order])


def _read_numbers(words: list[str]) -> NDArray[np.float64] | None:
    """The words as numbers, NaN where empty; None where one is no number."""
    try:
        return np.array([float(word) if word else np.nan for word in words])
    except ValueError:
        return None
