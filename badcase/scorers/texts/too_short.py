"""Too short: hardly any text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.robust import beyond, deviations
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = 4.5  # letters: one ideograph, which counts as three of them, but not two
_USUAL = 3.0  # standard deviations of the logarithm; shortness is bounded, so it cannot lie as far out as length
_LEAST = 0.15


def too_short(labels: Labels, texts: NDArray[np.void]) -> Suspicion:
    """Suspicion that a text is too short to be of any class.

    Source: the length filter of web text, Rae et al. 2021, https://arxiv.org/abs/2112.11446

    Args:
        labels: (n,) class ids.
        texts: (n,) records of measures, see `text_measures`; `substance` counts letters and digits, an ideograph as three.

    Returns:
        (n,) in [0, 1]; above 1/2 under 5 of them and 3 standard deviations under what is usual, by logarithm; NaN where it was
        not measured.
    """
    substance = texts["substance"].astype(np.float64)
    unusual = beyond(-deviations(np.log1p(substance), _LEAST), _USUAL)
    return np.minimum(_LIMIT / (_LIMIT + substance), unusual)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.texts is not None
    words = {"n": int(evidence.texts["length"][item]), "usual": round(float(np.nanmedian(evidence.texts["length"])))}
    text, brief = _("Very short: {n} characters, usually {usual}"), _("{n} characters")
    return Reason("too_short", value, text.format(**words), brief.format(**words))


SCORER = Scorer(
    "too_short",
    lambda: _("Very short text"),
    "short",
    BadCase.JUNK,
    (Needs.TEXTS,),
    too_short,
    explain,
    unless=("no_words",),
    always=True,
)
