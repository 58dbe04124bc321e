"""The count by the random sample: what is known of the number of wrong labels from items that were drawn by chance.

Only the first belief and the sample speak for or against more errors; a verdict on an item that came up because it is
suspect takes that item out and does no more, so it moves the count by about one at most. Intervals that learnt from those
verdicts too were a quarter narrower, and held in .75 of the reviews of some made sets.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.error_curve import ErrorCurve
from badcase.active_learning.evidence_model import Floats
from badcase.active_learning.fitted_model import FittedModel
from badcase.active_learning.learner_view import LearnerView
from badcase.active_learning.random_sample import Draw, expected_deviation, plan, total_errors
from badcase.probabilities.error_count import CountBelief, Estimate

ItemRows = NDArray[np.int64]

NEEDED = 25  # blind verdicts on items drawn at random, from which on there is a number
# Half of the interval, at most so many times all errors, found or left, or a few: of a weak model, 80 found and
# 20 (0 to 1,250) left say nothing.
_WIDEST, _FEW = 2.0, 10.0
_ENOUGH = 0.3  # of all items: a random sample of so many is one, however few they are


class SampledCount:
    """The random draws in the light of the verdicts as they stand; made anew where these change."""

    def __init__(
        self,
        look: LearnerView,
        belief: CountBelief,
        draws: list[Draw],
        told: Floats,
        open_items: NDArray[np.bool_],
        unlearnt: FittedModel,
    ) -> None:
        """Take over how things stand.

        Args:
            look: The ranking as the learner looks at it.
            belief: The prior of the number of errors.
            draws: The random sample, judged or not.
            told: (n,) 1 where a label was found wrong, 0 where right, NaN where nothing is known.
            open_items: (n,) items that take part and have no verdict.
            unlearnt: The evidence model as it stands without a verdict.
        """
        self._look, self._belief, self._told, self._open, self._unlearnt = look, belief, told, open_items, unlearnt
        self.judged = [one for one in draws if np.isfinite(told[one.item])]

    @property
    def known(self) -> bool:
        """Whether enough items that were drawn by chance have been judged to tell a number that is of use."""
        if not self._open.any():
            return True
        judged = len({one.item for one in self.judged})
        if judged < min(NEEDED, _ENOUGH * float(self._look.takes_part.sum())):
            return False
        told = self.errors_left()
        return told.high - told.low <= 2 * _WIDEST * max(self.found + told.value, _FEW)

    @cached_property
    def total(self) -> tuple[float, float, float] | None:
        """What the sample says of all errors, its deviation and degrees of freedom; None before two draws are judged."""
        wrong = np.array([self._told[one.item] for one in self.judged]) > 0
        return total_errors(self.judged, wrong) if len(self.judged) > 1 else None

    @cached_property
    def _curve(self) -> ErrorCurve:
        items = np.flatnonzero(np.isfinite(self._told) & self._look.takes_part)
        rows = self._look.pool.rows_of(items)
        odds, weights = self._unlearnt.to_count(), self._look.pool.weights
        gone = float(np.nansum(self._told[~self._look.takes_part]))
        return ErrorCurve(self._belief, odds, weights, odds[rows], self._told[items], self.total, gone, trust=0.0)

    @property
    def found(self) -> float:
        """The wrong labels that were found."""
        return self._curve.found

    def chances(self, rows: ItemRows) -> Floats:
        """(rows,) the chances that candidates are wrong, by which the sample is drawn."""
        return self._curve.chance_wrong(self._unlearnt.to_count()[rows])

    def errors_left(self) -> Estimate:
        """The wrong labels among the items without a verdict, with a 90 % interval."""
        return self._curve.errors_left()

    def plan(self, width: float) -> tuple[int, float]:
        """How many more items to draw, and about half of the interval then; width: of the present one, end to end."""
        pool = self._look.pool
        rows = np.flatnonzero(self._open[pool.items] & (pool.weights > 0))
        if not len(rows):
            return 0, 0.0
        deviation = expected_deviation(self.chances(rows), pool.weights[rows])
        return plan(deviation, len(self.judged), width, int(self._open.sum()))
