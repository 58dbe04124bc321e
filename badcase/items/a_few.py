"""A few items of every class: enough to see whether a model fits the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

LEAST, EACH, MOST = 48, 3, 192


def a_few_of_each(labels: npt.NDArray[Any], k: int) -> npt.NDArray[np.int64]:
    """Ids of items of every class in turn, spread over the data: 48, or 3 a class up to 192.

    Args:
        labels: (n,) class ids; where all are -1, the items are spread over the data alone.
        k: How many classes there are.
    """
    wanted = min(len(labels), max(LEAST, min(EACH * k, MOST)))
    if (labels < 0).all():
        return np.unique(np.linspace(0, len(labels) - 1, wanted).astype(np.int64))
    each = -(-wanted // k)
    of_class = [np.flatnonzero(labels == label) for label in range(k)]
    turns = [rows[np.linspace(0, len(rows) - 1, min(each, len(rows))).astype(int)] for rows in of_class if len(rows)]
    queue = [int(rows[turn]) for turn in range(each) for rows in turns if turn < len(rows)]
    return np.array(sorted(queue[:wanted]), np.int64)
