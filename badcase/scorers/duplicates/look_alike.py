"""Look-alikes: two items that features can hardly tell apart."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.neighbours.search import Nearest
from badcase.scorers.duplicates.sets import labels_now
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_NEIGHBOURS = 10
# The distance of the two against the usual distance around either of them, and against that of nearest items anywhere.
# On news, bank questions and Chinese titles the pairs within both bounds are one text but for a word; of 10,000
# photographs none is.
_LOCAL, _ANYWHERE = 0.1, 0.2
_TINY = 1e-6  # a cosine distance that is rounding


def look_alike(labels: Labels, nearest: Nearest) -> Suspicion:
    """Suspicion that an item is nearly the same as another: how much nearer its nearest item is than is usual.

    Both ways: it must be unusually near for either of the two, so that a dense region is no heap of duplicates.
    Source: local scaling as in the local outlier factor, Breunig et al. 2000, https://doi.org/10.1145/335191.335388

    Args:
        labels: (n,) class ids.
        nearest: Indices and cosine similarity, (n, m) each.

    Returns:
        (n,) in [0, 1]; above 1/2 the distance is under a tenth of the median distance to the 10 nearest of each, and under a
        fifth of the median of the set; NaN without neighbours.
    """
    if nearest.indices.shape[1] == 0:
        return np.full(len(labels), np.nan)
    there = nearest.indices[:, :_NEIGHBOURS] >= 0
    distance = np.where(there, np.maximum(1 - nearest.similarity[:, :_NEIGHBOURS], 0), np.nan)
    first, alone = distance[:, 0], ~there[:, 0]
    if alone.all():
        return np.full(len(labels), np.nan)
    around = distance[np.arange(len(labels)), there.sum(1) // 2 - alone]  # the median of those there are
    other = np.where(alone, 0, nearest.indices[:, 0])
    local = np.fmin(around, around[other])
    anywhere = np.nanmedian(first)
    ratio = np.maximum(first / np.maximum(local, _TINY) / _LOCAL, first / max(float(anywhere), _TINY) / _ANYWHERE)
    return np.where(alone, np.nan, 1 / (1 + ratio))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.near_items is not None
    other = int(evidence.near_items[item, 0])
    words = {"other": names.item(other), "label": names.label(int(labels_now(evidence)[other]))}
    text = _("Nearly the same as {other}, labelled {label}")
    return Reason("look_alike", value, text.format(**words), _("as {other}").format(**words))


SCORER = Scorer(
    "look_alike",
    lambda: _("Nearly the same"),
    "sheets",
    BadCase.DUPLICATE,
    (Needs.NEAREST,),
    look_alike,
    explain,
    unless=("copy", "twin", "conflict"),
    always=True,
)
