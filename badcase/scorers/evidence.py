"""Evidence: what is known of the items beside their labels, the one thing that scorers and their sentences look at."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Groups, Labels, Probs
from badcase.neighbours.search import Nearest

if TYPE_CHECKING:
    from badcase.scorers.duplicates.standing import Standing

# Neighbours are counted in tens for people: "9 of 10".
NEIGHBOURS_SHOWN = 10
_PASSING = {"nearest", "standing"}  # not among the arrays that are kept
_ABSENT = {"i": -1, "u": 0, "f": np.nan, "V": np.nan}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row an item in every array; None where nothing is known of its kind."""

    labels: Labels
    probs: Probs | None = None  # (n, k) out-of-sample probabilities
    nearest: Nearest | None = None  # (n, m) by features; only while scores are made
    near_items: NDArray[np.int32] | None = None  # (n, 10) the first of them, -1 = none
    answers: NDArray[np.int32] | None = None  # (n,) the class that the user's own model prefers
    copies: Groups | None = None  # (n,) items with the same number have the same content
    twins: Groups | None = None  # (n,) the same of exact or near duplicates
    split: NDArray[np.int8] | None = None  # (n,)
    images: NDArray[np.void] | None = None  # (n,) a record of measures, see `measures.images`
    texts: NDArray[np.void] | None = None  # (n,) likewise
    margins: NDArray[np.float16] | None = None  # (n, epochs) logit of the label minus the best other, in each epoch
    standing: Standing | None = None  # what has become of the labels since, in a project; never kept

    def kept(self) -> dict[str, NDArray[Any]]:
        """The arrays that sentences are made from, by name."""
        held = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _PASSING}
        return {name: array for name, array in held.items() if array is not None}

    def over(self, items: NDArray[np.int64], labels: Labels) -> Evidence:
        """The same with row j at items[j] of as many rows as there are labels; nothing is known of the others."""
        wide: dict[str, Any] = {name: spread(array, items, len(labels)) for name, array in self.kept().items()}
        if self.near_items is not None:
            there = self.near_items >= 0
            wide["near_items"][items] = np.where(there, items[self.near_items], -1)
        return Evidence(**(wide | {"labels": labels}))


def spread(values: NDArray[Any], items: NDArray[np.int64], n: int) -> NDArray[Any]:
    """(n, ...) with row j at items[j], elsewhere what stands for nothing: NaN, -1 or False."""
    out = np.full((n, *values.shape[1:]), _ABSENT.get(values.dtype.kind, 0), values.dtype)
    out[items] = values
    return out
