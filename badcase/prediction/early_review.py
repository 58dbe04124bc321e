"""Something to review while the model still looks at the rest: a ranking of the first items, made between two batches."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.progress import Job, Notice, Progress
from badcase.ranking.saved_ranking import rankable, ranking_early

if TYPE_CHECKING:
    from badcase.store.array_shards import Shards
    from badcase.store.project_data import ProjectData

FIRST, GROWTH = 300, 4  # items of the first ranking, and how many times as many each next one has
_A_CLASS = 15  # items of a class without which its border is not to be seen


def early_sizes(n: int, classes: int) -> list[int]:
    """After how many of n items a ranking is worth its time: each costs a small part of what is still to be predicted."""
    sizes, size = [], max(FIRST, _A_CLASS * classes)
    while size * GROWTH <= n:
        sizes.append(size)
        size *= GROWTH
    return sizes


class EarlyReview:
    """Gathers what the model says of the first items, which are drawn at random, and ranks them when there are enough."""

    def __init__(self, project: ProjectData, folder: Path, sizes: list[int]) -> None:
        """folder: that of the prediction under way, where the rankings are kept."""
        self._project, self._folder, self._sizes = project, folder, list(sizes)
        self._ids: list[npt.NDArray[np.int64]] = []
        self._rows: list[npt.NDArray[np.float16]] = []
        self._all = len(sizes)
        self.ranked = 0

    def take_up(self, shards: Shards) -> None:
        """Know what was finished before it was stopped: of these items as many as are ranked at most, drawn at random."""
        finished = np.flatnonzero(shards.done)
        if self._sizes and len(finished):
            drawn = np.random.default_rng(0).permutation(finished)[: self._sizes[-1]]
            self.add(drawn, shards.embeddings(drawn))

    @property
    def _known(self) -> int:
        return sum(map(len, self._ids))

    @property
    def waits(self) -> bool:
        """Whether the first of its rankings is still to come."""
        return 0 < len(self._sizes) == self._all

    def order(
        self, ids: npt.NDArray[np.int64], arrange: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]
    ) -> npt.NDArray[np.int64]:
        """What each size still lacks first, drawn from all; arrange: the order in which some items are best predicted."""
        if not self._sizes:
            return arrange(ids)
        mixed = np.random.default_rng(0).permutation(ids)
        bounds = [0, *(max(0, size - self._known) for size in self._sizes), len(ids)]
        return np.concatenate([arrange(np.sort(mixed[start:end])) for start, end in pairwise(bounds)])

    def add(self, ids: npt.NDArray[np.int64], embeddings: npt.NDArray[np.floating]) -> None:
        """Take in what the model says of some items: ids (m,), embeddings (m, d)."""
        if not embeddings.shape[1]:
            self._sizes.clear()
        if self._sizes:
            self._ids.append(ids)
            self._rows.append(embeddings.astype(np.float16))

    def when_due(self, told: Callable[[], Progress]) -> Job[None]:
        """Rank what is there, where that is enough; told: how far the prediction is, which is all that is said meanwhile."""
        due = [size for size in self._sizes if size <= self._known]
        if not due:
            return
        del self._sizes[: len(due)]
        ids, rows = np.concatenate(self._ids), np.concatenate(self._rows)
        taking_part = np.isin(ids, rankable(self._project))
        order = np.argsort(ids[taking_part])
        ranking = ranking_early(self._project, rows[taking_part][order], ids[taking_part][order], self._folder)
        try:
            while True:
                if not isinstance(next(ranking), Notice):
                    yield told()
        except StopIteration:
            self.ranked = len(ids)
        except BadcaseError:  # so few have nothing to be ranked by; what is wrong with all of them is told at the end
            pass
        if not self._sizes:
            self._ids, self._rows = [], []
