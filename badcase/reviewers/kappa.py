"""Agreement of reviewers on the items that they have both judged, beyond what chance would make them agree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Answers = NDArray[np.int64]  # (n, m): the class that reviewer j gave item i, -1 = none


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two reviewers and what they both judged.

    Attributes:
        first: The column of one.
        second: The column of the other.
        items: How many items both judged.
        alike: The share that they answered alike.
        kappa: Cohen's. 1 = always alike, 0 = as often as chance; NaN where chance alone explains all, as when both gave one
            class.
    """

    first: int
    second: int
    items: int
    alike: float
    kappa: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree.

    Attributes:
        items: How many two or more have judged.
        alpha: Krippendorff's, over all reviewers: 1 = always alike, 0 = as often as chance; NaN as kappa.
        pairs: Every two reviewers who share an item.
    """

    items: int
    alpha: float
    pairs: tuple[PairAgreement, ...]


def agreement(answers: Answers) -> Agreement:
    """The agreement of every two reviewers who share an item, and of all together.

    Sources: Cohen 1960, https://doi.org/10.1177/001316446002000104; Krippendorff, Content Analysis, chapter on
    reliability: alpha for named classes, which allows that not everybody has judged everything.

    Args:
        answers: (n, m) int64: the class that reviewer j gave item i, -1 = not judged.
    """
    judged = answers >= 0
    count = judged.sum(1)
    pairs = []
    differ = np.zeros(len(answers))
    for first, second in combinations(range(answers.shape[1]), 2):
        both = np.flatnonzero(judged[:, first] & judged[:, second])
        if len(both):
            one, other = answers[both, first], answers[both, second]
            differ[both] += one != other
            pairs.append(PairAgreement(first, second, len(both), float((one == other).mean()), kappa(one, other)))
    shared = count > 1
    return Agreement(int(shared.sum()), _alpha(answers[shared], differ[shared], count[shared]), tuple(pairs))


def kappa(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Cohen's kappa of two lists of answers to the same items; NaN where chance explains all, or there are none."""
    k = int(max(one.max(initial=0), other.max(initial=0))) + 1
    n = max(len(one), 1)
    chance = float((np.bincount(one, minlength=k) / n) @ (np.bincount(other, minlength=k) / n))
    return float((np.mean(one == other) - chance) / (1 - chance)) if len(one) and chance < 1 else float("nan")


def _alpha(answers: Answers, differ: NDArray[np.float64], count: NDArray[np.integer]) -> float:
    sizes = np.bincount(answers[answers >= 0]).astype(np.float64)
    n = sizes.sum()
    expected = (n**2 - (sizes**2).sum()) / max(n - 1, 1)
    return float(1 - (2 * differ / (count - 1)).sum() / expected) if expected > 0 else float("nan")
