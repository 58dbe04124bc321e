"""The prior of the number of items with a wrong label, before anybody has looked: a distribution with a wide spread."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from badcase.multilabel_matrix import LabelMatrix
from badcase.probabilities.error_count import CountBelief

# Errors for each unit of summed suspicion, a logarithm's middle and spread: on the 28 noisy sets of the multi-label
# benchmark the median was 1.15 with features, and all lay between .6 and 1.8.
_MIDDLE, _SPREAD = 1.15, 0.3
# Belief that there are fewer, hard items looking like wrong ones, down to none; and that there are more, up to a little
# above the number of items that the model contradicts. On data with clear classes they are all of these.
_FEWER, _MORE, _ABOVE = 0.2, 0.3, 1.2
_POINTS = 60
_SHARPNESS = 1.5  # log odds of p(wrong) for one standard deviation of those of suspicion; chosen with the rest


def believed_items(suspicion: NDArray[np.floating], labels: LabelMatrix, probs: NDArray[np.floating]) -> CountBelief:
    """Estimate the number of items with a wrong label, as a distribution.

    Args:
        suspicion: (n,) of a `MultilabelRanking`, nearly a probability where the model is no better than it says.
        labels: (n, k) the label matrix.
        probs: (n, k) out-of-sample.
    """
    # The number is in proportion to the summed suspicion, log-normal; some points lie below, down to none, and some above, up
    # to the items in which the model answers some label otherwise.
    summed = float(suspicion.sum(dtype=np.float64))
    contradicted = int(np.logical_or.reduce((probs > 0.5) != labels, axis=1).sum())
    below, above = round(_FEWER * _POINTS), round(_MORE * _POINTS)
    normal = np.array([NormalDist().inv_cdf(place) for place in _places(_POINTS - below - above)])
    low, high = _MIDDLE * summed, max(_ABOVE * contradicted, _MIDDLE * np.exp(_SPREAD) * summed)
    points = np.concatenate([low * _places(below), low * np.exp(_SPREAD * normal), low + (high - low) * _places(above)])
    most = 0.98 * len(suspicion)
    return CountBelief(np.clip(np.sort(points), 0, most), min(low, most), _SHARPNESS)


def _places(count: int) -> NDArray[np.float64]:
    """Evenly spread over (0, 1)."""
    return (np.arange(count) + 0.5) / count
