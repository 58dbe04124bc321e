"""What an export has to change, counted in rows of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.classes.told_source import UNWRITABLE
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.export.matching import SourceRows
    from badcase.store.project_data import ProjectData


@dataclass(frozen=True, slots=True)
class Corrections:
    """What changes in the rows of the source.

    Attributes:
        labels: Row (from 1) -> new class id.
        dropped: Rows of excluded items.
        written: For each label column, what stands for each class.
    """

    labels: Mapping[int, int]
    dropped: frozenset[int]
    written: Mapping[str, Sequence[Any]]

    def within(self, before: int, count: int) -> Corrections:
        """The corrections of one part of the source: the `count` rows behind the first `before`."""
        rows = range(before + 1, before + count + 1)
        return Corrections(
            {row - before: label for row, label in self.labels.items() if row in rows},
            frozenset(row - before for row in self.dropped if row in rows),
            self.written,
        )

    def __bool__(self) -> bool:
        return bool(self.labels or self.dropped)


def excluded(project: ProjectData) -> npt.NDArray[np.bool_]:
    """(n,) bool: the items that no export contains."""
    gone: npt.NDArray[np.bool_] = project.checked_verdicts == VerdictCode.EXCLUDE
    return gone


def changed(project: ProjectData) -> npt.NDArray[np.bool_]:
    """(n,) bool: the items that an export contains under another label than they came with, or one written otherwise now."""
    otherwise = (project.checked_labels != project.given) | respelled(project)[project.items.given]
    differs: npt.NDArray[np.bool_] = otherwise & ~excluded(project)
    return differs


def for_source(project: ProjectData) -> npt.NDArray[np.int64]:
    """Ids of the items that an export in the source's own format corrects or leaves out; no others have a row."""
    return np.flatnonzero((changed(project) | excluded(project)) & (project.items.places == 0))


def respelled(project: ProjectData) -> npt.NDArray[np.bool_]:
    """(stored classes + 1,) bool: which are written otherwise now than the data set has them; the last is for none."""
    return np.append(project.taxonomy.respelled, False)


def by_gold_check(project: ProjectData) -> npt.NDArray[np.bool_]:
    """(n,) bool: the items that an export changes or leaves out because a blind check of gold found so."""
    found: npt.NDArray[np.bool_] = (changed(project) | excluded(project)) & (project.checked_verdicts != project.verdicts)
    return found


def corrections(project: ProjectData, found: SourceRows) -> Corrections:
    """The standing corrections and exclusions of a project, by the rows where its items are now."""
    gone, other, told = excluded(project), respelled(project), project.taxonomy.view.told_one
    labels = {
        row: int(project.checked_labels[i])
        for i, row in found.rows.items()
        if not gone[i] and (told(found.labels[i]) != project.checked_labels[i] or other[found.labels[i]])
    }
    written = project.taxonomy.written_as(found.written)
    odd = {project.classes[at] for at in labels.values() if any(cells[at] is UNWRITABLE for cells in written.values())}
    if odd:
        raise BadcaseError(
            _("the data set has no column for these classes, which were added here"),
            where=", ".join(written),
            got=", ".join(sorted(odd)),
            hint=_("Export as csv, jsonl or parquet, which need no source."),
        )
    return Corrections(labels, frozenset(row for i, row in found.rows.items() if gone[i]), written)
