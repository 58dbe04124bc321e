"""What people use today, on the same probabilities: cleanlab's scores and filters, doubtlab's reasons, neighbours."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from doubtlab.reason import (
    CleanlabReason,
    LongConfidenceReason,
    MarginConfidenceReason,
    ProbaReason,
    ShannonEntropyReason,
    ShortConfidenceReason,
    WrongPredictionReason,
)
from numpy.typing import NDArray

from badcase.neighbours.search import nearest
from badcase.scorers.labels.neighbours import COUNT, neighbours
from tests.benchmarks.ranking.measures import Mask, Ordering, Scores, f1, ordering

T = TypeVar("T")
Labels = NDArray[np.int64]
Probs = NDArray[np.float32]

# Short name: method, whether the probabilities are adjusted by the class shares (the entropy cannot be).
SCORES = {
    "SC": ("self_confidence", False),
    "NM": ("normalized_margin", False),
    "CWE": ("confidence_weighted_entropy", False),
    "SC adj": ("self_confidence", True),
    "NM adj": ("normalized_margin", True),
}
FILTERS = (
    "prune_by_noise_rate",  # the default
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
)


@dataclass(frozen=True, slots=True)
class Rival:
    """One of today's orderings; `f1` and `count` are of what it flags, NaN where it flags nothing by itself."""

    name: str
    order: Ordering
    seconds: float
    f1: float = np.nan
    count: float = np.nan


def cleanlab_scores(labels: Labels, probs: Probs, wrong: Mask) -> list[Rival]:
    def quality(method: str, adjusted: bool) -> Scores:
        return 1 - get_label_quality_scores(labels, probs, method=method, adjust_pred_probs=adjusted)

    rivals = []
    for name, (method, adjusted) in SCORES.items():
        seconds, suspicion = timed(lambda method=method, adjusted=adjusted: quality(method, adjusted))
        rivals.append(Rival(name, ordering(wrong, suspicion), seconds))
    return rivals


def cleanlab_filters(labels: Labels, probs: Probs, wrong: Mask) -> dict[str, tuple[float, int]]:
    """F1 and count of what each filter flags."""
    flags = {name: find_label_issues(labels, probs, filter_by=name, n_jobs=1) for name in FILTERS}
    return {name: (f1(wrong, mask), int(mask.sum())) for name, mask in flags.items()}


def doubtlab(labels: Labels, probs: Probs, wrong: Mask) -> Rival:
    """The number of doubtlab's reasons, those of its reasons that look at probabilities; flagged: by any of them."""
    classes = np.arange(probs.shape[1])

    def reasons() -> Scores:
        return np.sum(
            [
                ProbaReason.from_proba(probs),
                ShannonEntropyReason.from_proba(probs),
                WrongPredictionReason.from_predict(probs.argmax(1), labels),
                LongConfidenceReason.from_proba(probs, labels, classes, 0.2),
                MarginConfidenceReason.from_proba(probs),
                ShortConfidenceReason.from_proba(probs, labels, classes),
                CleanlabReason.from_proba(probs, labels),
            ],
            axis=0,
            dtype=np.float64,
        )

    seconds, count = timed(reasons)
    flagged = count > 0
    return Rival("doubtlab", ordering(wrong, count), seconds, f1(wrong, flagged), float(flagged.sum()))


def by_neighbours(labels: Labels, features: NDArray[np.float32], wrong: Mask) -> Rival:
    """The share of the 30 nearest items with another label, weighted by similarity."""
    seconds, suspicion = timed(lambda: neighbours(labels, nearest(features - features.mean(0), COUNT)))
    return Rival("neighbours", ordering(wrong, suspicion), seconds)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of one call, and what it gave."""
    start = time.process_time()
    made = work()
    return time.process_time() - start, made
