"""The one learner of an open project: the review goes by it, and the status strip counts by it."""

from __future__ import annotations

import numpy as np

from badcase.active_learning.learner import Learner
from badcase.active_learning.learner_view import LearnerView
from badcase.active_learning.of_project import keep_state, kept_state
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking

_MANY = 25  # entries of the journal after which what is remembered is saved though nothing was drawn,
_PART = 20  # or so many parts of it, so that an entry costs the same however many there are


class LiveLearner:
    """Knows the verdicts as they stand whenever it is asked. What was drawn at random stays so under every ranking, and
    when the project is opened again."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._ranked: AnyRanking | None = None
        self._learner: Learner | None = None
        self._saved = (0, 0)  # draws, and the revision with what was judged before them
        self._told = -1  # the revision whose verdicts it knows
        self._under = ("", 0)  # the classes, and how many items, that it learnt of

    def now(self) -> Learner | None:
        """What the verdicts so far teach; None before the first prediction."""
        ranking = self._project.any_ranking
        if ranking is not self._ranked:
            under = self._project.taxonomy.view.mark, len(self._project.items)
            if ranking is None or self._under != under:
                self._learner, self._under = None, under
            if ranking is None:
                self._learner = None
            elif self._learner is None:
                self._learner = self._begin(ranking)
            elif self._ranked is None or not _same(ranking, self._ranked):
                self._learner.move(ranking)
            self._ranked, self._told = ranking, -1
        if self._learner is not None and self._told != self._project.revision:  # every card that is painted asks
            known = self._told >= 0
            self._learner.update(self._project.verdicts, self._project.journal.replay.touched(self._told) if known else None)
            self._told = self._project.revision
        return self._learner

    def take(self, look: LearnerView) -> None:
        """Go on with another ranking, looked at already."""
        assert self._learner is not None
        self._learner.take(look)
        self._ranked, self._told = look.ranking, -1

    def _begin(self, ranking: AnyRanking) -> Learner:
        kept = kept_state(self._project)
        if kept is None:
            return Learner(ranking)
        self._saved = len(kept.draws), self._project.revision
        return Learner(ranking, kept=kept)

    def save(self, *, closing: bool = False) -> None:
        """Keep what was drawn at random, where it is not on the disk already."""
        if self._learner is None or self._project.read_only is not None:
            return
        draws, revision, (drawn, saved) = len(self._learner.drawn()), self._project.revision, self._saved
        judged = revision - saved >= (1 if closing else max(_MANY, revision // _PART))
        if draws != drawn or judged:
            keep_state(self._project, self._learner.state(), judged=judged)
            self._saved = draws, revision if judged else saved


def _same(one: AnyRanking, other: AnyRanking) -> bool:
    """Whether a ranking was only read again, as it is after every job."""
    return np.array_equal(one.order, other.order) and np.array_equal(one.suspicion, other.suspicion, equal_nan=True)
