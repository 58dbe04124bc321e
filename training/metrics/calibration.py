"""The temperature under which the confidence of a model is as often right as it says. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from badcase.training.metrics.single_label import Floats, log_softmax

_LOW, _HIGH = 0.05, 20.0
_HALVINGS = 40


def fitted_temperature(logits: npt.ArrayLike, labels: npt.NDArray[np.integer]) -> float:
    """The temperature with the least loss over logits (n, k) and labels (n,) of items that nobody learnt from.

    1 where there are none; bounded, where all or none are right. Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599
    """
    values = np.asarray(logits, np.float64)
    if not len(values):
        return 1.0
    own = values[np.arange(len(values)), labels]

    def too_sure(inverse: float) -> bool:
        """The loss is convex in 1 / temperature, and this is the sign of its slope."""
        expected: Floats = (np.exp(log_softmax(inverse * values)) * values).sum(1)
        return bool((expected - own).mean() > 0)

    low, high = 1 / _HIGH, 1 / _LOW
    for _halving in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if too_sure(middle) else (middle, high)
    return float(1 / np.sqrt(low * high))
