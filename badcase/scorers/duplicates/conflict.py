"""Conflict: duplicates that carry different labels, so that one of them is wrong."""

from __future__ import annotations

import numpy as np

from badcase.array_checks import Groups, Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.duplicates.sets import differs, labels_now, others
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def conflict(labels: Labels, same: Groups) -> Suspicion:
    """1 where a duplicate of the item has another label, else 0.

    All of a set speak: nothing here says which label is the wrong one.
    Source: Barz & Denzler 2020 on duplicates in CIFAR, https://arxiv.org/abs/1902.00423

    Args:
        labels: (n,) int64 class ids.
        same: (n,) items with the same number are duplicates, exact or near; negative = unknown.

    Returns:
        (n,) 0 or 1; NaN where unknown.
    """
    return np.where(same < 0, np.nan, differs(same, labels).astype(np.float64))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.twins is not None
    rest, labels = others(evidence, evidence.twins, item), labels_now(evidence)
    other = int(rest[labels[rest] != labels[item]][0])
    words = {"other": names.item(other), "label": names.label(int(labels[other]))}
    text = _("A duplicate of it, {other}, is labelled {label}")
    return Reason("conflict", value, text.format(**words), _("{other} is {label}").format(**words))


SCORER = Scorer(
    "conflict", lambda: _("Duplicates disagree"), "clash", BadCase.MISLABELED, (Needs.TWINS,), conflict, explain, always=True
)
