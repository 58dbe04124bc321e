"""What the window and the command line say of reasons as a whole: which occur, which could not be looked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.items import Kind
from badcase.ranking.ranking import Ranking
from badcase.scorers import SCORERS, Needs, missing_sentence

_OTHER = {Kind.IMAGE: Needs.TEXTS, Kind.TEXT: Needs.IMAGES}


def reason_counts(ranking: Ranking, among: NDArray[np.int64] | None = None) -> dict[str, int]:
    """How many items each reason speaks for, of those that occur, by title; among: the ids that count, None for all."""
    counts = {name: int(np.count_nonzero(mask)) for name, mask in ranking.reason_masks(among).items()}
    return {SCORERS[name].title(): n for name, n in counts.items() if n}


def silent_reasons(ranking: Ranking, kind: Kind | None = None) -> list[str]:
    """A sentence for each group of reasons that could not be looked for: which, and what would let them speak.

    Of a project of one kind only those that fit it.
    """
    told = {need: titles for need, titles in ranking.silent().items() if kind is None or need != _OTHER[kind]}
    return [f"{', '.join(titles)}: {missing_sentence(need)}" for need, titles in told.items()]
