"""Duplicate sets: items that look or read the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels
from badcase.items.kinds import UNLABELLED


@dataclass(frozen=True, slots=True)
class DuplicateSet:
    """Items that are twins of each other, by id; in conflict when they carry different labels; a leak across splits."""

    items: tuple[int, ...]
    conflict: bool
    leak: bool


def duplicate_sets(
    twins: NDArray[np.int64], labels: Labels, *, split: NDArray[np.int8] | None = None, excluded: NDArray[np.bool_] | None = None
) -> list[DuplicateSet]:
    """The sets of two or more, conflicts first, then by their first item.

    Args:
        twins: (n,) items with the same number are duplicates, exact or near.
        labels: (n,) class ids that hold, -1 where there is none.
        split: (n,) tells leaks.
        excluded: (n,) items that are out of the data: these are nobody's duplicates.
    """
    if excluded is not None and excluded.any():
        part = np.flatnonzero(~excluded)
        made = duplicate_sets(twins[part], labels[part], split=None if split is None else split[part])
        return [replace(one, items=tuple(part[list(one.items)].tolist())) for one in made]
    codes = np.unique(twins, return_inverse=True)[1].reshape(-1)
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    found = []
    for code in np.flatnonzero(np.diff(starts) > 1):
        items = order[starts[code] : starts[code + 1]]
        said = items[labels[items] != UNLABELLED]  # what has no label contradicts nothing, and nothing learns from it
        conflict = bool((labels[said] != labels[said[:1]]).any())
        leak = split is not None and bool((split[said] != split[said[:1]]).any())
        found.append(DuplicateSet(tuple(items.tolist()), conflict, leak))
    return sorted(found, key=lambda one: (not one.conflict, one.items[0]))
