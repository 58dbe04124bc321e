"""Self-confidence: how low the model's probability of the given label is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def self_confidence(labels: Labels, probs: NDArray[np.floating]) -> Suspicion:
    """Suspicion that each given label is wrong: one minus its own probability.

    Strong against evenly spread errors; it misses much where classes overlap, see `margin`.
    Source: Northcutt et al. 2021, https://arxiv.org/abs/1911.00068

    Args:
        labels: (n,) int64 class ids in [0, k).
        probs: (n, k) out-of-sample, rows sum to 1.

    Returns:
        (n,) in [0, 1].
    """
    given = probs[np.arange(len(labels)), labels]
    return np.clip(1 - given, 0, 1)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    """Where the model prefers the given class with a low probability."""
    words = {"name": names.label(int(evidence.labels[item])), "p": 1 - value}
    text, brief = _("The model gives {name} only {p:.2f}"), _("{p:.2f} for {name}")
    return Reason("self_confidence", value, text.format(**words), brief.format(**words))


SCORER = Scorer(
    "self_confidence",
    lambda: _("Low confidence"),
    "bars",
    BadCase.MISLABELED,
    (Needs.PROBS,),
    self_confidence,
    explain,
    unless=("margin",),
)
