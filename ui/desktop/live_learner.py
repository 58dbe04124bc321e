"""The one learner of an open project: the review goes by it, and the status strip counts by it."""

from __future__ import annotations

import numpy as np

from badcase.learning import Learner
from badcase.multilabel.door import AnyRanking
from badcase.project import Project


class LiveLearner:
    """Knows the verdicts as they stand whenever it is asked."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._ranked: AnyRanking | None = None
        self._learner: Learner | None = None

    def now(self) -> Learner | None:
        """What the verdicts so far teach; None before the first prediction."""
        ranking = self._project.any_ranking
        if ranking is not self._ranked:
            if not _same(ranking, self._ranked):
                self._learner = None if ranking is None else Learner(ranking)
            self._ranked = ranking
        if self._learner is not None:
            self._learner.update(self._project.verdicts)
        return self._learner


def _same(one: AnyRanking | None, other: AnyRanking | None) -> bool:
    """Whether a ranking was only read again, as it is after every job: what was drawn at random stays drawn then."""
    if one is None or other is None:
        return one is other
    return np.array_equal(one.order, other.order) and np.array_equal(one.suspicion, other.suspicion, equal_nan=True)
