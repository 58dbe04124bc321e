"""Too long: far more text than in the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import above
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.scorer import BadCase, Needs, Scorer

_LIMIT = float(np.log(10))  # ten times the usual length; the longest of 13,000 bank questions has nine
_LEAST = 0.15


def too_long(labels: Labels, texts: NDArray[np.void]) -> Suspicion:
    """Suspicion that a text is more than one item, or not an item at all: how far it exceeds the usual length.

    Source: the length filter of web text, Rae et al. 2021, https://arxiv.org/abs/2112.11446

    Args:
        labels: (n,) class ids.
        texts: (n,) records of measures, see `text_measures`; `length` is in characters.

    Returns:
        (n,) in [0, 1]; above 1/2 where it is over ten times the median and 4 standard deviations over it, by logarithm; NaN
        where it was not measured.
    """
    length = np.log1p(texts["length"].astype(np.float64))
    known = length[~np.isnan(length)]
    return above(np.maximum(length - (np.median(known) if len(known) else 0), 0), _LIMIT, _LEAST)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.texts is not None
    words = {"n": int(evidence.texts["length"][item]), "usual": round(float(np.nanmedian(evidence.texts["length"])))}
    text, brief = _("Very long: {n} characters, usually {usual}"), _("{n} characters")
    return Reason("too_long", value, text.format(**words), brief.format(**words))


SCORER = Scorer("too_long", lambda: _("Very long text"), "long", BadCase.JUNK, (Needs.TEXTS,), too_long, explain, always=True)
