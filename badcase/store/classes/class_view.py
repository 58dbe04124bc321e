"""What the program works with: the classes that are there, numbered from 0 in their order, and the way to the stored ids."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.class_names import ClassNames
from badcase.items.label_sets import set_matrix, set_name
from badcase.store.classes.class_state import ClassState
from badcase.store.verdicts import ItemLabels


class ClassView:
    """The classes at one state of the journal.

    In a multi-label project the state is that of the labels, and a class is a set of them.

    Attributes:
        state: The classes, or labels, by their stored ids.
        label_names: What a model answers with.
        classes: The names by id, contiguous.
        stored: (k,) the stored class of each class, in which a verdict is written.
        is_plain: Whether every id is the stored one.
    """

    def __init__(self, state: ClassState, sets: Sequence[str] | None, stored_names: Sequence[str]) -> None:
        """The view of a state.

        Args:
            state: The classes, or the labels of which sets are made.
            sets: The stored label sets of a multi-label project; else None.
            stored_names: What every class, or label, that the project has or had is called where it is stored.
        """
        self.state, self.label_names = state, ClassNames(state.names)
        if sets is None:
            self.classes, self.stored = self.label_names, np.array(state.order, np.int32)
            places = np.full(len(stored_names), -1, np.int32)
            places[: len(state.places)] = state.places
        else:
            places, names, self.stored = _of_sets(state, sets, stored_names)
            self.classes = ClassNames(names)
        self._places = np.append(places, np.int32(-1))  # so that -1, which is no class, stays that
        self.is_plain = np.array_equal(places, np.arange(len(self.classes)))

    def told(self, stored: npt.NDArray[Any]) -> ItemLabels:
        """Class ids for stored ones; -1 for none, and for one whose class is gone."""
        return stored if self.is_plain else self._places[stored]

    def stored_of(self, labels: npt.NDArray[Any]) -> ItemLabels:
        """Stored ids for class ids; -1 for -1."""
        return labels if self.is_plain else np.append(self.stored, np.int32(-1))[labels]

    def told_one(self, stored: int) -> int:
        return int(self._places[stored])

    @cached_property
    def mark(self) -> str:
        """Tells arrays of class ids that were made under these classes from those of others; "" under those of the import."""
        base = self.is_plain and self.state.order == tuple(range(len(self.state.order)))
        return "" if base else "-".join(map(str, self.state.order)) + "/" + "-".join(map(str, self.state.places))


def _of_sets(
    state: ClassState, sets: Sequence[str], stored_names: Sequence[str]
) -> tuple[npt.NDArray[np.int32], tuple[str, ...], npt.NDArray[np.int32]]:
    """Places, names and stored ids of the classes that sets of stored labels are under the labels of a state."""
    if state.names == tuple(stored_names) and state.places == tuple(range(len(stored_names))):
        return np.arange(len(sets), dtype=np.int32), tuple(sets), np.arange(len(sets), dtype=np.int32)
    matrix = set_matrix(stored_names, sets)
    now = np.zeros((len(matrix), len(state.order)), np.bool_)
    for label, place in enumerate(state.places):
        if place >= 0:
            now[:, place] |= matrix[:, label]
    _rows, first, inverse = np.unique(now, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # the first stored one of each, as they came
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    names = np.array(state.names, object)
    told = tuple(set_name(names[now[i]]) for i in first[order])
    return rank[inverse.reshape(-1)].astype(np.int32), told, first[order].astype(np.int32)
