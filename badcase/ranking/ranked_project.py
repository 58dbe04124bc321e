"""RankedProject: a project and the queue for the labels that hold now, which is computed, kept and followed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import UNLABELLED
from badcase.progress import Job, finish_telling
from badcase.review_counts import ReviewCounts, counted, is_to_review
from badcase.store.changes import Area, Changes
from badcase.store.database import Store
from badcase.store.project_data import ProjectData
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.active_learning.errors_left import ErrorsLeft
    from badcase.labelling.of_project import Queued
    from badcase.ranking.any_ranking import AnyRanking
    from badcase.ranking.ranking import Ranking


class RankedProject(ProjectData):
    """What a project holds, and which of its items wait for a verdict; `Project` is made of one and the other verbs."""

    def __init__(self, path: Path, store: Store) -> None:
        super().__init__(path, store)
        self._ranking: AnyRanking | None = None
        self._of_no_class: npt.NDArray[np.int64] | None = None  # ids of the ranking's; None: not looked for yet
        self._followed = -1  # the revision whose labels its reasons follow
        self._ranked: tuple[object, ...] = ()  # how many prediction sets had been added when it was computed, and which classes

    def _read_items(self) -> None:
        super()._read_items()
        self._ranking = None

    def rank(self) -> AnyRanking:
        """The queue for the labels that hold now, computed from the current prediction set and saved where it can be."""
        return finish_telling(self.ranking_anew())

    def ranking_anew(self) -> Job[AnyRanking]:
        """`rank` as a job, which can be stopped within a second."""
        from badcase.ranking.saved_ranking import ranking_project

        ranking = yield from ranking_project(self)
        self._keep(ranking)
        return ranking

    @property
    def any_ranking(self) -> AnyRanking | None:
        """The queue as it was last computed, in milliseconds; None before the first, or where it cannot be read any more."""
        if self._ranking is None or self._ranked != self._ranked_by:
            self._keep(self.newest_ranking())
        elif self._followed != self.revision:
            self._follow(self._followed)
        return self._ranking

    def counts(self) -> ReviewCounts:
        """How the review stands: to review, reviewed and as what, flagged as wrong; `badcase.review_counts` defines each."""
        ranking = self.any_ranking
        if ranking is None:
            return self.journal.counts()
        new = self.given == UNLABELLED
        return counted(self.verdicts, self.gold, new, ranking.worth(), ranking.flagged, self.of_no_class_left())

    def of_no_class_left(self) -> int:
        """How many items without a verdict seem to be of no class, as `counts` tells; at once, between two keys too."""
        if self.any_ranking is None:
            return 0
        if self._of_no_class is None:
            self._of_no_class = np.flatnonzero(self.ranking.of_no_class) if self.ranking is not None else np.empty(0, np.int64)
        items = self._of_no_class
        worth = np.ones(len(items), np.bool_)  # what is of no class has a reason
        return int(np.count_nonzero(is_to_review(self.verdicts[items], self.gold[items], worth)))

    def to_review(self) -> npt.NDArray[np.int64]:
        """Ids of the items that wait for a verdict and are worth a look, the most suspect first; none without a ranking."""
        ranking = self.any_ranking
        if ranking is None:
            return np.empty(0, np.int64)
        waits = is_to_review(self.verdicts, self.gold, ranking.worth())
        listed: npt.NDArray[np.int64] = ranking.order[waits[ranking.order]]
        return listed

    def queue(self, kind: str = "relabel", top: int | None = None) -> list[Queued]:
        """What to do next: label items that have no label, look at labels again, or both by what each is expected to teach.

        Args:
            kind: "label", "relabel" or "mixed".
            top: How many items; None for all that wait.

        Returns:
            The items, those first that matter most; without a ranking none whose label is to be looked at again.

        Raises:
            BadcaseError: Where there is no such queue, or no features to choose by.
        """
        return finish_telling(self.queueing(kind, top))

    def sample(
        self,
        size: int,
        kind: str = "random",
        *,
        purpose: str = "review",
        column: str | None = None,
        seed: int = 0,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> list[int]:
        """Draw items, in the order in which they are to be looked at; the same project and seed give the same ones.

        Args:
            size: How many; all where there are fewer.
            kind: "random", "balanced" by class, "diverse" (as unlike each other as can be), "typical" of their classes, or
                "stratified" in proportion to a column.
            purpose: "review" (labelled, not judged yet), "label" (without a label) or "check" (judged already).
            column: Of a stratified sample: a column of the data, "split" or "class".
            seed: Decides all that is random.
            among: (n,) further items that it may have; None for all.

        Raises:
            BadcaseError: There is no such kind, purpose or column, or there are no features to be diverse or typical by.
        """
        from badcase.labelling.sample import SampleFor, SampleKind, sample

        for name, value, known in (("kind", kind, SampleKind), ("purpose", purpose, SampleFor)):
            if value not in list(known):
                raise BadcaseError(_("there is no such way to sample"), where=name, expected=" | ".join(known), got=value)
        how, what_for = SampleKind(kind), SampleFor(purpose)
        drawn: list[int] = sample(self, size, how, purpose=what_for, column=column, seed=seed, among=among).tolist()
        return drawn

    def queueing(self, kind: str = "relabel", top: int | None = None) -> Job[list[Queued]]:
        """`queue` as a job."""
        from badcase.labelling.of_project import QueueKind, queued

        if kind not in list(QueueKind):
            raise BadcaseError(_("there is no such queue"), where="queue", expected=" | ".join(QueueKind), got=kind)
        return (yield from queued(self, QueueKind(kind), self.ranking, top))

    @property
    def ranking(self) -> Ranking | None:
        """The same where an item has one label; None where it may have any number."""
        from badcase.ranking.ranking import Ranking

        ranking = self.any_ranking
        return ranking if isinstance(ranking, Ranking) else None

    def errors_left(self) -> ErrorsLeft | None:
        """The wrong labels among the items without a verdict, as the window, the command line and the report tell them.

        Returns:
            The number with its 90 % interval; where too few items that were drawn at random have been judged, `known` is
            False and only `words` should be told. None before the first ranking.
        """
        from badcase.active_learning.of_project import errors_left

        ranking = self.any_ranking
        return None if ranking is None else errors_left(self, ranking)

    def newest_ranking(self) -> AnyRanking | None:
        """The queue that was saved last, though another may be in use."""
        from badcase.ranking.saved_ranking import saved_ranking

        return self._following(saved_ranking(self))

    def early_ranking(self) -> AnyRanking | None:
        """What is known of the first items while a prediction of all of them is under way; None where nothing is."""
        from badcase.ranking.saved_ranking import early_ranking

        return self._following(early_ranking(self))

    def use_ranking(self, ranking: AnyRanking) -> Changes:
        """Go by a ranking that a job of the worker made."""
        self._keep(ranking)
        return Changes(_("ranked anew"), frozenset({Area.RANKING}))

    def _keep(self, ranking: AnyRanking | None) -> None:
        self._ranking, self._ranked, self._of_no_class = ranking, self._ranked_by, None
        self._follow()

    @property
    def _ranked_by(self) -> tuple[object, ...]:
        return self.predictions.added, self.taxonomy.view.mark, self.label_names

    def _follow(self, since: int | None = None) -> None:
        """Let the ranking say what holds now; since: the revision that it has followed so far."""
        self._followed = self.revision
        self._following(self._ranking, since)

    def _following(self, ranking: AnyRanking | None, since: int | None = None) -> AnyRanking | None:
        """The same ranking: reasons that duplicates give go when the labels agree, whoever has judged which of them."""
        if ranking is not None:
            items = None if since is None else self.journal.replay.touched(since)
            rows = slice(None) if items is None else items
            labels = self.labels[rows]
            excluded = (self.verdicts[rows] == VerdictCode.EXCLUDE) | (labels == UNLABELLED)
            ranking.follow(labels, excluded, items)
        return ranking

    @property
    def verdicts_ranked(self) -> int:
        """How many verdicts the newest ranking has learnt from."""
        from badcase.ranking.saved_ranking import verdicts_ranked

        return verdicts_ranked(self)
