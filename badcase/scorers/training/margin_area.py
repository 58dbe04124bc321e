"""Area under the margin: another class was ahead of the label throughout the training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_ROWS = 65_536


def margin_area(labels: Labels, margins: NDArray[np.floating]) -> Suspicion:
    """Suspicion that each label is wrong: its mean margin over the epochs, turned round.

    A model that fits all labels soon hides the wrong ones: it speaks best of the early epochs.
    Source: area under the margin, Pleiss et al. 2020, https://arxiv.org/abs/2001.10528

    Args:
        labels: (n,) class ids.
        margins: (n, epochs) the logit of the label minus the best other one, before each epoch's update; NaN where an
            item was not trained on.

    Returns:
        (n,) in [0, 1] by a sigmoid whose unit is the median size of the area; above 1/2 another class was ahead on average;
        NaN where nothing was recorded.
    """
    area = np.empty(len(labels))
    for start in range(0, len(labels), _ROWS):
        area[start : start + _ROWS] = margins[start : start + _ROWS].mean(1, dtype=np.float64)
    known = np.abs(area[~np.isnan(area)])
    unit = float(np.median(known)) if len(known) else 1.0
    return 1 / (1 + np.exp(np.clip(area / max(unit, 1e-6), -30, 30)))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.margins is not None
    words = {"name": names.label(int(evidence.labels[item])), "n": evidence.margins.shape[1]}
    text = _("Over {n} training epochs, another class was ahead of {name}")
    return Reason("margin_area", value, text.format(**words), _("another class ahead over {n} epochs").format(**words))


SCORER = Scorer(
    "margin_area", lambda: _("Hard to fit in training"), "curve", BadCase.MISLABELED, (Needs.MARGINS,), margin_area, explain
)
