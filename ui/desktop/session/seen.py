"""What the one who reviews now may see of verdicts and labels: what others decided is kept back until they judged it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.project import Project
from badcase.store.verdicts import ItemLabels, VerdictCode

Mask = npt.NDArray[np.bool_]
_ALL = slice(None)


class Seen:
    """Verdicts and labels of single items, as this reviewer sees them now. Whatever tells of one item asks here; counts of the
    whole project are those of the project, whoever asks."""

    def __init__(self, project: Project, keeps_back: Callable[[], bool] = lambda: False) -> None:
        """keeps_back: whether what others decided is to be kept back at all, as is wanted now."""
        self._project, self._keeps_back = project, keeps_back
        self._others, self._others_at = np.zeros(0, np.bool_), (-1, "", -1)

    @property
    def stamp(self) -> tuple[int, str, bool]:
        """Another one where verdicts or labels may look otherwise."""
        journal = self._project.journal
        return journal.replay.revision, journal.me, self._keeps_back()

    def hides(self, item: int) -> bool:
        """Whether what others decided of an item is kept back."""
        return bool(self._hidden()[item]) if self._keeps_back() else False

    def hidden(self, items: slice | npt.NDArray[np.int64] = _ALL) -> Mask:
        """The same of all items, or of these."""
        return self._hidden()[items] if self._keeps_back() else np.zeros(len(self._project.verdicts), np.bool_)[items]

    def _hidden(self) -> Mask:
        journal, verdicts = self._project.journal, self._project.verdicts
        at = journal.replay.revision, journal.me, len(verdicts)
        if at != self._others_at:
            self._others, self._others_at = (verdicts != VerdictCode.NONE) & journal.judged_by_others(journal.me), at
        return self._others

    def verdict(self, item: int) -> VerdictCode:
        """The verdict on an item, none while it is kept back."""
        return VerdictCode.NONE if self.hides(item) else VerdictCode(int(self._project.verdicts[item]))

    def verdicts(self, items: slice | npt.NDArray[np.int64] = _ALL) -> npt.NDArray[np.int8]:
        """(items,) the same of all items, or of these."""
        return np.where(self.hidden(items), np.int8(VerdictCode.NONE), self._project.verdicts[items])

    def label(self, item: int) -> int:
        """The class id of an item now, the given one while a verdict is kept back; -1 for none."""
        project = self._project
        return int((project.given if self.hides(item) else project.labels)[item])

    def labels(self, items: slice | npt.NDArray[Any] = _ALL) -> ItemLabels:
        """(items,) the same of all items, or of these."""
        project = self._project
        found: ItemLabels = np.where(self.hidden(items), project.given[items], project.labels[items])
        return found
