"""Which items the table shows: words, a class, a part of the data. A value, and the one function that applies it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from badcase.items import Split
from badcase.project import Project
from badcase.store.verdicts import VerdictCode


class DataPart(StrEnum):
    """A part of the data that can be looked at alone. Gold is the locked part of the hold-out."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    GOLD = "gold"


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a person narrowed the table to; the empty filter shows everything. label: a class, or one of several labels."""

    words: str = ""
    label: int | None = None
    part: DataPart | None = None

    def __bool__(self) -> bool:
        return bool(self.words.strip()) or self.label is not None or self.part is not None


def part_mask(project: Project, part: DataPart) -> npt.NDArray[np.bool_]:
    """(n,) which items lie in a part; an item of gold lies in no other, and one that the data have no more in none."""
    if part is DataPart.GOLD:
        return project.gold
    mask: npt.NDArray[np.bool_] = (project.split == Split[part.name]) & ~project.gold & ~project.gone
    return mask


def matching(project: Project, wanted: ItemFilter) -> npt.NDArray[np.int64]:
    """Ids of the items that the filter lets through, ascending; of those that the data have no more none, and by a
    class none that is excluded."""
    words = wanted.words.strip()
    found = project.items.containing(words) if words else np.arange(len(project.items))
    found = found[~project.gone[found]]
    if wanted.part is not None:
        found = found[part_mask(project, wanted.part)[found]]
    if wanted.label is not None:
        found = found[project.labelled[found] & (project.verdicts[found] != VerdictCode.EXCLUDE)]
        labels, several = project.labels[found], project.task == "multilabel"
        found = found[project.taxonomy.matrix(labels)[:, wanted.label] if several else labels == wanted.label]
    return found.astype(np.int64)
