"""Hard case: the model errs although the label is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def hard(labels: Labels, answers: NDArray[np.int32], probs: NDArray[np.floating]) -> Suspicion:
    """Suspicion that an item is a hard case: its label's out-of-sample probability where the user's own model says otherwise.

    Source: disagreements sorted into wrong labels and true errors of the model, Northcutt et al. 2021,
    https://arxiv.org/abs/2103.14749

    Args:
        labels: (n,) int64 class ids in [0, k).
        answers: (n,) the class that the user's model prefers, -1 = none.
        probs: (n, k) out-of-sample, rows sum to 1.

    Returns:
        (n,) in [0, 1]; 0 where the model is right; NaN where it said nothing.
    """
    belief = np.clip(probs[np.arange(len(labels)), labels], 0, 1)
    return np.where(answers < 0, np.nan, np.where(answers == labels, 0, belief))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.answers is not None
    words = {"name": names.label(int(evidence.answers[item])), "given": names.label(int(evidence.labels[item]))}
    text = _("Your model predicts {name}, but all other evidence supports {given}")
    return Reason("hard", value, text.format(**words), _("your model says {name}").format(**words))


SCORER = Scorer(
    "hard", lambda: _("Hard for the model"), "target", BadCase.MISCLASSIFIED, (Needs.ANSWERS, Needs.PROBS), hard, explain
)
