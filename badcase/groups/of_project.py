"""The groups of a project: what each kind is made from, and how each group is called.

`snapshot_of` reads the project, in no time; `groups_from` computes and knows no database, so any thread may run it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.learner import Learner
from badcase.array_checks import Labels
from badcase.errors import BadcaseError
from badcase.groups.clusters import clusters
from badcase.groups.columns import ItemColumn, from_table, named, numbers
from badcase.groups.confusions import confusion_matrix, confusion_pairs, sweep
from badcase.groups.duplicates import duplicate_sets
from badcase.groups.naming import Vocabulary, shared_classes, shared_value
from badcase.groups.slices import slices
from badcase.i18n import _
from badcase.items import Items
from badcase.items.kinds import Kind, Split
from badcase.ranking.ranking import Ranking
from badcase.review_counts import is_to_review
from badcase.store.verdicts import ItemLabels, VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_MOST_PAIRS = 100


class GroupKind(StrEnum):
    """What groups are made by."""

    CONFUSIONS = "confusions"
    DUPLICATES = "duplicates"
    CLUSTERS = "clusters"
    SLICES = "slices"
    FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Group:
    """Bad cases that belong together: its name, a remark, its items in the order to look at them.

    `expected` tells the wrong labels to expect among those of its items that wait for a verdict; `facts`, what else was
    measured, by name: cohesion of a cluster; conflict and leak of duplicates; rate, low, high and lift of a slice and of a
    failure.
    """

    kind: GroupKind
    title: str
    note: str
    items: NDArray[np.int64]
    expected: float
    facts: Mapping[str, float | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """What groups are made from, as it stands at one moment; arrays have a row for each item."""

    items: Items
    given: ItemLabels
    classes: tuple[str, ...]
    labels: Labels
    verdicts: NDArray[np.int8]
    gold: NDArray[np.bool_]
    ranking: Ranking | None
    embeddings: NDArray[np.float16] | None
    seed: int

    @property
    def ranked(self) -> Ranking:
        if self.ranking is None:
            where, hint = str(self.items.folder), _("Run `badcase rank PROJECT` first.")
            raise BadcaseError(_("there is no ranking yet"), where=where, hint=hint)
        return self.ranking

    @cached_property
    def chance(self) -> NDArray[np.float64]:
        """(n,) that the label of an item is wrong that waits for a verdict; NaN for all others and where unknown."""
        chance = np.full(len(self.labels), np.nan)
        if self.ranking is not None:
            waiting = np.flatnonzero(np.isfinite(self.ranking.suspicion) & (self.verdicts == VerdictCode.NONE))
            if len(waiting):
                learner = Learner(self.ranking, random_sample=False)
                learner.update(self.verdicts)
                chance[waiting] = learner.chance_wrong(waiting)
        return chance

    @cached_property
    def columns(self) -> list[ItemColumn]:
        """Given label, split, length or size, and every column of the source without a role."""
        items = self.items
        columns = [
            named(_("label"), self.given, self.classes),
            named(_("split"), items.split, [split.name.lower() for split in Split]),
        ]
        if items.lengths is not None:
            columns.append(numbers(_("characters"), items.lengths.astype(np.float64)))
        if items.sizes is not None:
            width, height = items.sizes.T.astype(np.float64)
            columns += [numbers(_("pixels"), width * height), numbers(_("width to height"), width / height)]
        read = [from_table(name, items.metadata_column(name)) for name in items.metadata_names]
        columns += [column for column in read if column is not None]
        return [column for column in columns if len(column.values) > 1]


def snapshot_of(project: ProjectData, ranking: Ranking | None) -> Snapshot:
    """What holds in a project now, and what its ranking says."""
    predictions = project.predictions.current
    return Snapshot(
        project.items,
        project.given,
        project.classes,
        project.labels.astype(np.int64),
        project.verdicts.copy(),
        project.gold,
        ranking,
        None if predictions is None or not predictions.has_embeddings else predictions.embeddings,
        project.setting("seed", 0),
    )


def groups_from(snapshot: Snapshot, kind: GroupKind | str) -> list[Group]:
    """The groups of one kind, those first that promise most; empty where there are none.

    BadcaseError for another kind, and where the kind needs a ranking and there is none yet.
    """
    if kind not in list(GroupKind):
        raise BadcaseError(_("there are no such groups"), where="kind", expected=" | ".join(GroupKind), got=kind)
    return _KINDS[GroupKind(kind)](snapshot)


def _confusions(snapshot: Snapshot) -> list[Group]:
    """Of the items to review, as the matrix of the window counts them."""
    ranking, chance, k = snapshot.ranked, snapshot.chance, len(snapshot.classes)
    waiting = np.flatnonzero(np.isfinite(chance) & is_to_review(snapshot.verdicts, snapshot.gold, ranking.worth()))
    given, suggested, suspicion = snapshot.labels[waiting], ranking.suggested_or_none[waiting], ranking.suspicion[waiting]
    expected = confusion_matrix(given, suggested, k, weight=chance[waiting])
    found = []
    for pair in confusion_pairs(confusion_matrix(given, suggested, k), expected, _MOST_PAIRS):
        items = waiting[sweep(given, suggested, suspicion, pair.given, pair.suggested)]
        title = f"{snapshot.classes[pair.given]} → {snapshot.classes[pair.suggested]}"
        found.append(Group(GroupKind.CONFUSIONS, title, "", items, pair.expected))
    return found


def _duplicates(snapshot: Snapshot) -> list[Group]:
    found, splits, labels = [], snapshot.items.split, snapshot.labels
    excluded = snapshot.verdicts == VerdictCode.EXCLUDE
    for one in duplicate_sets(snapshot.items.twins, labels, split=splits, excluded=excluded):
        items, remarks = np.array(one.items), []
        if one.conflict:
            names = [snapshot.classes[label] for label in np.unique(labels[items])]
            remarks.append(_("labelled {names}").format(names=", ".join(names)))
        if one.leak:
            names = [Split(int(code)).name.lower() for code in np.unique(splits[items])]
            remarks.append(_("in {splits}").format(splits=", ".join(names)))
        title = _("{key} and {n} more").format(key=snapshot.items.key(one.items[0]), n=len(items) - 1)
        expected, facts = float(np.nansum(snapshot.chance[items])), {"conflict": one.conflict, "leak": one.leak}
        found.append(Group(GroupKind.DUPLICATES, title, "; ".join(remarks), items, expected, facts))
    return found


def _clusters(snapshot: Snapshot) -> list[Group]:
    ranking, chance = snapshot.ranked, snapshot.chance
    if snapshot.embeddings is None:
        raise BadcaseError(
            _("clusters need features, which these predictions have not"),
            where=str(snapshot.items.folder),
            hint=_("Bring them too (badcase predict PROJECT --from PROBS --features FILE), or predict with a model."),
        )
    among = np.flatnonzero(np.isfinite(chance))
    suspects = among[ranking.flagged[among]]
    given, suggested = snapshot.labels, np.asarray(ranking.suggested)
    rng = np.random.default_rng(snapshot.seed)
    made = clusters(snapshot.embeddings, given, suggested, chance, suspects, rng=rng)
    columns = snapshot.columns[1:]  # the label is said by the classes
    words = Vocabulary(snapshot.items.texts(), among) if made and snapshot.items.kind is Kind.TEXT else None
    found = []
    for number, one in enumerate(made, 1):
        parts = [shared_classes(one.items, given, suggested, snapshot.classes)]
        parts.append(", ".join(words.words(one.items)) if words is not None else "")
        title = ": ".join(part for part in parts if part) or _("cluster {n}").format(n=number)
        value = shared_value(one.items, among, columns)
        note = "" if value is None else f"{value[0]} = {value[1]}"
        found.append(Group(GroupKind.CLUSTERS, title, note, one.items, one.expected, {"cohesion": one.cohesion}))
    return found


def _slices(snapshot: Snapshot) -> list[Group]:
    """Where labels are wrong: those that people found, and the flagged of those that wait.

    Flags, not chances: before many verdicts chances are cautious, near each other, and hide what the order shows.
    """
    ranking, verdicts = snapshot.ranked, snapshot.verdicts
    errors = np.where(np.isfinite(ranking.suspicion), ranking.flagged.astype(np.float64), np.nan)
    errors[(verdicts == VerdictCode.RELABEL) | (verdicts == VerdictCode.EXCLUDE)] = 1
    errors[verdicts == VerdictCode.KEEP] = 0
    errors[snapshot.gold] = np.nan
    sentence = _("{rate} % look wrong ({low}–{high}), {lift} times the average")
    return _sliced(snapshot, GroupKind.SLICES, errors, sentence, ranking.suspicion)


def _failures(snapshot: Snapshot) -> list[Group]:
    """Where the model is wrong and the label is not: out of sample, without the items whose label looks wrong."""
    ranking = snapshot.ranked
    wrong = ranking.probs.argmax(1) != snapshot.labels
    sure = (snapshot.verdicts == VerdictCode.KEEP) | (snapshot.verdicts == VerdictCode.RELABEL) | ~ranking.flagged
    errors = np.where(np.isfinite(ranking.suspicion) & sure, wrong, np.nan)
    sentence = _("{rate} % predicted wrongly ({low}–{high}), {lift} times the average")
    return _sliced(snapshot, GroupKind.FAILURES, errors, sentence, errors)


def _sliced(
    snapshot: Snapshot, kind: GroupKind, errors: NDArray[np.float64], sentence: str, first: NDArray[np.floating]
) -> list[Group]:
    """A group for each slice; its items come in falling order of `first` (n,)."""
    found = []
    for one in slices(snapshot.columns, errors):
        title = _(" and ").join(f"{name} = {value}" for name, value in one.conditions)
        low, rate, high = (round(100 * share) for share in (one.low, one.rate, one.high))
        note = sentence.format(rate=rate, low=low, high=high, lift=f"{one.lift:.1f}")
        facts = {"rate": one.rate, "low": one.low, "high": one.high, "lift": one.lift}
        items = one.items[np.argsort(-first[one.items], kind="stable")]
        found.append(Group(kind, title, note, items, float(np.nansum(snapshot.chance[items])), facts))
    return found


_KINDS: dict[GroupKind, Callable[[Snapshot], list[Group]]] = {
    GroupKind.CONFUSIONS: _confusions,
    GroupKind.DUPLICATES: _duplicates,
    GroupKind.CLUSTERS: _clusters,
    GroupKind.SLICES: _slices,
    GroupKind.FAILURES: _failures,
}
