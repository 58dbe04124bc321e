"""Garbled: characters that nobody wrote, by a wrong decoding, symbols only, or one letter over and over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _, percent
from badcase.scorers.evidence import Evidence
from badcase.scorers.junk import above
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.robust import beyond
from badcase.scorers.scorer import BadCase, Needs, Scorer

_DAMAGED, _SYMBOLS, _REPEATS = 0.03, 0.6, 0.5  # shares of the characters
_LEAST = 0.02


def garbled(labels: Labels, texts: NDArray[np.void]) -> Suspicion:
    """Suspicion that a text is not what was written: by the worst of three shares of its characters.

    A text of plain words of another language is not garbled, nor is one of symbols where most are.
    Source: symbol and repetition filters, Rae et al. 2021, https://arxiv.org/abs/2112.11446

    Args:
        labels: (n,) class ids.
        texts: (n,) records of measures, see `text_measures`; `damaged` is the share spoiled by a wrong decoding, `symbols` that
            of symbols, `repeats` that of letters in long runs of one.

    Returns:
        (n,) in [0, 1], above 1/2 where over 3 % are damaged, over 60 % and unusually many are symbols, or over half are
        repeats; NaN where it was not measured.
    """
    damaged, repeats = (texts[name].astype(np.float64) for name in ("damaged", "repeats"))
    return np.maximum(beyond(damaged, _DAMAGED), np.maximum(above(texts["symbols"], _SYMBOLS, _LEAST), beyond(repeats, _REPEATS)))


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.texts is not None
    one = evidence.texts[item]
    if one["damaged"] > _DAMAGED:
        p, text, brief = one["damaged"], _("{p} of its characters were decoded wrongly"), _("{p} decoded wrongly")
    elif one["repeats"] > _REPEATS:
        p, text, brief = one["repeats"], _("{p} of it repeats one letter"), _("{p} repeated")
    else:
        p, text, brief = one["symbols"], _("{p} of it is neither letter nor digit"), _("{p} symbols")
    share = percent(float(p))
    return Reason("garbled", value, text.format(p=share), brief.format(p=share))


SCORER = Scorer(
    "garbled",
    lambda: _("Garbled text"),
    "garbled",
    BadCase.JUNK,
    (Needs.TEXTS,),
    garbled,
    explain,
    unless=("no_words",),
    always=True,
)
