"""Other script: a text in another script than nearly all the others, or in two at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Labels, Suspicion
from badcase.i18n import _
from badcase.items.text_measures import LATIN, SCRIPTS
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason
from badcase.scorers.robust import beyond
from badcase.scorers.scorer import BadCase, Needs, Scorer

_RARE = 0.02  # of the texts; a script with more is a language of the data set
_FEWEST = 20  # texts; among fewer nobody can say what is rare
_MIXED = 1.5  # places where Latin and Cyrillic letters touch in a word
_NAME = 8  # letters; names and brands stand in Latin letters in texts of every language


def other_script(labels: Labels, texts: NDArray[np.void]) -> Suspicion:
    """Suspicion that a text is of another language than the rest: the share of its letters that are of a rare script.

    A script is rare where at most 2 % of the texts, or one, are mainly written in it; Latin letters count only where there are
    no others. Words of Latin and Cyrillic letters at once, which look alike, count too. Two languages of one script cannot be
    told apart.
    Source: script as a first language filter, Caswell et al. 2020, https://arxiv.org/abs/2010.14571

    Args:
        labels: (n,) class ids.
        texts: (n,) records of measures, see `text_measures`; `script` is that of most letters, `script_share` its share.

    Returns:
        (n,) in [0, 1], above 1/2 where most letters are of a rare script; NaN where nothing was measured and among fewer than
        20 texts.
    """
    known = ~np.isnan(texts["script"])
    if np.count_nonzero(known) < _FEWEST:
        return np.full(len(labels), np.nan)
    script, share = np.where(known, texts["script"], -1).astype(np.int64), texts["script_share"].astype(np.float64)
    counts = np.bincount(script[script >= 0], minlength=len(SCRIPTS))
    few = max(1.0, _RARE * np.count_nonzero(known))
    rare = np.append(counts <= few, False)[script]  # the last stands for no letters
    latin = (script == LATIN) & ((share < 1) | (texts["substance"] < _NAME))
    common = np.count_nonzero(texts["mixed"][known] > _MIXED) > few
    mixed = 0 if common else beyond(texts["mixed"].astype(np.float64), _MIXED)
    return np.where(known, np.maximum(np.where(rare & ~latin, share, 0), mixed), np.nan)


def explain(item: int, value: float, evidence: Evidence, names: Names) -> Reason:
    assert evidence.texts is not None
    one = evidence.texts[item]
    if one["mixed"] > _MIXED:
        text = _("Words that mix Latin and Cyrillic letters")
        return Reason("other_script", value, text, _("Latin and Cyrillic in one word"))
    name = _(SCRIPTS[int(one["script"])])
    text, brief = _("Mostly {name} letters, unlike nearly all others"), _("{name} letters")
    return Reason("other_script", value, text.format(name=name), brief.format(name=name))


SCORER = Scorer(
    "other_script",
    lambda: _("Other script"),
    "script",
    BadCase.JUNK,
    (Needs.TEXTS,),
    other_script,
    explain,
    unless=("garbled",),
    always=True,
)
