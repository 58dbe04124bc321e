"""Wrong epochs: how often the model gave another answer during the training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def wrong_epochs(labels: Labels, margins: NDArray[np.floating]) -> Suspicion:
    """Suspicion that each label is wrong: the share of epochs in which the model preferred another class.

    Keeps its worth when the last loss has forgotten.
    Source: correctness in data maps, Swayamdipta et al. 2020, https://arxiv.org/abs/2009.10795

    Args:
        labels: (n,) class ids.
        margins: (n, epochs) the logit of the label minus the best other one; an epoch is wrong at 0 or below.

    Returns:
        (n,) in [0, 1]; NaN where nothing was recorded.
    """
    wrong = (margins <= 0).mean(1)
    return np.where(np.isnan(margins).any(1), np.nan, wrong)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.margins is not None
    margins = evidence.margins[item]
    words = {"shown": int((margins <= 0).sum()), "n": len(margins)}
    text, brief = _("The model disagreed with the label in {shown} of {n} training epochs"), _("{shown} of {n} epochs")
    return Reason("wrong_epochs", value, text.format(**words), brief.format(**words))


SCORER = Scorer(
    "wrong_epochs", lambda: _("Learnt late or never"), "hourglass", BadCase.MISLABELED, (Needs.MARGINS,), wrong_epochs, explain
)
