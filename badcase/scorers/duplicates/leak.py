"""Leak: duplicates on both sides of a split, so that the test asks what the training has shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Groups, Labels, Suspicion
from badcase.i18n import _
from badcase.items.kinds import Split
from badcase.scorers.duplicates.sets import differs, others
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def leak(labels: Labels, same: Groups, split: NDArray[np.int8]) -> Suspicion:
    """1 where a duplicate of the item lies in another split, else 0.

    All of a set speak.
    Source: Barz & Denzler 2020, https://arxiv.org/abs/1902.00423: 3 % of the CIFAR-10 test images are in its training set

    Args:
        labels: (n,) class ids.
        same: (n,) items with the same number are duplicates, exact or near; negative = unknown.
        split: (n,) the code of each item's split; negative = unknown.

    Returns:
        (n,) 0 or 1; NaN where either is unknown.
    """
    known = (same >= 0) & (split >= 0)
    return np.where(known, differs(np.where(known, same, -1), split.astype(np.int64)).astype(np.float64), np.nan)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.twins is not None and evidence.split is not None
    rest = others(evidence, evidence.twins, item)
    there = evidence.split[rest]
    other = int(rest[(there >= 0) & (there != evidence.split[item])][0])
    words = {"other": names.item(other), "split": Split(int(evidence.split[other])).name.lower()}
    text = _("A duplicate of it, {other}, is in the {split} split")
    return Reason("leak", value, text.format(**words), _("{other} is in {split}").format(**words))


SCORER = Scorer(
    "leak", lambda: _("Leaks across splits"), "leak", BadCase.DUPLICATE, (Needs.TWINS, Needs.SPLIT), leak, explain, always=True
)
