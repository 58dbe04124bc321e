"""The scorer: a function with what it needs, what it finds, and the sentence that tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from badcase.array_checks import Suspicion
from badcase.i18n import _
from badcase.scorers.evidence import Evidence
from badcase.scorers.reasons import Names, Reason


class Needs(StrEnum):
    """What a scorer looks at besides the labels: a field of `Evidence`."""

    PROBS = "probs"
    NEAREST = "nearest"
    ANSWERS = "answers"
    COPIES = "copies"
    TWINS = "twins"
    SPLIT = "split"
    IMAGES = "images"
    TEXTS = "texts"
    MARGINS = "margins"


_MISSING: dict[Needs, Callable[[], str]] = {
    Needs.PROBS: lambda: _("needs predictions: run a model first"),
    Needs.NEAREST: lambda: _("needs features, to know which items are alike"),
    Needs.ANSWERS: lambda: _("needs predictions of your own model"),
    Needs.COPIES: lambda: _("needs the items themselves or their features, to find copies"),
    Needs.TWINS: lambda: _("needs the items themselves or their features, to find copies"),
    Needs.SPLIT: lambda: _("needs to know which split each item belongs to"),
    Needs.IMAGES: lambda: _("needs images, measured when they were imported"),
    Needs.TEXTS: lambda: _("needs texts, measured when they were imported"),
    Needs.MARGINS: lambda: _("needs a training of at least two epochs: train once"),
}


class BadCase(StrEnum):
    """What is bad about a bad case."""

    MISLABELED = "mislabeled"
    MISCLASSIFIED = "misclassified"
    AMBIGUOUS = "ambiguous"
    OUTLIER = "outlier"
    DUPLICATE = "duplicate"
    JUNK = "junk"


Explain: TypeAlias = Callable[[int, float, Evidence, Names], Reason]


@dataclass(frozen=True, slots=True)
class Scorer:
    """One way to find bad cases.

    A scorer speaks of an item above `threshold`, unless one of the scorers named in `unless` does, which then says it better.
    `function(labels, *needs)` gives (n,) in [0, 1], 1 = most suspect, NaN = nothing to say. `explain` puts it in words. With
    `always` an item is worth a look for this reason alone, whatever the suspicion of its label.
    """

    name: str
    title: Callable[[], str]
    icon: str
    finds: BadCase
    needs: tuple[Needs, ...]
    function: Callable[..., Suspicion]
    explain: Explain
    threshold: float = 0.5
    unless: tuple[str, ...] = ()
    always: bool = False

    def missing(self, evidence: Evidence) -> list[Needs]:
        """What it would need and does not have."""
        return [need for need in self.needs if getattr(evidence, need) is None]

    def score(self, evidence: Evidence) -> Suspicion:
        return self.function(evidence.labels, *(getattr(evidence, need) for need in self.needs))


def missing_sentence(need: Needs) -> str:
    """Why a scorer with this need is silent, and what would let it speak."""
    return _MISSING[need]()
