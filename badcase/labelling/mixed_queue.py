"""One budget for labels and relabels: whichever is expected to make more of the items known rightly comes next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.labelling.reach import Reach

# What mending a wrong label is worth beside giving a new one: it takes away as much as it adds.
_MENDED = 2.0
_ROWS = 512


def relabel_gains(
    reach: Reach, labelled: NDArray[np.int64], items: NDArray[np.int64], chance: NDArray[np.floating]
) -> NDArray[np.float32]:
    """What a second look at the labels of some items is worth, in the unit of `ToLabel.gain`.

    Whatever is near labels is known by all of them, each by its share; a wrong one spoils its share.

    Args:
        reach: How far labels reach.
        labelled: All items with a label.
        items: (q,) those of them that are asked for.
        chance: (q,) that the label of each is wrong.
    """
    total = np.zeros(len(reach.marks), np.float32)
    for start in range(0, len(labelled), _ROWS):
        total += reach.rows(labelled[start : start + _ROWS]).sum(0)
    rows = reach.rows(items)
    spoiled = (rows * rows / np.maximum(total, np.finfo(np.float32).tiny)).mean(1)
    return np.asarray(_MENDED * chance * spoiled, np.float32)
