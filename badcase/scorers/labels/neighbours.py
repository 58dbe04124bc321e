"""Neighbours: how many of the most similar items carry another label."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.neighbours.search import Nearest
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

COUNT = 30


def neighbours(labels: Labels, nearest: Nearest) -> Suspicion:
    """Suspicion that each given label is wrong: the share of its 30 nearest items with another label.

    A neighbour weighs its similarity above the last one's.
    Source: deep k-NN, Bahri et al. 2020, https://arxiv.org/abs/2004.12289; weights: SimiFeat, Zhu et al. 2022

    Args:
        labels: (n,) int64 class ids.
        nearest: Indices and cosine similarity, (n, m) each.

    Returns:
        (n,) in [0, 1]; NaN where there are no neighbours.
    """
    near, similarity = nearest.indices[:, :COUNT], nearest.similarity[:, :COUNT]
    there = near >= 0
    lowest = np.where(there, similarity, np.inf).min(1, initial=np.inf, keepdims=True)
    above = np.where(there, similarity - np.where(np.isfinite(lowest), lowest, 0), 0)
    weights = np.where(there, above + 1e-6, 0)  # all equally similar: all count the same
    total = weights.sum(1)
    differs = (weights * (labels[near] != labels[:, None])).sum(1)
    return np.where(total > 0, np.clip(differs / np.where(total > 0, total, 1), 0, 1), np.nan)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    """Most of the nearest items carry other labels."""
    assert evidence.near_items is not None
    label, ids = int(evidence.labels[item]), evidence.near_items[item]
    near = evidence.labels[ids[ids >= 0]]
    votes = np.bincount(near[near != label], minlength=1)
    most, n = int(votes.max()), len(near)
    if 2 * most >= n:
        text, brief = _("{shown} of {n} neighbours are {name}"), _("{shown} of {n} are {name}")
        shown, name = most, names.label(int(votes.argmax()))
    else:
        text, brief = _("Only {shown} of {n} neighbours are {name}"), _("only {shown} of {n} are {name}")
        shown, name = int((near == label).sum()), names.label(label)
    words = {"shown": shown, "n": n, "name": name}
    return Reason("neighbours", value, text.format(**words), brief.format(**words))


SCORER = Scorer("neighbours", lambda: _("Neighbours differ"), "hub", BadCase.MISLABELED, (Needs.NEAREST,), neighbours, explain)
