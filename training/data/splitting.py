"""Splitting: items divided into what is learnt from and what is held out, stratified, by groups, by time. numpy only.

Labels are class ids (m,), or a matrix (m, k) where an item may have any number of them; strata are label sets then.
Items that belong together are a unit: near-duplicates always, and groups too where whole groups are asked for (linked
through either, they are one unit). A unit never stands on both sides. In time the past is what comes before the first
held-out moment; a near-duplicate of a held-out item is left out of it, since both promises hold before size does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.items.splits import together
from badcase.probabilities.stratified_folds import stratified_folds
from badcase.training.recipe.enums import Validation

if TYPE_CHECKING:
    from badcase.project import Project

Ids: TypeAlias = npt.NDArray[np.int64]
Labels: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Division:
    """Item ids in rising order to learn from, and held out; what a person should know of it, in words."""

    train: Ids
    held: Ids
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Items (m,) to divide, their labels, their units, their times (m,) or None, and the seed that draws."""

    items: Ids
    labels: Labels
    units: Ids
    time: npt.NDArray[np.float64] | None
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def strata(self) -> Ids:
        """(m,) numbers by which like items lie side by side: classes, or label sets in the order of their rarest labels.

        A systematic sample along that order has of every label its share, and of the rare ones most exactly.
        """
        if self.labels.ndim == 1:
            return self.labels.astype(np.int64)
        rare_first = np.argsort(self.labels.sum(0), kind="stable")
        packed = np.ascontiguousarray(np.packbits(self.labels[:, rare_first], axis=1))  # bytes are compared as rows are
        keys = packed.view(np.dtype((np.void, packed.shape[1]))).reshape(-1)
        return np.unique(keys, return_inverse=True)[1].reshape(-1).astype(np.int64)

    def counts(self, part: Ids, parts: int) -> npt.NDArray[np.float64]:
        """(parts, k) how many items of each class or label each part has; part (m,) of each item, counted from 0."""
        if self.labels.ndim == 2:
            return np.column_stack([np.bincount(part, weights=label, minlength=parts) for label in self.labels.T])
        counts = np.zeros((parts, int(self.labels.max(initial=-1)) + 1))
        np.add.at(counts, (part, self.labels), 1)
        return counts


def as_made(project: Project) -> Validation:
    """How the split of a project is made where the data brings none: by time, in whole groups, or by class."""
    if project.items.time is not None:
        return Validation.TIME
    return Validation.STRATIFIED if project.items.groups is None else Validation.GROUPED


def hold_out(project: Project, items: Ids, labels: Labels, how: Validation, share: float, seed: int) -> Division:
    """Hold out a part of the items; the same for the same seed. BadcaseError if it cannot.

    Args:
        project: The project, which knows times and groups.
        items: (m,) ids.
        labels: (m,) class ids, or (m, k) with several labels an item.
        how: PROJECT is as the split of the project is made, see `as_made`; as far as there are times or groups enough.
        share: About which share to hold out.
        seed: Decides the draw.
    """
    how, made = _material(project, items, labels, how, seed, parts=2, moments=2)
    part = _HOLD_OUT[how](made, share)
    n = _lacking(part, made)
    words = plural(
        "All items of {n} class are held out, so that it cannot be learnt.",
        "All items of {n} classes are held out, so that they cannot be learnt.",
        n,
    )
    said = [words.format(n=n)] if n else []
    return Division(part.train, part.held, (*made.notes, *part.notes, *said, *_straddling(project, part, how)))


def divide(project: Project, items: Ids, labels: Labels, how: Validation, folds: int, seed: int) -> list[Division]:
    """The items as folds: each is held out once, but the first stretch of a division by time, which has no past."""
    how, made = _material(project, items, labels, how, seed, parts=folds, moments=folds + 1)
    return [
        Division(
            part.train,
            part.held,
            (*made.notes, *part.notes, *_missing(part, made, number, folds), *_straddling(project, part, how)),
        )
        for number, part in enumerate(_FOLDS[how](made, folds), 1)
    ]


def _material(
    project: Project, items: Ids, labels: Labels, how: Validation, seed: int, *, parts: int, moments: int
) -> tuple[Validation, Material]:
    twins, groups, time = project.items.twins, project.items.groups, project.items.time
    if how is Validation.PROJECT:
        return _as_made(project, items, labels, seed, parts, moments)
    if how is Validation.GROUPED and groups is None:
        raise _without(project, "group")
    if how is Validation.TIME and time is None:
        raise _without(project, "time")
    units = together(twins, groups if how is Validation.GROUPED else None)
    return how, Material(items, labels, units[items], None if time is None else time[items], seed)


