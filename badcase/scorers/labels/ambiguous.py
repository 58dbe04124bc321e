"""Ambiguous: two classes fit about equally well, and the given label is one of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.labels.margin import best_other
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

# Both classes have a belief of .35 or more.
_SPEAKS = 0.7


def ambiguous(labels: Labels, probs: NDArray[np.floating]) -> Suspicion:
    """Suspicion that an item may be called two things: twice the smaller probability, of its label or of the best other class.

    No sign of a wrong label: the most ambiguous items are those that no re-labelling settles.
    Source: margin sampling, Scheffer et al. 2001, https://doi.org/10.1007/3-540-44816-0_31

    Args:
        labels: (n,) int64 class ids in [0, k).
        probs: (n, k) out-of-sample, rows sum to 1.

    Returns:
        (n,) in [0, 1]; 1 where both have one half.
    """
    return np.clip(2 * np.minimum(probs[np.arange(len(labels)), labels], best_other(labels, probs)), 0, 1)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.probs is not None
    label = int(evidence.labels[item])
    others = evidence.probs[item].copy()
    p, others[label] = float(others[label]), -1
    best = int(others.argmax())
    words = {"given": names.label(label), "other": names.label(best), "p": p, "q": float(others[best])}
    text, brief = _("{given} and {other} are about equally likely, {p:.2f} and {q:.2f}"), _("{other} is as likely")
    return Reason("ambiguous", value, text.format(**words), brief.format(**words))


SCORER = Scorer(
    "ambiguous", lambda: _("Ambiguous"), "fork", BadCase.AMBIGUOUS, (Needs.PROBS,), ambiguous, explain, threshold=_SPEAKS
)
