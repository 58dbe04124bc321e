"""One budget for labels and relabels: whichever is expected to teach the model more comes next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.labelling.label_queue import LabelQueue

# What the queue chooses teaches as much as half as many again at random: three in ten labels are saved.
_CHOSEN = 1.5
_UNMEASURED = 2.0  # right labels that one put right teaches as much as, where too few labels tell: about the least of seven sets


def relabel_gains(queue: LabelQueue, chance: NDArray[np.floating], errors: float) -> NDArray[np.float32]:
    """What a second look at the labels of some items is worth, in the unit of `ToLabel.gain`.

    A label that is put right teaches as much as so many right ones more, see `Teaching`, and the label that comes next as
    much as one that the queue chose.

    Args:
        queue: The items to label, and what it measured of the labels.
        chance: (q,) that the label of each is wrong.
        errors: How many of all labels are expected to be wrong.
    """
    wrong = errors / max(1, int(np.count_nonzero(queue.labels >= 0)))
    worth = _UNMEASURED if queue.teaching is None else queue.teaching.worth_of_mending(wrong)
    return np.asarray(worth / _CHOSEN * queue.most_gain * chance, np.float32)
