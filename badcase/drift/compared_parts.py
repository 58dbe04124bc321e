"""What new and old data are compared by: which items, in which parts, by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.drift.compared_features import Directions, Ids, compared_features
from badcase.errors import BadcaseError
from badcase.groups.columns import ItemColumn
from badcase.groups.of_project import snapshot_of
from badcase.i18n import _, grouped, plural
from badcase.items.kinds import UNLABELLED
from badcase.items.splits import together
from badcase.store.prediction_sets import PredictionSet
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

FEWEST = 10  # items of a sample that anything is said of
_MOST_VALUES, _MOST_SLICES = 12, 60
_ROWS = 20_000
_KEYS = 100
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """A class or a slice: its title, "" for all; whether it is a class; (n,) its items."""

    title: str
    is_class: bool
    mask: Mask


@dataclass(frozen=True, slots=True)
class Samples:
    """New and old items.

    Attributes:
        new: Ids of those that the update brought.
        old: Ids of those that were there before.
        fair: (n,) the items that tests count: one for all that belong together, of the old none that the model was trained on.
        parts: All, the classes, the slices.
        directions: Their features, of length 1.
        by_nearest: Whether classes are told by the nearest class mean, as most new items have no label.
        notes: What a person should know of them.
    """

    new: Ids
    old: Ids
    fair: Mask
    parts: list[ComparedPart]
    directions: Directions
    by_nearest: bool
    notes: list[str]


def newest_arrivals(project: ProjectData) -> int:
    """The newest revision of the data that brought items which are still there; 0 where there is none."""
    revisions = project.data_revisions
    ends = [one.get("items", 0) for one in revisions[1:]] + [len(project.items)]
    for number in range(len(revisions), 0, -1):
        first = revisions[number - 1].get("items")
        if first is not None and not project.gone[first : ends[number - 1]].all():
            return number + 1
    return 0


def samples(project: ProjectData, predictions: PredictionSet, revision: int, rng: np.random.Generator) -> Samples:
    """The items that a revision of the data brought, and those before it.

    Raises:
        BadcaseError: Where the revision brought none, or there were too few before.
    """
    first, last = _bounds(project, revision)
    there = ~project.gone & (project.verdicts != VerdictCode.EXCLUDE)
    new, old = first + np.flatnonzero(there[first:last]), np.flatnonzero(there[:first])
    if not len(new) or len(old) < FEWEST:
        where, got = _("data revision {n}").format(n=revision), f"{len(new)}, {len(old)}"
        raise BadcaseError(_("too few items to compare"), where=where, expected=_("new items, and ten old ones"), got=got)
    notes: list[str] = []
    known = old if project.predictions.features_are_untaught else old[~predictions.trained_on[old]]
    if len(known) < FEWEST:
        raise BadcaseError(
            _("the model was trained on nearly all old items, and sees what it was trained on otherwise than what it was not"),
            where=_("data revision {n}").format(n=revision),
            hint=_("Predict with a packaged model: badcase predict PROJECT --model NAME."),
        )
    if len(known) < len(old):
        n = len(known)
        words = plural("Compared with the {n} old item", "Compared with the {n} old items", n).format(n=grouped(n))
        notes.append(_("{words} that the model was not trained on.").format(words=words))
    fair = _one_for_all(project, new, known, rng)
    directions = compared_features(project, predictions, np.concatenate([known, new]), rng)
    classes, by_nearest = _classes(project, directions, new, known, fair, rng)
    if by_nearest:
        notes.append(_("Most of the new have no label: classes are told by the nearest class mean of one half of the old."))
    whole = ComparedPart("", False, np.ones(len(there), np.bool_))
    return Samples(new, old, fair, [whole, *classes, *_slices(project, new, fair)], directions, by_nearest, notes)


def _bounds(project: ProjectData, revision: int) -> tuple[int, int]:
    revisions = project.data_revisions
    if not 2 <= revision <= len(revisions) + 1 or "items" not in revisions[revision - 2]:
        known = _("2 to {n}").format(n=len(revisions) + 1) if revisions else _("an update of the data")
        raise BadcaseError(_("there is no such revision of the data"), where="revision", expected=known, got=revision)
    last = revisions[revision - 1].get("items") if revision <= len(revisions) else None
    return int(revisions[revision - 2]["items"]), len(project.items) if last is None else int(last)


def _one_for_all(project: ProjectData, new: Ids, old: Ids, rng: np.random.Generator) -> Mask:
    """(n,) one item, drawn, of each set of twins or group in the new, and one in the old: the others say the same again."""
    units, fair = together(project.items.twins, project.items.groups), np.zeros(len(project.items), np.bool_)
    for side in (new, old):
        drawn = rng.permutation(side)
        fair[drawn[np.unique(units[drawn], return_index=True)[1]]] = True
    return fair


def _classes(
    project: ProjectData, directions: Directions, new: Ids, old: Ids, fair: Mask, rng: np.random.Generator
) -> tuple[list[ComparedPart], bool]:
    """The classes by labels; by the nearest class mean where most new items have none. One half of the old makes the means and is
    no more fair to compare with, so that one rule tells the classes of both samples."""
    labels, names = project.labels, project.label_names
    labelled = old[labels[old] != UNLABELLED]
    by_nearest = bool((labels[new] == UNLABELLED).mean() > 0.5) and project.task != "multilabel" and len(labelled) >= 2 * FEWEST
    if not by_nearest:
        if project.task == "multilabel":
            masks = list(project.taxonomy.matrix(labels).astype(np.bool_).T)
        else:
            masks = [labels == one for one in range(len(names))]
        return [ComparedPart(name, True, mask) for name, mask in zip(names, masks, strict=True)], False
    half = rng.permutation(labelled)[: len(labelled) // 2]
    fair[half] = False
    known = np.unique(labels[half])
    means = np.stack([directions(half[labels[half] == one]).mean(0) for one in known.tolist()])
    nearest = np.full(len(labels), UNLABELLED, np.int64)
    asked = np.concatenate([np.setdiff1d(old, half), new])
    for start in range(0, len(asked), _ROWS):
        rows = asked[start : start + _ROWS]
        apart = (means**2).sum(1) - 2 * directions(rows) @ means.T
        nearest[rows] = known[apart.argmin(1)]
    return [ComparedPart(names[one], True, nearest == one) for one in known.tolist()], True


def _numbers_items(project: ProjectData, name: str) -> bool:
    """Whether a column of the source is the keys once more: that new items have others says nothing."""
    first = [str(value) for value in project.items.metadata_column(name)[:_KEYS].to_pylist()]
    return first == list(project.items.keys[:_KEYS])


def _slices(project: ProjectData, new: Ids, fair: Mask) -> list[ComparedPart]:
    """Values of what is known of the items but their keys, labels and splits, the most frequent among the new."""
    columns: list[ItemColumn] = snapshot_of(project, None).columns
    left_out = {_("label"), _("split"), *(name for name in project.items.metadata_names if _numbers_items(project, name))}
    parts = [
        ComparedPart(f"{column.name} = {value}", False, column.codes == code)
        for column in columns
        if column.name not in left_out and len(column.values) <= _MOST_VALUES
        for code, value in enumerate(column.values)
    ]
    there = np.flatnonzero(fair)
    enough = [one for one in parts if one.mask[there].sum() >= 2 * FEWEST]
    return sorted(enough, key=lambda one: -int(one.mask[new].sum()))[:_MOST_SLICES]
