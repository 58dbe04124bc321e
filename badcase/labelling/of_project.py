"""The queues of a project: what to label next, what to look at again, or both by what each is expected to make known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.learner import Learner
from badcase.active_learning.of_project import kept_state
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import UNLABELLED
from badcase.labelling.label_queue import LabelQueue
from badcase.labelling.label_reasons import sentence
from badcase.labelling.mixed_queue import relabel_gains
from badcase.progress import Job, Progress
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.ranking.ranking import Ranking
    from badcase.store.project_data import ProjectData

# No two of so many are alike; behind them the others follow by what each alone would add: they are chosen anew long before.
_APART = 1_000


class QueueKind(StrEnum):
    """What a queue asks for."""

    LABEL = "label"
    RELABEL = "relabel"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Queued:
    """An item of a queue.

    Attributes:
        item: Its id.
        given: The class that it has; -1 where it has none.
        suggested: The class that is suggested; -1 where nothing is known.
        queue: Whether it is to be labelled or to be looked at again.
        gain: What an answer is expected to make known, as a share of all doubt; NaN where only suspicion orders.
        reason: Why it is here, in a sentence.
    """

    item: int
    given: int
    suggested: int
    queue: QueueKind
    gain: float
    reason: str


def waiting_for_a_label(project: ProjectData) -> NDArray[np.bool_]:
    """(n,) the items without a label that nobody has judged."""
    there = ~(project.gold | project.gone)
    return np.asarray(~project.labelled & (project.verdicts == VerdictCode.NONE) & there, np.bool_)


def label_queue(project: ProjectData) -> Callable[[], LabelQueue]:
    """What makes the queue of the items to label, of the labels as they stand now; it may be called in any thread.

    Raises:
        BadcaseError: Where there are no features to choose by, or items may have any number of labels.
    """
    project.require_one_label("queue label")
    predictions = project.predictions.current
    if predictions is None:
        raise BadcaseError(
            _("no model has looked at the items yet"),
            where=str(project.path),
            expected=_("a prediction of all items"),
            hint=_("Run `badcase predict PROJECT` first."),
        )
    embeddings, excluded = predictions.embeddings, project.verdicts == VerdictCode.EXCLUDE
    # Gold is learnt from by nothing, and does not say what else is known.
    labels = np.where(project.gold | excluded, UNLABELLED, project.labels).astype(np.int64)
    judged = (labels < 0) & (project.verdicts != VerdictCode.NONE) & ~project.gold
    passed, closed = np.flatnonzero(judged), np.flatnonzero(project.gold | project.gone)
    k, together = len(project.classes), project.items.twins.astype(np.int64)

    def make() -> LabelQueue:
        features = np.asarray(embeddings, np.float32)
        return LabelQueue(features, labels, k, passed=passed, closed=closed, together=together)

    return make


def queued(project: ProjectData, kind: QueueKind, ranking: Ranking | None, top: int | None) -> Job[list[Queued]]:
    """One of the queues of a project, as a job.

    Args:
        project: The project.
        kind: Which.
        ranking: Which labels look wrong; None where nothing is ranked, and nothing to be looked at again.
        top: How many; None for all that wait.
    """
    found: list[Queued] = []
    if kind is not QueueKind.RELABEL:
        make = label_queue(project)
        yield Progress(_("Preparing the features"))
        queue = make()
        found = to_label(project, queue, top)
    if ranking is not None and kind is not QueueKind.LABEL:
        learner = Learner(ranking, kept=kept_state(project))
        learner.update(project.verdicts)
        again = learner.ranked(top)
        gains = np.full(len(again), np.nan)
        if kind is QueueKind.MIXED:
            gains = relabel_gains(queue, learner.chance_wrong(again), learner.expected_errors().value)
        found += [_again(project, ranking, *one) for one in zip(again.tolist(), gains.tolist(), strict=True)]
    if kind is QueueKind.MIXED:
        found = by_gain(found)
    return found[:top]


def by_gain(found: list[Queued]) -> list[Queued]:
    """Items to label and to look at again, those first whose answer makes most known."""
    return sorted(found, key=lambda one: (-one.gain, one.item))


def to_label(project: ProjectData, queue: LabelQueue, top: int | None) -> list[Queued]:
    """The items to label next; None for all."""
    chosen = queue.next(_APART if top is None else min(top, _APART))
    if top is None or len(chosen) < top:
        chosen += queue.rest(chosen)[: None if top is None else top - len(chosen)]
    return [
        Queued(one.item, UNLABELLED, one.suggested, QueueKind.LABEL, one.gain, sentence(one, project.classes)) for one in chosen
    ]


def _again(project: ProjectData, ranking: Ranking, item: int, gain: float) -> Queued:
    reasons = [one.text for one in ranking.reasons(item)]
    given, suggested = int(project.labels[item]), int(ranking.suggested[item])
    return Queued(item, given, suggested, QueueKind.RELABEL, gain, reasons[0] if reasons else "")
