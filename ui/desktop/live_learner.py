"""The one learner of an open project: the review goes by it, and the status strip counts by it."""

from __future__ import annotations

from badcase.learning import Learner
from badcase.project import Project
from badcase.ranking import Ranking


class LiveLearner:
    """Knows the verdicts as they stand whenever it is asked."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._ranked: Ranking | None = None
        self._learner: Learner | None = None

    def now(self) -> Learner | None:
        """What the verdicts so far teach; None before the first prediction."""
        ranking = self._project.ranking
        if ranking is not self._ranked:
            self._ranked = ranking
            self._learner = None if ranking is None else Learner(ranking)
        if self._learner is not None:
            self._learner.update(self._project.verdicts)
        return self._learner
