"""The table of scorers. Each gives (n,) suspicion in [0, 1], 1 = most suspect, NaN = nothing to say."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from badcase.scorers.duplicates import conflict, copies, leak, look_alike, twins
from badcase.scorers.evidence import Evidence
from badcase.scorers.images import blank, blurred, bright, dark, low_information, odd_shape, odd_size
from badcase.scorers.labels import ambiguous, hard, margin, neighbours, no_class, outlier, self_confidence
from badcase.scorers.scorer import BadCase, Needs, Scorer, missing_sentence
from badcase.scorers.texts import garbled, no_words, other_script, too_long, too_short
from badcase.scorers.training import forgetting, margin_area, wrong_epochs

__all__ = [
    "SCORERS",
    "BadCase",
    "Evidence",
    "Needs",
    "Scorer",
    "missing_needs",
    "missing_sentence",
    "score_all",
    "speaking",
    "worth_a_look",
]

# In the order in which the interfaces list them.
SCORERS = {
    module.SCORER.name: module.SCORER
    for module in (
        margin,
        neighbours,
        self_confidence,
        margin_area,
        wrong_epochs,
        conflict,
        leak,
        copies,
        twins,
        look_alike,
        outlier,
        no_class,
        blank,
        dark,
        bright,
        blurred,
        low_information,
        odd_size,
        odd_shape,
        no_words,
        too_short,
        too_long,
        garbled,
        other_script,
        hard,
        ambiguous,
        forgetting,
    )
}


def score_all(evidence: Evidence, among: Collection[Needs] = tuple(Needs)) -> dict[str, NDArray[np.float32]]:
    """What each scorer says (n,) whose needs are there and of which one is `among` these."""
    return {
        name: scorer.score(evidence).astype(np.float32)
        for name, scorer in SCORERS.items()
        if not scorer.missing(evidence) and not set(scorer.needs).isdisjoint(among)
    }


def speaking(
    scores: dict[str, NDArray[np.float32]], rows: slice | NDArray[np.int64] = slice(None)
) -> dict[str, NDArray[np.bool_]]:
    """For each scorer the items (n,) that it speaks of: above its threshold, and no other says it better."""
    loud = {name: np.nan_to_num(values[rows]) > SCORERS[name].threshold for name, values in scores.items()}
    heard = {name: mask.copy() for name, mask in loud.items()}
    for name, mask in heard.items():
        for better in SCORERS[name].unless:
            if better in loud:
                mask &= ~loud[better]
    return heard


def worth_a_look(flagged: NDArray[np.bool_], masks: dict[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """(m,) the items that are flagged as wrong, or of which a scorer speaks that matters whatever the label."""
    worth = np.array(flagged, np.bool_)
    for name, mask in masks.items():
        if SCORERS[name].always:
            worth |= mask
    return worth


def missing_needs(scores: Collection[str], evidence: Evidence) -> dict[Needs, list[Scorer]]:
    """The scorers that could not speak, by what they lack."""
    silent: dict[Needs, list[Scorer]] = {}
    for name, scorer in SCORERS.items():
        for need in scorer.missing(evidence) if name not in scores else ():
            silent.setdefault(need, []).append(scorer)
    return silent
