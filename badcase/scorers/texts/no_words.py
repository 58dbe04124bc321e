"""No words: a text without a letter or digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer


def no_words(labels: Labels, texts: NDArray[np.void]) -> Suspicion:
    """1 where a text has neither letter nor digit, else 0.

    Source: the first of the quality filters of web text, Rae et al. 2021, https://arxiv.org/abs/2112.11446

    Args:
        labels: (n,) class ids.
        texts: (n,) records of measures, see `text_measures`; `substance` counts letters and digits.

    Returns:
        (n,) 0 or 1; NaN where it was not measured.
    """
    substance = texts["substance"]
    return np.where(np.isnan(substance), np.nan, (substance == 0).astype(np.float64))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    return Reason("no_words", value, _("Nothing to read: no letter and no digit"), _("no letter, no digit"))


SCORER = Scorer("no_words", lambda: _("Empty text"), "blank", BadCase.JUNK, (Needs.TEXTS,), no_words, explain, always=True)
