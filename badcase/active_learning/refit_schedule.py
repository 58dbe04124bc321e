"""The refit schedule: when the classifiers learn the verdicts anew, for a queue of arrays and for the window alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.probabilities.out_of_sample import FOLDS

# A refit of the classifiers begins after a twentieth of the items, within these bounds, then whenever the verdicts have
# grown by a quarter, but by no less than half of the first ones: .7 % fewer reviews to 80 % of the errors than where
# they have grown by half, on four sets.
_SHARE_FIRST, _FIRST, _LATER = 20, (50, 300), 1.25


def refit_at(items: int, learnt: int) -> int:
    """How many verdicts call for the next refit.

    Args:
        items: How many items the ranking has.
        learnt: How many verdicts the last refit learnt; 0 where there was none.
    """
    first = int(np.clip(items // _SHARE_FIRST, *_FIRST))
    return max(first, int(learnt * _LATER), learnt + first // 2 if learnt else 0)


def enough_left(labels: NDArray[np.integer]) -> bool:
    """Whether the classifiers can learn from the labels (m,) that take part: as many as they have folds, of two classes."""
    return len(labels) >= FOLDS and bool((labels != labels[0]).any())
