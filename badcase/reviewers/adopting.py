"""The consensus of a project's reviewers taken over as verdicts: what that would change, and what it leaves as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.i18n import _, grouped, plural
from badcase.reviewers.of_project import CONSENSUS, Reviewers
from badcase.store.changes import Area, Changes
from badcase.store.verdicts import Verdict, VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

APART = 0.1  # by how much more the consensus must be believed than the next answer that somebody gave


@dataclass(frozen=True, slots=True)
class ConsensusPlan:
    """What adopting the consensus would do. All are ids of items.

    Attributes:
        changed: (j,) those that two or more have answered, where something else stands.
        answers: (j,) what would stand: class ids, with `Reviewers.excluded` for an exclude.
        divided: Those whose reviewers gave different answers of which none is believed clearly more.
        lone: Those that one alone has answered.
        followed: How many follow the consensus already.
    """

    changed: NDArray[np.int64]
    answers: NDArray[np.int64]
    divided: NDArray[np.int64]
    lone: NDArray[np.int64]
    followed: int

    @property
    def title(self) -> str:
        """What it changes, in words."""
        n = len(self.changed)
        if n:
            return plural("{n} item follows the consensus now", "{n} items follow the consensus now", n).format(n=grouped(n))
        return _("no label differs from the consensus") if self.followed else _("there is no consensus to adopt")

    @property
    def left_out(self) -> list[str]:
        """What stays as it is and why, in sentences."""
        said = [
            (
                len(self.divided),
                plural(
                    "{n} item is left as it is: its reviewers are divided, and nothing speaks clearly for one of them.",
                    "{n} items are left as they are: their reviewers are divided, and nothing speaks clearly for one of them.",
                    len(self.divided),
                ),
            ),
            (
                len(self.lone),
                plural(
                    "{n} item is left as it is: one reviewer alone has answered.",
                    "{n} items are left as they are: one reviewer alone has answered.",
                    len(self.lone),
                ),
            ),
            (
                self.followed,
                plural("{n} item follows the consensus already.", "{n} items follow the consensus already.", self.followed),
            ),
        ]
        return [words.format(n=grouped(n)) for n, words in said if n]


def plan_consensus(project: ProjectData, reviewers: Reviewers) -> ConsensusPlan:
    """What adopting the consensus would change and leave; nothing is recorded."""
    none = np.empty(0, np.int64)
    if reviewers.consensus is None:
        return ConsensusPlan(none, none, none, none, 0)
    answers, label = reviewers.answers, reviewers.consensus.label
    stands = np.where(project.verdicts == VerdictCode.EXCLUDE, reviewers.excluded, project.labels)
    stands = np.where(project.verdicts == VerdictCode.UNSURE, -1, stands)
    answered = (answers >= 0).sum(1)
    other = np.where((answers >= 0) & (answers != label[:, None]), reviewers.consensus.belief, 0).max(1, initial=0)
    divided = (answered > 1) & (reviewers.consensus.confidence - other < APART)
    settled = (answered > 1) & ~divided
    changed = np.flatnonzero(settled & (label != stands))
    follow = int(np.count_nonzero(settled)) - len(changed)
    return ConsensusPlan(changed, label[changed], np.flatnonzero(divided), np.flatnonzero(answered == 1), follow)


def accept_consensus(project: ProjectData, reviewers: Reviewers) -> Changes:
    """Record, as one batch, what `plan_consensus` says. Only an answer that somebody gave is taken over."""
    planned = plan_consensus(project, reviewers)
    items = planned.changed.tolist()
    if not items:
        return Changes(planned.title, frozenset())
    verdicts = [Verdict.EXCLUDE if answer == reviewers.excluded else Verdict.RELABEL for answer in planned.answers]
    labels = np.minimum(planned.answers, reviewers.excluded - 1).tolist()
    project.journal.record(items, verdicts, labels, who=CONSENSUS)
    return Changes(planned.title, frozenset({Area.LABELS}), frozenset(items))
