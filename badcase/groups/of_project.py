"""The groups of a project: what each kind is made from, and how each group is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.errors import BadcaseError
from badcase.groups.clusters import clusters
from badcase.groups.columns import Column, from_table, named, numbers
from badcase.groups.confusions import confusion_matrix, confusion_pairs, sweep
from badcase.groups.duplicates import duplicate_sets
from badcase.groups.naming import Vocabulary, shared_classes, shared_value
from badcase.groups.slices import slices
from badcase.items.kinds import Kind, Split
from badcase.journal import VerdictCode
from badcase.language import _
from badcase.ranking import Ranking
from badcase.remaining import Remaining

if TYPE_CHECKING:
    from badcase.project import Project

_MOST_PAIRS = 100


class GroupKind(StrEnum):
    """What groups are made by."""

    CONFUSIONS = "confusions"
    DUPLICATES = "duplicates"
    CLUSTERS = "clusters"
    SLICES = "slices"


@dataclass(frozen=True, slots=True)
class Group:
    """Bad cases that belong together: its name, a remark, its items in the order to look at them.

    expected: the wrong labels to expect among those of its items that wait for a verdict. facts: what else was
    measured, by name: cohesion of a cluster; conflict and leak of duplicates; rate, low, high and lift of a slice.
    """

    kind: GroupKind
    title: str
    note: str
    items: NDArray[np.int64]
    expected: float
    facts: Mapping[str, float | bool] = field(default_factory=dict)


def groups_of(project: Project, kind: GroupKind | str) -> list[Group]:
    """The groups of one kind, those first that promise most; empty where there are none.

    BadcaseError for another kind, and where the kind needs a ranking and there is none yet.
    """
    if kind not in list(GroupKind):
        raise BadcaseError(_("there are no such groups"), where="kind", expected=" | ".join(GroupKind), got=kind)
    return _KINDS[GroupKind(kind)](project)


def chances(project: Project, ranking: Ranking) -> NDArray[np.float64]:
    """(n,) the chance that the label of each item is wrong that waits for a verdict; NaN for all others."""
    chance = np.full(len(project.items), np.nan)
    waiting = np.flatnonzero(np.isfinite(ranking.suspicion) & (project.verdicts == VerdictCode.NONE))
    if len(waiting):
        chance[waiting] = Remaining(ranking, project.labels, project.verdicts).chance_wrong(waiting)
    return chance


def columns_of(project: Project) -> list[Column]:
    """What is known of the items: given label, split, length or size, and every column of the source without a role."""
    items = project.items
    columns = [
        named(_("label"), project.given, project.classes),
        named(_("split"), project.split, [split.name.lower() for split in Split]),
    ]
    if items.lengths is not None:
        columns.append(numbers(_("characters"), items.lengths.astype(np.float64)))
    if items.sizes is not None:
        width, height = items.sizes.T.astype(np.float64)
        columns += [numbers(_("pixels"), width * height), numbers(_("width to height"), width / np.maximum(height, 1))]
    read = [from_table(name, items.metadata_column(name)) for name in items.metadata_names]
    columns += [column for column in read if column is not None]
    return [column for column in columns if len(column.values) > 1]


def _ranking(project: Project) -> Ranking:
    ranking = project.ranking
    if ranking is None:
        raise BadcaseError(
            _("there is no ranking yet"), where=str(project.path), hint=_("Run `badcase rank PROJECT` first.")
        )
    return ranking


def _confusions(project: Project) -> list[Group]:
    ranking, k = _ranking(project), len(project.classes)
    chance = chances(project, ranking)
    waiting = np.flatnonzero(np.isfinite(chance))
    given, suggested = project.labels[waiting], ranking.suggested[waiting]
    pairs = confusion_pairs(
        confusion_matrix(given, suggested, k),
        confusion_matrix(given, suggested, k, weight=chance[waiting]),
        _MOST_PAIRS,
    )
    found = []
    for pair in pairs:
        items = waiting[sweep(given, suggested, ranking.suspicion[waiting], pair.given, pair.suggested)]
        title = f"{project.classes[pair.given]} → {project.classes[pair.suggested]}"
        found.append(Group(GroupKind.CONFUSIONS, title, "", items, pair.expected))
    return found


def _duplicates(project: Project) -> list[Group]:
    ranking = project.ranking
    chance = np.full(len(project.items), np.nan) if ranking is None else chances(project, ranking)
    found = []
    for one in duplicate_sets(project.items.twins, project.labels.astype(np.int64), split=project.split):
        items, remarks = np.array(one.items), []
        if one.conflict:
            names = [project.classes[label] for label in np.unique(project.labels[items])]
            remarks.append(_("labelled {names}").format(names=", ".join(names)))
        if one.leak:
            splits = [Split(int(code)).name.lower() for code in np.unique(project.split[items])]
            remarks.append(_("in {splits}").format(splits=", ".join(splits)))
        title = _("{key} and {n} more").format(key=project.items.key(one.items[0]), n=len(items) - 1)
        expected = float(np.nansum(chance[items]))
        found.append(Group(GroupKind.DUPLICATES, title, "; ".join(remarks), items, expected,
                           {"conflict": one.conflict, "leak": one.leak}))  # fmt: skip
    return found


def _clusters(project: Project) -> list[Group]:
    ranking, predictions = _ranking(project), project.predictions
    assert predictions is not None  # a ranking lies beside a prediction set
    chance = chances(project, ranking)
    suspects = np.flatnonzero(np.isfinite(chance) & ranking.flagged)
    given, suggested = project.labels.astype(np.int64), np.asarray(ranking.suggested)
    rng = np.random.default_rng(project.setting("seed", 0))
    made = clusters(predictions.embeddings, given, suggested, chance, suspects, rng=rng)
    among = np.flatnonzero(np.isfinite(chance))
    columns = columns_of(project)[1:]  # the label is said by the classes
    words = Vocabulary(project.items.texts(), among) if made and project.kind is Kind.TEXT else None
    found = []
    for number, one in enumerate(made, 1):
        parts = [shared_classes(one.items, given, suggested, project.classes)]
        parts.append(", ".join(words.words(one.items)) if words is not None else "")
        title = ": ".join(part for part in parts if part) or _("cluster {n}").format(n=number)
        value = shared_value(one.items, among, columns)
        note = "" if value is None else f"{value[0]} = {value[1]}"
        found.append(Group(GroupKind.CLUSTERS, title, note, one.items, one.expected, {"cohesion": one.cohesion}))
    return found


def _slices(project: Project) -> list[Group]:
    ranking = _ranking(project)
    chance, verdicts = chances(project, ranking), project.verdicts
    errors = chance.copy()
    errors[(verdicts == VerdictCode.RELABEL) | (verdicts == VerdictCode.EXCLUDE)] = 1
    errors[verdicts == VerdictCode.KEEP] = 0
    errors[project.gold] = np.nan
    found = []
    for one in slices(columns_of(project), errors):
        title = _(" and ").join(f"{name} = {value}" for name, value in one.conditions)
        note = _("{rate:.0%} wrong ({low:.0%} to {high:.0%}), {lift:.1f} times the average").format(
            rate=one.rate, low=one.low, high=one.high, lift=one.lift
        )
        facts = {"rate": one.rate, "low": one.low, "high": one.high, "lift": one.lift}
        items = one.items[np.argsort(-np.nan_to_num(chance[one.items], nan=-1), kind="stable")]
        found.append(Group(GroupKind.SLICES, title, note, items, float(np.nansum(chance[items])), facts))
    return found


_KINDS: dict[GroupKind, Callable[[Project], list[Group]]] = {
    GroupKind.CONFUSIONS: _confusions,
    GroupKind.DUPLICATES: _duplicates,
    GroupKind.CLUSTERS: _clusters,
    GroupKind.SLICES: _slices,
}

