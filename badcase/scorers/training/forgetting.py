"""Forgetting: an item that was learnt and forgotten again during the training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _, plural
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def forgetting(labels: Labels, margins: NDArray[np.floating]) -> Suspicion:
    """Suspicion that an item is ambiguous: how often the model forgot it, f, as f / (f + 1.5).

    An item is forgotten where a right answer is followed by a wrong one.
    Source: forgetting events, Toneva et al. 2019, https://arxiv.org/abs/1812.05159

    Args:
        labels: (n,) class ids.
        margins: (n, epochs) the logit of the label minus the best other one; above 0 the answer was right.

    Returns:
        (n,) in [0, 1); above 1/2 it was forgotten twice or more; NaN where it was never learnt, where nothing was recorded, and
        of less than two epochs.
    """
    if margins.shape[1] < 2:
        return np.full(len(labels), np.nan)
    right = margins > 0
    events = forgotten(margins)
    return np.where(np.isnan(margins).any(1) | ~right.any(1), np.nan, events / (events + 1.5))


def forgotten(margins: NDArray[np.floating]) -> NDArray[np.int64]:
    """(n,) how often a right answer was followed by a wrong one."""
    right = margins > 0
    events: NDArray[np.int64] = (right[..., :-1] & ~right[..., 1:]).sum(-1)
    return events


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.margins is not None
    n = int(forgotten(evidence.margins[item]))
    text = plural("Learnt and forgotten again {n} time in training", "Learnt and forgotten again {n} times in training", n)
    return Reason("forgetting", value, text.format(n=n), plural("{n} time", "{n} times", n).format(n=n))


SCORER = Scorer("forgetting", lambda: _("Forgotten again"), "wave", BadCase.AMBIGUOUS, (Needs.MARGINS,), forgetting, explain)