def _as_made(project: Project, items: Ids, labels: Labels, seed: int, parts: int, moments: int) -> tuple[Validation, Material]:
    """As a split is made: a unit, whole groups too, is as late as its latest item; without a time it is the earliest."""
    twins, groups, time = project.items.twins, project.items.groups, project.items.time
    units = together(twins, groups)[items]
    if time is not None:
        _first, unit = np.unique(units, return_inverse=True)
        latest = np.full(len(items), -np.inf)
        np.maximum.at(latest, unit.reshape(-1), np.nan_to_num(time[items], nan=-np.inf))
        if np.isfinite(np.unique(latest)).sum() >= moments:
            return Validation.TIME, Material(items, labels, units, latest[unit.reshape(-1)], seed)
    if groups is not None and len(np.unique(units)) >= parts:
        return Validation.GROUPED, Material(items, labels, units, None, seed)
    note = _("There are too few different times or groups to split by, so the split is by class.")
    notes = () if time is None and groups is None else (note,)
    return Validation.STRATIFIED, Material(items, labels, together(twins, None)[items], None, seed, notes)


def _without(project: Project, role: str) -> BadcaseError:
    return BadcaseError(
        _("the items have no {role} column to split them by").format(role=role),
        where="validation",
        got=project.name,
        hint=_("Make the project with --{role} COLUMN, or set validation = stratified.").format(role=role),
    )


def _lacking(part: Division, made: Material) -> int:
    """Classes that are held out and cannot be learnt: what is said of their items is worth nothing."""
    side = np.isin(made.items, part.held) + 2 * np.isin(made.items, part.train)
    _neither, held, learnt = made.counts(side, 3)
    return int(((held > 0) & (learnt == 0)).sum())


def _straddling(project: Project, part: Division, how: Validation) -> tuple[str, ...]:
    """Where groups are not kept whole, that some are on both sides: what is learnt of one half helps with the other."""
    groups = project.items.groups
    if groups is None or how is Validation.GROUPED or not np.intersect1d(groups[part.train], groups[part.held]).size:
        return ()
    words = _(
        "Some groups have items on both sides of the split, so its score is too optimistic: validation = grouped keeps them."
    )
    return (words,)


def _missing(part: Division, made: Material, number: int, folds: int) -> tuple[str, ...]:
    n = _lacking(part, made)
    if not n:
        return ()
    words = plural(
        "Fold {number} of {folds} holds out all items of {n} class and cannot learn it.",
        "Fold {number} of {folds} holds out all items of {n} classes and cannot learn them.",
        n,
    )
    return (words.format(number=number, folds=folds, n=n),)


# --- hold-out ---------------------------------------------------------------------------------------------------------


def _stratified_share(made: Material, share: float) -> Division:
    """One item in 1/share of a list sorted by class, units in random order within it; no class loses its last unit.

    Where that leaves none, one of the largest class is held out.
    """
    first, unit, sizes = np.unique(made.units, return_index=True, return_inverse=True, return_counts=True)[1:]
    rng = np.random.default_rng(made.seed)
    order = np.lexsort((rng.random(len(first)), made.strata[first]))
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    held = np.zeros(len(first), np.bool_)
    held[order] = (middle * share + rng.random()) % 1 < share
    if made.labels.ndim == 1:
        classes = made.labels[first]
        held &= np.isin(classes, classes[~held])
    else:
        learnt = made.labels[~held[unit.reshape(-1)]].any(0)
        for lost in np.flatnonzero(made.labels.any(0) & ~learnt):
            held[unit.reshape(-1)[made.labels[:, lost]][0]] = False
    if not held.any() and len(first) > 1:
        strata = made.strata[first]
        held[np.argmax(strata == np.bincount(strata).argmax())] = True
    return _parted(made, held[unit.reshape(-1)])


def _grouped_share(made: Material, share: float) -> Division:
    """Whole units in random order until their share is reached; one at least, and never all.

    Those that are larger than the share come last, the smallest of them first.
    """
    found, unit, sizes = np.unique(made.units, return_inverse=True, return_counts=True)
    _enough(len(found), 2)
    order = np.random.default_rng(made.seed).permutation(len(found))
    too_large = np.where(sizes > share * len(made.items), sizes, 0)
    order = order[np.argsort(too_large[order], kind="stable")]
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    held = np.zeros(len(found), np.bool_)
    held[order[:-1]] = (middle <= share * len(made.items))[:-1]
    held[order[0]] = True
    return _parted(made, held[unit.reshape(-1)])


def _latest_share(made: Material, share: float) -> Division:
    moments, time = _moments(made, 2)
    cut = min(max(float(np.quantile(time, 1 - share, method="higher")), moments[1]), moments[-1])
    return _past_and(made, cut, np.inf)


def _parted(made: Material, held: npt.NDArray[np.bool_]) -> Division:
    return Division(made.items[~held], made.items[held])


# --- folds ------------------------------------------------------------------------------------------------------------


