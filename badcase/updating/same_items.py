"""Which item each row of a data set is that is read again: by its key, its content and its label."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Values = tuple[Sequence[Any], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What tells items or rows: key, fingerprint and label (class id, -1 of none) of each."""

    keys: Sequence[str]
    prints: Sequence[str]
    labels: Sequence[int]

    def by(self, names: str) -> Values:
        """Those of k, p and l that are named."""
        values = {"k": self.keys, "p": self.prints, "l": self.labels}
        return tuple(values[name] for name in names)


# Where a key is but the number of a row, another row has it as soon as one is put before it: content and label tell more then.
_BY_KEY, _BY_NUMBER = ("kp", "pl", "p"), ("kpl", "pl", "kp", "p")


def same_items(items: Told, order: Sequence[int], rows: Told, *, numbered: bool) -> Ids:
    """The item of each row, -1 of one that is new; no item is that of two rows.

    Args:
        items: All items.
        order: Their ids; those before others are taken first where several are alike.
        rows: The m rows.
        numbered: Whether a key is the number of a row.

    Returns:
        (m,) item ids.
    """
    found = np.full(len(rows.keys), -1, np.int64)
    taken: set[int] = set()
    for names in _BY_NUMBER if numbered else _BY_KEY:
        waiting: dict[tuple[Any, ...], deque[int]] = defaultdict(deque)
        one = items.by(names)
        for i in order:
            if i not in taken:
                waiting[tuple(values[i] for values in one)].append(i)
        for at, value in enumerate(zip(*rows.by(names), strict=True)):
            if found[at] < 0 and (alike := waiting.get(value)):
                found[at] = alike.popleft()
                taken.add(int(found[at]))
    return found


def out_of_order(values: Ids) -> npt.NDArray[np.bool_]:
    """(n,) which of these numbers, all different, have moved: all but the most that ascend."""
    ends: list[int] = []  # the least number that an ascending row of each length can end with
    lengths = []
    for value in values.tolist():
        place = bisect_left(ends, value)
        ends[place : place + 1] = [value]
        lengths.append(place)
    moved, wanted = np.ones(len(values), np.bool_), len(ends) - 1
    for at in range(len(values) - 1, -1, -1):
        if lengths[at] == wanted:
            moved[at], wanted = False, wanted - 1
    return moved
