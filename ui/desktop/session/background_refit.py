"""Rankings that come while a person reviews: when the classifiers have learnt the verdicts in the background, which is asked
of the worker when nobody else needs it, and of the first items while a model still looks at the others.

Nothing that is shown changes until `take_over`, which the review calls between two items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from badcase.active_learning.learner_view import LearnerView
from badcase.active_learning.refit_schedule import enough_left, refit_at
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import RANKED
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.store.changes import Changes
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.retrain_gain import saved_gain
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import JobState, WorkerLane
from badcase.ui.desktop.session.live_learner import LiveLearner

OPENED_MS = 3000  # after the project was opened: the first items are on the screen by then


class Refit(QObject):
    """`ready`: a new ranking can be taken over. `told`: what a retraining would gain is known anew."""

    ready = Signal(object)  # AnyRanking
    reported = Signal()
    failed = Signal(object)  # BadcaseError

    def __init__(self, project: Project, learner: LiveLearner, lane: WorkerLane, pool: DecodingPool, parent: QObject) -> None:
        super().__init__(parent)
        self._project, self._learner, self._lane, self._pool = project, learner, lane, pool
        self._look: LearnerView | None = None
        self._looking = self._broken = False
        self._early: AnyRanking | None = None  # of the first items, while a model looks at the others
        self._early_size = 0
        self._learnt: tuple[AnyRanking | None, int] = (None, 0)
        self._measured: AnyRanking | None = None  # of which the gain was asked
        self.gain = saved_gain(project)  # what a retraining can be expected to gain
        lane.state.connect(self._on_job)
        self._opened = QTimer(self, singleShot=True, interval=OPENED_MS)
        self._opened.timeout.connect(self._consider_all)
        self._after = QTimer(self, singleShot=True, interval=0)  # a job's own callbacks come first
        self._after.timeout.connect(self._after_job)

    def begin(self) -> None:
        """The project was opened: verdicts that an earlier session left unlearnt are learnt soon."""
        self._opened.start()

    def consider(self) -> None:
        """Ask for a refit where enough verdicts have come since the last, and the worker has nothing better to do."""
        ranking = self._project.any_ranking
        if ranking is not None and self._may_ask and self._due(ranking) and self._enough():
            self._ask(self._on_done)

    def _consider_all(self) -> None:
        """The same; else measure what a retraining gains, where that is not known of this ranking."""
        self.consider()
        ranking = self._project.any_ranking
        unknown = self.gain is None and self._measured is not ranking
        if ranking is not None and unknown and self._may_ask and self._enough():
            self._measured = ranking
            self._ask(lambda _value: self._read_gain())

    @property
    def _may_ask(self) -> bool:
        if self._project.read_only is not None:  # no verdicts come, and nothing could be kept
            return False
        if self._project.predictions.current is None:  # a prediction was stopped: the rest of it is wanted first
            return False
        return not (self._broken or self._lane.busy or self._lane.quiet or self._looking or self._look is not None)

    def _ask(self, done: Callable[[dict[str, Any]], None]) -> None:
        self._lane.run_in_background("refit", options={"project": str(self._project.path)}, done=done, failed=self._on_failed)

    def _enough(self) -> bool:
        """Whether what is left in the data can be learnt from: with all but a few excluded nobody waits for that."""
        project = self._project
        return enough_left(project.given[~project.gold & (project.verdicts != VerdictCode.EXCLUDE)])

    def _due(self, ranking: AnyRanking) -> bool:
        counts = self._project.journal.counts()
        taught = counts.reviewed - counts.unsure
        if self._learnt[0] is not ranking:  # it is on the disk, and between two keys there is no time
            self._learnt = ranking, self._project.verdicts_ranked
        return taught >= refit_at(len(ranking.order), self._learnt[1])

    @property
    def ahead(self) -> bool:
        """Whether a ranking newer than the one in use may lie on the disk."""
        return self._look is not None or self._looking or self._lane.quiet

    def take_over(self) -> Changes | None:
        """Go by the new ranking from here on; None where there is none."""
        look, self._look = self._look, None
        early, self._early = self._early, None
        if early is not None and self._project.predictions.current is None:
            return self._project.use_ranking(early)
        if look is None:
            return None
        self._learner.take(look)
        return self._project.use_ranking(look.ranking)

    def drop(self) -> None:
        """What was being learnt is of no use any more: the project has another ranking, or is closed."""
        self._opened.stop()
        self._look, self._looking, self._early = None, False, None
        self._pool.drop(owner=self)
        self._lane.cancel_background()

    def close(self) -> None:
        self._lane.state.disconnect(self._on_job)
        self._after.stop()
        self.drop()

    def _on_job(self, job: JobState) -> None:
        if job.over:
            self._early_size = 0
            self._after.start()
        elif (size := int(job.values.get(RANKED, 0))) > self._early_size and self._project.predictions.current is None:
            self._early_size, self._early = size, self._project.early_ranking()
            if self._early is not None:
                self.ready.emit(self._early)

    def _after_job(self) -> None:
        self._read_gain()
        self._consider_all()

    def _read_gain(self) -> None:
        gain = saved_gain(self._project)
        if gain != self.gain:
            self.gain = gain
            self.reported.emit()

    def _on_done(self, _value: dict[str, Any]) -> None:
        self._read_gain()
        learner, ranking = self._learner.now(), self._project.newest_ranking()
        if learner is not None and ranking is not None:
            self._looking = True
            self._pool.submit(learner.look_at(ranking), self._on_looked, owner=self)

    def _on_looked(self, look: LearnerView) -> None:
        self._look, self._looking = look, False
        self.ready.emit(look.ranking)

    def _on_failed(self, error: BadcaseError) -> None:
        """Told once; until the project is opened again the order goes by what it has."""
        self._broken = True
        self.failed.emit(
            BadcaseError(
                _("the classifiers could not learn your verdicts in the background: {error}").format(error=error),
                hint=_("Everything else goes on. `badcase rank PROJECT` tries it again."),
            )
        )