def _stratified_folds(made: Material, folds: int) -> list[Division]:
    units = np.unique(made.units, return_inverse=True)[1].reshape(-1)
    _enough(int(units.max(initial=-1)) + 1, folds)
    if made.labels.ndim == 2:
        place = _dealt(made, folds)
        return [_parted(made, place == fold) for fold in range(folds)]
    # A unit takes the random number of its smallest item, so that other items left out do not move it.
    keys = np.random.default_rng(made.seed).integers(0, 2**63, int(made.units.max()) + 1, dtype=np.uint64)[made.units]
    place = stratified_folds(made.strata, units, keys, folds)
    _enough(int(place.max()) + 1, folds)
    return [_parted(made, place == fold) for fold in range(folds)]


def _dealt(made: Material, folds: int) -> Ids:
    """(m,) the fold of each item, dealt in turn to units that stand in the order of their strata."""
    first, unit = np.unique(made.units, return_index=True, return_inverse=True)[1:]
    order = np.lexsort((np.random.default_rng(made.seed).random(len(first)), made.strata[first]))
    place = np.empty(len(first), np.int64)
    place[order] = np.arange(len(first)) % folds
    return place[unit.reshape(-1)]


def _grouped_folds(made: Material, folds: int) -> list[Division]:
    """Units from the largest on, each to the fold that lacks most of its classes.

    Source: the greedy rule of scikit-learn's StratifiedGroupKFold, on shares of the classes.
    """
    found, unit = np.unique(made.units, return_inverse=True)
    _enough(len(found), folds)
    counts, items = made.counts(unit.reshape(-1), len(found)), np.bincount(unit.reshape(-1))
    shares = counts / np.maximum(counts.sum(0), 1)
    full, sizes, place = np.zeros((folds, counts.shape[1])), np.zeros(folds), np.empty(len(found), np.int64)
    rng = np.random.default_rng(made.seed)
    for step, one in enumerate(np.lexsort((rng.random(len(found)), -items))):
        crowded = (full * shares[one]).sum(1)
        # The last units go where nobody is yet, so that no fold stays empty.
        empty = np.flatnonzero(sizes == 0)
        candidates = empty if len(empty) >= len(found) - step else np.arange(folds)
        best = candidates[np.lexsort((sizes[candidates], crowded[candidates]))[0]]
        place[one] = best
        full[best] += shares[one]
        sizes[best] += items[one]
    return [_parted(made, place[unit.reshape(-1)] == fold) for fold in range(folds)]


def _expanding_folds(made: Material, folds: int) -> list[Division]:
    """folds + 1 stretches of time, equal in items as far as moments allow; each but the first is held out once."""
    moments, time = _moments(made, folds + 1)
    cuts: list[float] = []
    for fold in range(1, folds + 1):
        wanted = time[fold * len(time) // (folds + 1)]
        at = int(np.searchsorted(moments, wanted))
        at = max(at, fold, int(np.searchsorted(moments, cuts[-1])) + 1 if cuts else 1)
        cuts.append(float(moments[min(at, len(moments) - (folds + 1 - fold))]))
    return [_past_and(made, start, end) for start, end in zip(cuts, [*cuts[1:], np.inf], strict=True)]


def _moments(made: Material, wanted: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The different times, and those of all items that have one, both rising; at least `wanted` different ones."""
    assert made.time is not None
    time = np.sort(made.time[np.isfinite(made.time)])
    moments = np.unique(time)
    if len(moments) < wanted:
        raise BadcaseError(
            _("the items have too few different times to split them by"),
            where="validation",
            expected=_("at least {n}").format(n=wanted),
            got=len(moments),
            hint=_("Ask for fewer folds, or set validation = stratified."),
        )
    return moments, time


def _past_and(made: Material, start: float, end: float) -> Division:
    """Held out: from `start` to before `end`; learnt from: strictly before, without near-duplicates of what is held."""
    assert made.time is not None
    held = (made.time >= start) & (made.time < end)
    past = (made.time < start) & ~np.isin(made.units, made.units[held])
    n = int(np.isnan(made.time).sum())
    timeless = plural("{n} item has no time and is left out.", "{n} items have no time and are left out.", n)
    return Division(made.items[past], made.items[held], (timeless.format(n=n),) if n else ())


def _enough(units: int, wanted: int) -> None:
    if units < wanted:
        raise BadcaseError(
            _("there are too few separate groups to split"),
            where="validation",
            expected=_("at least {n} groups, or items that are not near-duplicates").format(n=wanted),
            got=units,
            hint=_("Ask for fewer folds, or set validation = stratified."),
        )


_HOLD_OUT: dict[Validation, Callable[[Material, float], Division]] = {
    Validation.STRATIFIED: _stratified_share,
    Validation.GROUPED: _grouped_share,
    Validation.TIME: _latest_share,
}
_FOLDS: dict[Validation, Callable[[Material, int], list[Division]]] = {
    Validation.STRATIFIED: _stratified_folds,
    Validation.GROUPED: _grouped_folds,
    Validation.TIME: _expanding_folds,
}
