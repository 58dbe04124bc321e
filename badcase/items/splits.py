"""Splits: train, validation and test, as the data set says or made; and gold, the locked part of the hold-out.

Items that belong together (twins, or one group) never stand on two sides of a split that is made here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped
from badcase.items.kinds import UNLABELLED, Split

_WORDS = {
    Split.TRAIN: ("train", "training"),
    Split.VALIDATION: ("val", "valid", "validation", "dev", "development"),
    Split.TEST: ("test", "testing", "eval", "evaluation", "holdout"),
}
_VALIDATION = 0.08  # of the items
# Gold is locked away from the reviewer, so it is as small as a comparison can bear: 6 % of the items, at least 100 of
# them unless that is more than 12 %.
_GOLD, _FEWEST_GOLD, _MOST_GOLD = 0.06, 100, 0.12
_LARGEST_GOLD = 2000
_LARGEST_HALF = 1000
_FEWEST = 5  # units of a class below which none of them is held out

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SplitAssignment:
    """The split of all items: `split` (n,) int8 codes; `gold` (n,) bool, a part of the test items; what was done, in words."""

    split: npt.NDArray[np.int8]
    gold: npt.NDArray[np.bool_]
    notes: list[str]


def split_named(written: str) -> Split | None:
    """What a split's name means: "train", "val_2", "dev-few", "hold-out" ..., or None."""
    word = re.split(r"[^a-z]", written.strip().lower().replace("hold-out", "holdout").replace("hold_out", "holdout"))[0]
    return next((split for split, words in _WORDS.items() if word in words), None)


