"""Features of the evidence model where an item may have any number of labels: its most suspect entry above all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.ranking.multilabel.ranking import MultilabelRanking

ItemRows = NDArray[np.int64]
Columns = NDArray[np.float64]

_TINY = 1e-6
_FARTHEST = 4.0  # standard deviations: one odd item must not carry a coefficient


class MultilabelLearnerFeatures:
    """Columns (items, 4 or 5) of a ranking: log odds of suspicion first, then what it was made of, standardized.

    The question that stands for an item is its most suspect entry of the label matrix: a label that is given (odd
    answers) or not (even ones), 2 k answers in all. So the verdicts show which labels are forgotten, which invented.
    """

    def __init__(self, ranking: MultilabelRanking, sample: ItemRows) -> None:
        """Standardize by the mean and the spread of the items in `sample`."""
        self._ranking = ranking
        raw = self._raw(sample)
        self._mean, spread = raw.mean(0), raw.std(0)
        self._spread = np.where(spread > _TINY, spread, np.inf)  # a column that is always the same says nothing
        self.of_sample = self._scaled(raw)

    def of(self, items: ItemRows) -> Columns:
        return self._scaled(self._raw(items))

    def _scaled(self, raw: Columns) -> Columns:
        columns: Columns = (raw - self._mean) / self._spread
        columns[:, 1:] = np.clip(columns[:, 1:], -_FARTHEST, _FARTHEST)  # the first one keeps the ranking's order
        return columns

    @property
    def kinds(self) -> int:
        return 2 * self._ranking.labels.shape[1]

    def given(self, items: ItemRows) -> ItemRows:
        label = self._top(items)
        answer: ItemRows = 2 * label + self._ranking.labels[items, label]
        return answer

    def alternative(self, items: ItemRows) -> ItemRows:
        return self.given(items) ^ 1

    def _top(self, items: ItemRows) -> ItemRows:
        return self._ranking.label_suspicion[items].argmax(1).astype(np.int64)

    def _raw(self, items: ItemRows) -> Columns:
        ranking, label = self._ranking, self._top(items)
        suspicion = np.asarray(ranking.label_suspicion[items], np.float64)
        top = suspicion[np.arange(len(items)), label]
        suspicion[np.arange(len(items)), label] = 0
        columns = [
            _log_odds(ranking.suspicion[items]),
            _log_odds(top) - _log_odds(suspicion.max(1)),
            np.abs(np.asarray(ranking.labels[items, label], np.float64) - ranking.probs[items, label]),
            ranking.labels[items].sum(1),
        ]
        if "neighbours" in ranking.scores:
            columns.append(np.nan_to_num(np.asarray(ranking.scores["neighbours"][items], np.float64), nan=0.5))
        return np.stack(columns, axis=1).astype(np.float64)


def _log_odds(suspicion: NDArray[np.floating]) -> Columns:
    wide = np.clip(np.asarray(suspicion, np.float64), _TINY, 1 - _TINY)
    return np.log(wide) - np.log1p(-wide)
