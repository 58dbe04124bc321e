"""The table of scorers. Each gives (n,) suspicion in [0, 1], 1 = most suspect, NaN = nothing to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from badcase.arrays import Suspicion
from badcase.language import _
from badcase.scorers.margin import margin
from badcase.scorers.neighbours import neighbours
from badcase.scorers.self_confidence import self_confidence


class Needs(StrEnum):
    """What a scorer looks at besides the labels; its second argument."""

    PROBS = "probs"  # (n, k) out-of-sample probabilities
    FEATURES = "features"  # the `Nearest` items by features


@dataclass(frozen=True, slots=True)
class ScorerInfo:
    """A scorer and how the interfaces show it."""

    name: str
    title: Callable[[], str]
    icon: str
    needs: Needs
    function: Callable[..., Suspicion]


SCORERS = {
    info.name: info
    for info in (
        ScorerInfo("margin", lambda: _("Model differs"), "model", Needs.PROBS, margin),
        ScorerInfo("neighbours", lambda: _("Neighbours differ"), "hub", Needs.FEATURES, neighbours),
        ScorerInfo("self_confidence", lambda: _("Low confidence"), "bars", Needs.PROBS, self_confidence),
    )
}
