"""Margin: how far another class is ahead of the given one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_ROWS = 65_536
_KNOWN = 5  # items; of a class with fewer no classifier learns enough to doubt it


def margin(labels: Labels, probs: NDArray[np.floating]) -> Suspicion:
    """Suspicion that each given label is wrong: (the best other class - the given one + 1) / 2.

    Strong where one class is written for a certain other; weak on items of no class.
    Source: Northcutt et al. 2021, https://arxiv.org/abs/1911.00068 (normalized margin)

    Args:
        labels: (n,) int64 class ids in [0, k).
        probs: (n, k) out-of-sample, rows sum to 1.

    Returns:
        (n,) in [0, 1]; above 1/2 the model prefers another class.
    """
    given = probs[np.arange(len(labels)), labels]
    return np.clip((best_other(labels, probs) - given + 1) / 2, 0, 1)


def best_other(labels: Labels, probs: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n,) the largest probability of a class other than the label."""
    other = np.empty(len(labels), probs.dtype)
    for start in range(0, len(labels), _ROWS):
        rows = probs[start : start + _ROWS].copy()
        rows[np.arange(len(rows)), labels[start : start + _ROWS]] = -1
        other[start : start + _ROWS] = rows.max(1)
    return other


def doubted(labels: Labels, probs: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(n,) whether another class is likelier than the label, of which the model has seen enough items to know it."""
    known = np.bincount(labels, minlength=probs.shape[1])[labels] >= _KNOWN
    return np.asarray(known & (best_other(labels, probs) > probs[np.arange(len(labels)), labels]), np.bool_)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    """The model prefers another class, or comes close."""
    assert evidence.probs is not None
    probs, label = evidence.probs[item], int(evidence.labels[item])
    others = probs.copy()
    others[label] = -1
    best = int(others.argmax())
    text = _("The model says {name}, {p:.2f}") if probs[best] > probs[label] else _("The model also sees {name}, {p:.2f}")
    brief = _("says {name}, {p:.2f}") if probs[best] > probs[label] else _("also sees {name}, {p:.2f}")
    words = {"name": names.label(best), "p": float(probs[best])}
    return Reason("margin", value, text.format(**words), brief.format(**words))


SCORER = Scorer("margin", lambda: _("Model differs"), "model", BadCase.MISLABELED, (Needs.PROBS,), margin, explain)
