"""What a gate looks at: wrong labels to expect, duplicates across splits, duplicates that disagree, rows set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from badcase.groups.duplicates import DuplicateSet, duplicate_sets
from badcase.i18n import _
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.ranking.ranked_project import RankedProject

_NAMED = 20  # keys of one measure, or sets of keys


class MeasureName(StrEnum):
    """What can be limited; `--max-` and the name is the option."""

    ERRORS = "errors"
    DUPLICATES = "duplicates-across-splits"
    CONFLICTS = "conflicts"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class GateMeasure:
    """One of them, measured.

    Attributes:
        name: Which.
        value: How many: items with a wrong label, sets of duplicates, rows.
        low: The lower end of a 90 % interval, of an estimate; else the value.
        high: Its upper end.
        keys: Of some items to look at first; of sets of duplicates their keys, set apart by " = ".
    """

    name: MeasureName
    value: float
    low: float
    high: float
    keys: tuple[str, ...] = ()


def measure(project: RankedProject, *, errors: bool) -> list[GateMeasure]:
    """GateMeasure a project by the labels that hold now; excluded items are out of the data.

    Args:
        project: The project.
        errors: Whether to count wrong labels too, which needs a ranking.
    """
    excluded = project.verdicts == VerdictCode.EXCLUDE
    sets = duplicate_sets(project.items.twins, project.labels.astype(np.int64), split=project.split, excluded=excluded)
    aside = project.set_aside
    found = [
        _of_sets(project, MeasureName.DUPLICATES, sets, lambda one: one.leak),
        _of_sets(project, MeasureName.CONFLICTS, sets, lambda one: one.conflict),
        GateMeasure(MeasureName.SET_ASIDE, len(aside), len(aside), len(aside), tuple(one.where for one in aside[:_NAMED])),
    ]
    return [_errors(project), *found] if errors else found


def _errors(project: RankedProject) -> GateMeasure:
    left, ranking = project.errors_left(), project.any_ranking
    assert left is not None and ranking is not None
    first = [int(i) for i in ranking.order[ranking.flagged[ranking.order]] if project.verdicts[i] == VerdictCode.NONE]
    keys = tuple(project.items.key(i) for i in first[:_NAMED])
    return GateMeasure(MeasureName.ERRORS, left.value, left.low, left.high, keys)


def _of_sets(
    project: RankedProject, name: MeasureName, sets: Sequence[DuplicateSet], counts: Callable[[DuplicateSet], bool]
) -> GateMeasure:
    these = [one for one in sets if counts(one)]
    keys = tuple(" = ".join(project.items.key(i) for i in one.items[:_NAMED]) for one in these[:_NAMED])
    return GateMeasure(name, len(these), len(these), len(these), keys)


def measure_title(name: MeasureName) -> str:
    """What a measure is called."""
    return {
        MeasureName.ERRORS: _("wrong labels expected"),
        MeasureName.DUPLICATES: _("duplicates across splits"),
        MeasureName.CONFLICTS: _("duplicates that disagree"),
        MeasureName.SET_ASIDE: _("rows set aside"),
    }[name]
