"""What the queue of items without a label comes to: why each is to be labelled, what is suggested, what labels did so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from badcase.labelling.label_queue import LabelQueue, Why
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.filtering.filters import ItemRows, Pile, pile
from badcase.ui.desktop.review.state.review_state import ReviewState

_NEXT = 50  # labels


@dataclass(frozen=True, slots=True)
class SuggestedClass:
    """A class that is suggested for so many items without a label, and how many labels it has so far."""

    label: int
    name: str
    items: int
    labels: int


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """What waits for a label. why: the items that each reason speaks most for; suggested: the most frequent class first;
    given: labels that people gave to items without one; next_50: of all doubt, the share that the next 50 labels take away;
    told: the items whose suggestion may be seen, and likely, which class each."""

    why: dict[Why, ItemRows]
    suggested: list[SuggestedClass]
    given: int
    next_50: float
    told: ItemRows
    likely: ItemRows

    def items_of(self, one: SuggestedClass) -> ItemRows:
        """The items that a class is suggested for."""
        return self.told[self.likely == one.label]


class LabelSummaries:
    """The summary as labels come in. What speaks for items is looked at anew when the queue has learnt."""

    def __init__(self, reviewer: ReviewState) -> None:
        self._reviewer = reviewer
        self._queue: LabelQueue | None = None
        self._why: dict[Why, ItemRows] = {}
        self._next = 0.0
        self._likely: ItemRows | None = None  # (n,) the likeliest class of each item; None while nothing is known

    def now(self) -> LabelSummary | None:
        """None where nothing waits for a label, or nothing is known yet."""
        facts = self._reviewer.facts
        queue = self._reviewer.session.to_label.now() if facts.some_unlabelled else None
        if queue is None:
            return None
        if queue is not self._queue:
            self._queue, self._why = queue, queue.by_reason()
            self._next = float(sum(one.gain for one in queue.next(_NEXT)))
            self._likely = None if queue.probs is None else queue.probs.argmax(1)
        waits = pile(Pile.TO_LABEL, facts)
        given = int(np.count_nonzero(facts.unlabelled & (facts.verdicts == VerdictCode.RELABEL)))
        why = {reason: items[waits[items]] for reason, items in self._why.items()}
        told = np.zeros(0, np.int64) if self._likely is None else self._reviewer.not_blind(np.flatnonzero(waits))
        likely = told if self._likely is None else self._likely[told]
        return LabelSummary(why, self._suggested(likely, queue.k), given, self._next, told, likely)

    def _suggested(self, likely: ItemRows, k: int) -> list[SuggestedClass]:
        project = self._reviewer.session.project
        counts = np.bincount(likely, minlength=k).tolist()
        have = np.bincount(project.labels[project.labelled], minlength=k).tolist()
        found = [SuggestedClass(label, project.classes[label], counts[label], have[label]) for label in range(k) if counts[label]]
        return sorted(found, key=lambda one: -one.items)
