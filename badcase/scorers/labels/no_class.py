"""No class: the items around are labelled as if by chance, as items of a class that the data set does not name would be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Probs, Suspicion
from badcase.i18n import _
from badcase.neighbours.search import Nearest
from badcase.scorers.evidence import Evidence
from badcase.scorers.labels.margin import doubted
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_NEIGHBOURS = 10
# Share of what the probabilities of the usual item say. On made sets from five sources it speaks of 0 to 3 of 3,000 items that
# have a class; of near-blanks under random labels it finds 67 to 90 of 90 (once none), of a left-out class 1 to 134 of 360.
_LIMIT = 0.16
_AROUND = 1.5  # times the limit, for the mean of the neighbours
_FEWEST_CLASSES = 4  # among fewer every border looks like this
_ROWS = 65_536
_TINY = 1e-9


def no_class(labels: Labels, probs: Probs, nearest: Nearest) -> Suspicion:
    """Suspicion that an item is of no class: the label is doubted, and of it and its like nothing is known but chance.

    By how far the probabilities are from the shares of the classes (Kullback-Leibler divergence), of the item and of its 10
    nearest, beside the usual item. A hard item lies between a few classes, one of no class under random labels between all.

    Args:
        labels: (n,) int64 class ids.
        probs: (n, k) out-of-sample, rows sum to 1.
        nearest: Indices and cosine similarity, (n, m) each.

    Returns:
        (n,) in [0, 1]; above 1/2 less is known than the limit; NaN where there are no neighbours or fewer than 4 classes.
    """
    n, k = probs.shape
    if k < _FEWEST_CLASSES:
        return np.full(n, np.nan)
    known = _known(probs, np.bincount(labels, minlength=k) / n)
    limit = _LIMIT * float(np.median(known))
    near = nearest.indices[:, :_NEIGHBOURS]
    there = near >= 0
    counts = there.sum(1)
    around = np.where(there, known[near], 0).sum(1) / np.maximum(counts, 1)
    most = np.maximum(known, around / _AROUND)
    speaks = np.where(doubted(labels, probs), limit / np.maximum(limit + most, _TINY), 0)
    return np.where(counts > 0, speaks, np.nan)


def _known(probs: Probs, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) how much the probabilities say beyond the shares (k,) of the classes, in nats."""
    known = np.empty(len(probs))
    expected = np.log(shares + _TINY)
    for start in range(0, len(probs), _ROWS):
        p = probs[start : start + _ROWS].astype(np.float64)
        known[start : start + _ROWS] = (p * (np.log(p + _TINY) - expected)).sum(1)
    return np.maximum(known, 0)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    text = _("Items like it are labelled as if by chance: may belong to none of the classes")
    return Reason("no_class", value, text, _("its like are labelled as if by chance"))


SCORER = Scorer(
    "no_class",
    lambda: _("No class known"),
    "barred",
    BadCase.OUTLIER,
    (Needs.PROBS, Needs.NEAREST),
    no_class,
    explain,
    always=True,
)
