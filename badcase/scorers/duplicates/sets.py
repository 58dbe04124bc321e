"""Sets of duplicates as numbers counted from 0: items with the same number belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Groups, Labels
from badcase.scorers.evidence import Evidence


def sizes(sets: Groups) -> NDArray[np.int64]:
    """(n,) how many items the set of each has, itself with them; 0 where the number is negative."""
    known = sets >= 0
    return np.where(known, np.bincount(sets[known], minlength=1)[np.where(known, sets, 0)], 0)


def differs(sets: Groups, values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(n,) whether some item of the same set has another value; False where the number is negative."""
    known = sets >= 0
    codes = np.where(known, sets, 0)
    one = np.zeros(int(codes.max()) + 1, values.dtype)
    one[sets[known]] = values[known]
    unlike = np.bincount(codes, weights=known & (values != one[codes])) > 0
    return known & unlike[codes]


def others(evidence: Evidence, sets: Groups, item: int) -> NDArray[np.int64]:
    """Ids of the other items of an item's set, without those that are excluded since the ranking."""
    members = np.flatnonzero(sets == sets[item])
    if evidence.standing is not None:
        members = members[~evidence.standing.out[members]]
    return members[members != item]


def labels_now(evidence: Evidence) -> Labels:
    """(n,) the labels that hold: of a project those of today, else those that were ranked."""
    return evidence.labels if evidence.standing is None else evidence.standing.labels
