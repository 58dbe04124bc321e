"""Features of the evidence model: a few numbers an item from its ranking, standardized."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from badcase.ranking.ranking import Ranking, log_odds

ItemRows = NDArray[np.int64]
Columns = NDArray[np.float64]

_TINY = 1e-6
_FARTHEST = 4.0  # standard deviations: one odd item must not carry a coefficient
_CELLS = 4_000_000  # (items, classes) looked at together


def in_parts(items: ItemRows, k: int, look: Callable[[ItemRows], NDArray[Any]]) -> NDArray[Any]:
    """What `look` says of each item, of so many at a time that a table of them and k classes stays small."""
    many = max(1, _CELLS // k)
    return np.concatenate([look(items[start : start + many]) for start in range(0, max(1, len(items)), many)])


class LearnerFeatures:
    """Columns (items, 6), or 4 without neighbours: log odds of suspicion first, then what it was made of, standardized."""

    def __init__(self, ranking: Ranking, sample: ItemRows) -> None:
        """Standardize by the mean and the spread of the items in `sample`."""
        self._ranking = ranking
        raw = self._raw(sample)
        self._mean, spread = raw.mean(0), raw.std(0)
        self._spread = np.where(spread > _TINY, spread, np.inf)  # a column that is always the same says nothing
        self.of_sample = self._scaled(raw)

    def of(self, items: ItemRows) -> Columns:
        return self._scaled(self._raw(items))

    def _scaled(self, raw: Columns) -> Columns:
        columns = (raw - self._mean) / self._spread
        columns[:, 1:] = np.clip(columns[:, 1:], -_FARTHEST, _FARTHEST)  # the first one keeps the ranking's order
        return columns

    @property
    def kinds(self) -> int:
        """How many answers there are to what an item is."""
        return int(self._ranking.probs.shape[1])

    def given(self, items: ItemRows) -> ItemRows:
        """The given class."""
        given: ItemRows = np.asarray(self._ranking.labels[items], np.int64)
        return given

    def alternative(self, items: ItemRows) -> ItemRows:
        """The likeliest class besides the given one."""
        return in_parts(items, self.kinds, lambda some: self._others(some).argmax(1).astype(np.int64))

    def _others(self, items: ItemRows) -> NDArray[np.float64]:
        others = np.array(self._ranking.probs[items], np.float64)
        others[np.arange(len(items)), self._ranking.labels[items]] = -1
        return others

    def _raw(self, items: ItemRows) -> Columns:
        return in_parts(items, self.kinds, self._raw_of)

    def _raw_of(self, items: ItemRows) -> Columns:
        ranking = self._ranking
        probs, others = np.asarray(ranking.probs[items], np.float64), self._others(items)
        own = probs[np.arange(len(items)), ranking.labels[items]] + _TINY
        other, doubt = others.max(1) + _TINY, np.maximum(1 - own, 0) + _TINY
        columns = [
            log_odds(np.asarray(ranking.suspicion[items])),
            np.log(other / own),
            np.log(doubt / own),
            -(probs * np.log(probs + _TINY)).sum(1),
        ]
        near_items = ranking.evidence.near_items
        if near_items is not None:
            ids = np.asarray(near_items[items])
            near = np.where(ids >= 0, ranking.labels[ids], -1)
            columns.append(np.nan_to_num(np.asarray(ranking.scores["neighbours"][items], np.float64), nan=0.5))
            columns.append((near == others.argmax(1)[:, None]).mean(1))
        return np.stack(columns, axis=1)
