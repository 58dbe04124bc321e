"""How many wrong labels remain in a project under review, sharpened by every verdict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.estimate import ErrorCurve, Estimate, contradiction
from badcase.journal import VerdictCode
from badcase.ranking import Ranking

Codes = NDArray[np.int8]
_LEARNT = {VerdictCode.RELABEL: True, VerdictCode.EXCLUDE: True, VerdictCode.KEEP: False}  # unsure teaches nothing


class Remaining:
    """What is still wrong under one ranking. `update` after each change of the verdicts, `estimate` to read."""

    def __init__(self, ranking: Ranking, labels: NDArray[np.integer], verdicts: Codes) -> None:
        """labels, verdicts (n,): as they stand.

        Where the ranking has seen corrections, the items judged until now are left out whole: the corrected ones are
        no longer suspect, so the kept ones alone would teach that suspicion means nothing.
        """
        self._ranking = ranking
        seen = ((verdicts == VerdictCode.RELABEL) & (labels == ranking.labels)).any()
        suspicion = ranking.suspicion.astype(np.float64)
        self._counted = np.isfinite(suspicion) & ((verdicts == VerdictCode.NONE) | ~seen)
        self._scores = np.log(suspicion / (1 - suspicion))
        self._begin()
        self.update(verdicts)

    def _begin(self) -> None:
        counted, ranking = self._counted, self._ranking
        self._curve = ErrorCurve(self._scores[counted], contradiction(ranking.labels[counted], ranking.probs[counted]))
        self._known: Codes = np.zeros(len(self._scores), np.int8)

    def update(self, verdicts: Codes) -> None:
        """Learn from the verdicts that are new; where one was taken back or changed, from all of them again."""
        if ((self._known != VerdictCode.NONE) & (verdicts != self._known)).any():
            self._begin()
        for item in np.flatnonzero((verdicts != self._known) & self._counted):
            wrong = _LEARNT.get(VerdictCode(int(verdicts[item])))
            if wrong is not None:
                self._curve.record(float(self._scores[item]), wrong)
        self._known = verdicts.copy()

    @property
    def estimate(self) -> Estimate:
        """The wrong labels among the items without a verdict."""
        return self._curve.errors_left()

    def chance_wrong(self, items: NDArray[np.int64]) -> NDArray[np.float64]:
        """(items,) the probability that each label is wrong, for items that take part in the ranking."""
        return self._curve.chance_wrong(self._scores[items])