def make_splits(
    written: Sequence[str | None] | None,
    given: npt.NDArray[np.int32],
    twins: Ids,
    groups: Ids | None,
    time: npt.NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> SplitAssignment:
    """The split of every item and the gold mask.

    Args:
        written: The split each item names, or None where the data set has no splits.
        given: (n,) class ids, UNLABELLED where there is none. Such an item is drawn into no part: it stands with its twins, else
            among the training items.
        twins: (n,) ids of near-duplicates, which belong together.
        groups: (n,) ids of what else belongs together.
        time: (n,) sortable; the latest items are held out.
        rng: Where the randomness comes from.
    """
    split = None if written is None else _mapped(written)
    notes: list[str] = []
    if split is not None and not (split == Split.TRAIN).any():
        notes.append(_("The data set does not say which items are for training, so badcase made the splits."))
        split = None
    if split is not None and not (split != Split.TRAIN).any():
        split = None
    units = together(twins, groups)
    if split is None:
        made = _beside_twins(_made(given, units, time, rng), given, units)
        how = _("by time") if time is not None else _("stratified by class")
        return SplitAssignment(
            made.split, made.gold, [*notes, _("Splits were made {how}: {counts}.").format(how=how, counts=_counts(made, given))]
        )
    done = _with_gold(split, given, units, time, rng)
    return SplitAssignment(
        done.split, done.gold, [*notes, _("Splits are the data set's own: {counts}.").format(counts=_counts(done, given))]
    )


def _counts(splits: SplitAssignment, given: npt.NDArray[np.int32]) -> str:
    labelled = splits.split[given != UNLABELLED]
    train, validation, test = (int((labelled == split).sum()) for split in Split)
    words = _("{train} train, {validation} validation, {test} test (of them {gold} gold)")
    return words.format(
        train=grouped(train), validation=grouped(validation), test=grouped(test), gold=grouped(int(splits.gold.sum()))
    )


def _mapped(written: Sequence[str | None]) -> npt.NDArray[np.int8]:
    meanings = {value: split_named(value or "train") for value in set(written)}
    unknown = sorted(str(value) for value, meaning in meanings.items() if meaning is None)
    if unknown:
        raise BadcaseError(
            _("the split column has values that name no split"),
            expected=_("train, validation or test, or words that begin with one of them"),
            got=", ".join(unknown[:5]),
            hint=_("Leave out --split to have splits made, name another column with it, or rename these values."),
        )
    return np.array([meanings[value] for value in written], np.int8)


def together(twins: Ids, groups: Ids | None) -> Ids:
    """(n,) the smallest item id of all that must stay together: connected through near-duplicates or through groups."""
    unit = _first_of(twins)
    if groups is None:
        return unit
    while True:  # each round carries the smallest id one link further; real data needs two or three
        by_group = _smallest(groups, unit)
        joined = _smallest(twins, by_group)
        if np.array_equal(joined, unit):
            return unit
        unit = joined


def _first_of(ids: Ids) -> Ids:
    return _smallest(ids, np.arange(len(ids)))


def _smallest(ids: Ids, values: Ids) -> Ids:
    """(n,) for each item the smallest of `values` among the items with the same id."""
    unique, inverse = np.unique(ids, return_inverse=True)
    least = np.full(len(unique), np.iinfo(np.int64).max)
    np.minimum.at(least, inverse, values)
    return least[inverse]


def _made(
    given: npt.NDArray[np.int32], units: Ids, time: npt.NDArray[np.float64] | None, rng: np.random.Generator
) -> SplitAssignment:
    labelled = given != UNLABELLED
    n = max(1, int(labelled.sum()))
    share = min(max(_GOLD, min(_FEWEST_GOLD / n, _MOST_GOLD)), _LARGEST_GOLD / n)
    gold = _take(labelled, given, units, time, share, rng)
    validation = _take(labelled & ~gold, given, units, time, _VALIDATION / (1 - share), rng)
    split = np.where(gold, Split.TEST, np.where(validation, Split.VALIDATION, Split.TRAIN)).astype(np.int8)
    return SplitAssignment(split, gold, [])


def _beside_twins(made: SplitAssignment, given: npt.NDArray[np.int32], units: Ids) -> SplitAssignment:
    """The same with each item that has no label where its labelled twins are, so that it may get one and tell nothing."""
    labelled = given != UNLABELLED
    part_of = np.zeros(len(given), np.int8)
    part_of[units[labelled]] = made.split[labelled]
    return SplitAssignment(np.where(labelled, made.split, part_of[units]).astype(np.int8), made.gold, made.notes)


def _with_gold(
    split: npt.NDArray[np.int8],
    given: npt.NDArray[np.int32],
    units: Ids,
    time: npt.NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> SplitAssignment:
    """Gold out of the hold-out that the data names; where it names only one kind, half of it becomes the other."""
    split = split.copy()
    has_validation, has_test = (bool((split == part).any()) for part in (Split.VALIDATION, Split.TEST))
    largest = _LARGEST_GOLD
    if not (has_validation and has_test):
        held = split != Split.TRAIN
        test = _take(held & (given != UNLABELLED), given, units, time, 0.5, rng)
        split[held] = np.where(test[held], Split.TEST, Split.VALIDATION)
        largest = _LARGEST_HALF
    test = split == Split.TEST
    # A twin elsewhere would tell what gold holds: such items stay in the test split and out of gold.
    leaked = np.isin(units, units[~test])
    gold = test & ~leaked & (given != UNLABELLED)
    if gold.sum() > largest:
        gold = _take(gold, given, units, time, largest / float(gold.sum()), rng)
    return SplitAssignment(split, gold, [])


def _take(
    of: npt.NDArray[np.bool_],
    given: npt.NDArray[np.int32],
    units: Ids,
    time: npt.NDArray[np.float64] | None,
    share: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.bool_]:
    """(n,) bool: about `share` of the items in `of`, whole units, from every class alike or the latest in time."""
    rows = np.flatnonzero(of)
    first, inverse, sizes = np.unique(units[rows], return_inverse=True, return_counts=True)
    if time is not None:
        latest = np.full(len(first), -np.inf)
        np.maximum.at(latest, inverse, np.nan_to_num(time[rows], nan=-np.inf))
        chosen = _until(np.argsort(-latest, kind="stable"), sizes, share * len(rows))
    else:
        chosen = []
        classes = given[first]
        for one in np.unique(classes):
            members = rng.permutation(np.flatnonzero(classes == one))
            if len(members) >= _FEWEST or share >= 0.5:
                wanted = max(1.0, share * sizes[members].sum()) if len(members) >= _FEWEST else share * len(members)
                chosen += _until(members, sizes, wanted)
    taken = np.zeros(len(of), np.bool_)
    taken[rows] = np.isin(inverse, chosen)
    return taken


def _until(order: Ids, sizes: Ids, wanted: float) -> list[int]:
    """The first units in an order whose sizes come nearest to the wanted number of items."""
    total = np.cumsum(sizes[order])
    before = np.concatenate([[0], total[:-1]])
    return [int(unit) for unit, start, end in zip(order, before, total, strict=True) if (start + end) / 2 <= wanted]
