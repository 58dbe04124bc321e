"""Outlier: an item that is not like anything else, perhaps of no class at all."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Labels, Probs, Suspicion
from badcase.i18n import _
from badcase.neighbours.search import Nearest
from badcase.scorers.evidence import Evidence
from badcase.scorers.labels.margin import doubted
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.robust import beyond, deviations
from badcase.scorers.scorer import BadCase, Needs, Scorer

_NEIGHBOURS = 10
_FEWEST = 20  # items; among fewer nobody can say what is usual
# Standard deviations beyond which an item lies outside. On five clean sets at most 1 in 300 does; of 20 news texts
# among 13,000 questions to a bank all do.
_LIMIT = 4.0
# Where the label is doubted besides, less is enough: of 60 items of other corpora among 3,000 it finds 16 to 58 and not 0 to 33,
# and on sets of one corpus it speaks of at most 1 in 200.
_DOUBTED_LIMIT = 3.0
_LEAST_SIMILARITY = 1e-3
# So that at the limit an item has a third less in common with the nearest than is usual, however alike all are.
_LEAST_DEVIATION = np.log(1.5) / _LIMIT


def outlier(labels: Labels, nearest: Nearest, probs: Probs) -> Suspicion:
    """Suspicion that an item is of no class: how unusually little it has in common with its 10 nearest items.

    From the logarithm of the mean similarity, which falls without bound where an item has no more in common with the nearest
    ones than with any.
    Source: average distance to the nearest neighbours, Kuan & Mueller 2022, https://arxiv.org/abs/2207.03061

    Args:
        labels: (n,) int64 class ids.
        nearest: Indices and cosine similarity, (n, m) each.
        probs: (n, k) out-of-sample, rows sum to 1.

    Returns:
        (n,) in [0, 1]; above 1/2 it lies 4 standard deviations below what is usual in the set, or 3 where the label is doubted;
        NaN without neighbours or among fewer than 20 items.
    """
    near, similarity = nearest.indices[:, :_NEIGHBOURS], nearest.similarity[:, :_NEIGHBOURS]
    there = near >= 0
    counts = there.sum(1)
    mean = np.where(there, similarity, 0).sum(1, dtype=np.float64) / np.maximum(counts, 1)
    unlike = np.where(counts > 0, -np.log(np.maximum(mean, _LEAST_SIMILARITY)), np.nan)
    if np.count_nonzero(counts) < _FEWEST:
        return np.full(len(labels), np.nan)
    limits = np.where(doubted(labels, probs), _DOUBTED_LIMIT, _LIMIT)
    return beyond(deviations(unlike, _LEAST_DEVIATION), limits)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    return Reason("outlier", value, _("Unlike all other items: may belong to none of the classes"), _("unlike all others"))


SCORER = Scorer(
    "outlier", lambda: _("Outlier"), "apart", BadCase.OUTLIER, (Needs.NEAREST, Needs.PROBS), outlier, explain, always=True
)
