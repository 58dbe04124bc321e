"""What the queue of items without a label comes to: why each is to be labelled, what is suggested, what labels did so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.labelling.label_queue import LabelQueue, Why
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.filtering.filters import ItemRows, Pile, pile
from badcase.ui.desktop.review.state.review_state import ReviewState

_NEXT = 50  # labels


@dataclass(frozen=True, slots=True)
class SuggestedClass:
    """A class that is suggested for items without a label: which, and how many labels it has so far."""

    name: str
    items: ItemRows
    labels: int


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """What waits for a label. why: the items that each reason speaks most for; suggested: the most frequent class first;
    given: labels that people gave to items without one; next_50: of all doubt, the share that the next 50 labels take away."""

    why: dict[Why, ItemRows]
    suggested: list[SuggestedClass]
    given: int
    next_50: float


class LabelSummaries:
    """The summary as labels come in. What speaks for items is looked at anew when the queue has learnt."""

    def __init__(self, reviewer: ReviewState) -> None:
        self._reviewer = reviewer
        self._queue: LabelQueue | None = None
        self._why: dict[Why, ItemRows] = {}
        self._next = 0.0

    def now(self) -> LabelSummary | None:
        """None where nothing waits for a label, or nothing is known yet."""
        facts = self._reviewer.facts
        queue = self._reviewer.session.to_label.now() if facts.some_unlabelled else None
        if queue is None:
            return None
        if queue is not self._queue:
            self._queue, self._why = queue, queue.by_reason()
            self._next = float(sum(one.gain for one in queue.next(_NEXT)))
        waits = pile(Pile.TO_LABEL, facts)
        given = int(np.count_nonzero(facts.unlabelled & (facts.verdicts == VerdictCode.RELABEL)))
        why = {reason: items[waits[items]] for reason, items in self._why.items()}
        return LabelSummary(why, self._suggested(queue, waits), given, self._next)

    def _suggested(self, queue: LabelQueue, waits: npt.NDArray[np.bool_]) -> list[SuggestedClass]:
        if queue.probs is None:
            return []
        items, project = np.flatnonzero(waits), self._reviewer.session.project
        told = self._reviewer.not_blind(items)
        of = queue.probs[told].argmax(1)
        have = np.bincount(project.labels[project.labelled], minlength=queue.k)
        found = [SuggestedClass(project.classes[k], told[of == k], int(have[k])) for k in range(queue.k)]
        return sorted((one for one in found if len(one.items)), key=lambda one: -len(one.items))
