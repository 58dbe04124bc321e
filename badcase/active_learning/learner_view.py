"""The learner's view of a ranking: its candidates and where their odds start. Costly, so another thread may make it."""

from __future__ import annotations

from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.candidates import Candidates
from badcase.active_learning.count_prior import CountPrior
from badcase.active_learning.evidence_model import sigmoid
from badcase.active_learning.strata import Strata
from badcase.probabilities.error_count import CountBelief, believed_count
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel.error_count import believed_items
from badcase.ranking.multilabel.ranking import MultilabelRanking

_LOW, _HIGH, _STEPS = -40.0, 40.0, 50


class LearnerView:
    """A ranking with all that a learner takes from it once.

    Attributes:
        ranking: The ranking.
        order: Item ids, most suspect first.
        takes_part: (n,) items with a suspicion.
        pool: The candidates.
        intercept: The prior mean of the evidence model's intercept.
    """

    def __init__(
        self, ranking: AnyRanking, belief: CountBelief, *, judged: NDArray[np.bool_] | None = None, gone: float = 0.0
    ) -> None:
        """Look at a ranking.

        Args:
            ranking: The ranking.
            belief: The number of errors expected before any verdict.
            judged: (n,) the items with a verdict; None for none.
            gone: Errors that were found on items that take no part any more.
        """
        self.ranking = ranking
        self.order = np.asarray(ranking.order, np.int64)
        self.takes_part = np.isfinite(ranking.suspicion)
        self.pool = Candidates(ranking, judged)
        self._belief, self._gone = belief, gone
        self.intercept = self._intercept(belief.sharpness, max(belief.estimate.value - gone, 0.5))

    def twins_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ids of the near-duplicates of some items, those of the first item first, each set once and ascending."""
        if self.ranking.twins is None:
            return np.empty(0, np.int64)
        sets, members = self._twin_sets
        asked = np.fromiter(dict.fromkeys(self.ranking.twins[items].tolist()), np.int64)
        starts, ends = (np.searchsorted(sets, asked, side=side) for side in ("left", "right"))
        found = [members[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True) if end > start]
        return np.concatenate(found) if found else np.empty(0, np.int64)

    @cached_property
    def _twin_sets(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The items that have a near-duplicate: the number of the set of each, ascending, and their ids, ascending in it."""
        assert self.ranking.twins is not None
        twins = np.asarray(self.ranking.twins)
        known = np.flatnonzero(twins >= 0)
        sizes = np.bincount(twins[known], minlength=1)
        items = known[sizes[twins[known]] > 1]
        order = np.argsort(twins[items], kind="stable")
        return twins[items][order], items[order]

    def widened(self, judged: NDArray[np.bool_]) -> LearnerView:
        """This view, or one that looks at more of a long queue where the verdicts (n,) ask for it; any thread may call it."""
        if not self.pool.spent(judged, self.order):
            return self
        wider = copy(self)
        wider.pool = Candidates(self.ranking, judged)
        wider.__dict__.pop("strata", None), wider.__dict__.pop("prior", None)
        return wider

    @cached_property
    def strata(self) -> Strata:
        """The strata of the random sample."""
        rows = np.flatnonzero(self.pool.weights > 0)
        return Strata(self._odds(rows), self.pool.weights[rows])

    @cached_property
    def prior(self) -> CountPrior:
        """What is believed of the strata before any draw."""
        return CountPrior(self.strata, self._belief, self._gone)

    def strata_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """The stratum of each item."""
        return self.strata.of(self._odds(self.pool.rows_of(items)))

    def _odds(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The log odds that the label of each row is wrong, before any verdict."""
        odds: NDArray[np.float64] = self.intercept + self._belief.sharpness * self.pool.columns[rows, 0]
        return odds

    def _intercept(self, sharpness: float, errors: float) -> float:
        """The b for which sum of weight * sigmoid(sharpness * log odds + b) is the expected number of errors; by bisection."""
        odds = sharpness * self.pool.columns[:, 0]
        low, high = _LOW, _HIGH
        for _step in range(_STEPS):
            middle = (low + high) / 2
            above = self.pool.weights @ sigmoid(odds + middle) > errors
            low, high = (low, middle) if above else (middle, high)
        return low


def first_belief(ranking: AnyRanking) -> CountBelief:
    """The prior of the number of errors among the items that take part, before any verdict."""
    part = np.isfinite(ranking.suspicion)
    if isinstance(ranking, MultilabelRanking):
        return believed_items(ranking.suspicion[part], ranking.labels[part], ranking.probs[part])
    if ranking.belief is not None:
        return ranking.belief
    return believed_count(ranking.labels[part], ranking.probs[part])
