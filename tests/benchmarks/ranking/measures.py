"""What the table says of one ordering of the items, or of one set of flags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Scores = NDArray[np.floating]
Mask = NDArray[np.bool_]

FOUND = (0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Ordering:
    """How early the wrong labels come. Ties stand in the order of the items, but for `ap` and `auroc`."""

    auroc: float
    ap: float
    precision: float  # of as many as there are wrong labels
    reviews: tuple[int, ...]  # until 80, 90 and 95 % of the wrong labels are seen


def ordering(wrong: Mask, suspicion: Scores) -> Ordering:
    order = np.argsort(-suspicion, kind="stable")
    places = np.flatnonzero(wrong[order])
    total = len(places)
    return Ordering(
        float(roc_auc_score(wrong, suspicion)),
        float(average_precision_score(wrong, suspicion)),
        float(np.count_nonzero(places < total) / total),
        tuple(int(places[int(np.ceil(share * total)) - 1]) + 1 for share in FOUND),
    )


def f1(wrong: Mask, flagged: Mask) -> float:
    return float(2 * np.count_nonzero(wrong & flagged) / max(1, np.count_nonzero(wrong) + np.count_nonzero(flagged)))
