"""What the review list is narrowed to, as a value, and the words for it: `given:cat pred:dog split:train`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.items.label_sets import set_name
from badcase.review_counts import has_verdict, is_reviewed, is_to_review
from badcase.store.verdicts import NONE_OF_THESE, VerdictCode
from badcase.ui.desktop.review.filtering.item_fields import ItemFields

Mask = npt.NDArray[np.bool_]
ItemRows = npt.NDArray[np.int64]
T = TypeVar("T")


class Pile(StrEnum):
    """The piles an item can lie on; on both, by gain, lies what is to be labelled and what is to be reviewed."""

    TO_REVIEW = "to-review"
    TO_LABEL = "to-label"
    BOTH = "both"
    REVIEWED = "reviewed"
    UNSURE = "unsure"
    ALL = "all"


GOLD_PART = 3  # beside the splits 0 to 2: gold, which lies in none of them
OF_UNLABELLED = (Pile.TO_LABEL, Pile.BOTH)  # shown only where some items came without a label


@dataclass(frozen=True)
class Facts:
    """What the list is made from: one row an item, all arrays (n,).

    suspicion may be NaN; `order` holds the ranked items, most suspect first; `worth` marks the items
    that some reason speaks for, `flagged` those expected to be wrong; `search` finds the items whose key or text holds
    a word. Not `ranked`: no model has looked at them yet, and suggested repeats given.

    given and suggested are class ids, suggested `NONE_OF_THESE` where none fits. Where an item may have `several` labels they
    are matrices (n, k) of which of `classes` it has.
    """

    classes: Sequence[str]
    given: npt.NDArray[Any]
    suggested: npt.NDArray[Any]
    suspicion: npt.NDArray[np.float32]
    verdicts: npt.NDArray[np.int8]
    split: npt.NDArray[np.int8]
    gold: Mask
    order: npt.NDArray[np.int64]
    worth: Mask
    flagged: Mask
    reasons: Mapping[str, Mask] = field(default_factory=dict)
    search: Callable[[str], Mask] | None = None
    match: Callable[[tuple[str, ...]], npt.NDArray[np.float32]] | None = None  # (n,) how well items match words, 0 for not
    ranked: bool = True
    colours: Sequence[str] = ()  # of the classes, as a person chose them: #rrggbb, "" for that of the place
    silent: Sequence[str] = ()  # sentences: which reasons could not be looked for, and what would let them
    fields: ItemFields | None = None
    gone: Mask | None = None  # items that the data have no more, which lie on no pile; None where there are none
    follow: Callable[[], ItemRows] = lambda: np.empty(0, np.int64)  # takes over what the labels that hold now say; of which items
    items: slice | ItemRows = field(default_factory=lambda: slice(None))  # those of the project that the rows are of

    @property
    def n(self) -> int:
        return len(self.given)

    @cached_property
    def unlabelled(self) -> Mask:
        """(n,) the items that came without a label."""
        return np.zeros(self.n, np.bool_) if self.several else np.asarray(self.given < 0, np.bool_)

    @cached_property
    def some_unlabelled(self) -> bool:
        """Whether any came so."""
        return bool(self.unlabelled.any())

    def waits_for_a_label(self, item: int) -> bool:
        """Whether an item has no label, and nobody has judged it."""
        return bool(self.unlabelled[item] and self.verdicts[item] == VerdictCode.NONE and not self.gold[item])

    def of(self, items: ItemRows) -> Facts:
        """The facts of these items alone, a row each, for which a filter or a pile is asked; without an order."""
        rows: dict[str, Any] = {name: getattr(self, name)[items] for name in _ROWS}
        reasons = {name: mask[items] for name, mask in self.reasons.items()}
        gone = None if self.gone is None else self.gone[items]
        return replace(self, **rows, reasons=reasons, gone=gone, order=np.empty(0, np.int64), items=items)

    @cached_property
    def part(self) -> npt.NDArray[np.int8]:
        """(n,) the split of each item, `GOLD_PART` of gold."""
        return np.where(self.gold, np.int8(GOLD_PART), self.split)

    @property
    def several(self) -> bool:
        """Whether an item may have any number of labels."""
        return self.given.ndim == 2

    def doubted(self, items: npt.NDArray[np.int64]) -> Mask:
        """(items,) where something else is suggested than is given."""
        other = self.given[items] != self.suggested[items]
        return np.asarray(other.any(1) if self.several else other, np.bool_)

    def names(self, item: int) -> tuple[str, str]:
        """What an item is given and what is suggested, in words; of several labels, what would be added and removed."""
        given, suggested = self.given[item], self.suggested[item]
        if self.several:
            return set_words(self.classes, given), str(LabelChange.of(self.classes, given, suggested)) if self.ranked else ""
        named = _("no label") if given < 0 else self.classes[int(given)]
        return named, class_words(self.classes, int(suggested)) if self.ranked else ""


_ROWS = ("given", "suggested", "suspicion", "verdicts", "split", "gold", "worth", "flagged")


@dataclass(frozen=True)
class Filter:
    """Conditions of one role are joined by "or", different roles by "and"; `listed` names items in place of a pile.

    pairs are a given class and a suggested one, became a given class and the one that holds now. kinds are a field of the
    items and the name of a kind of it, ranges a field and its least and largest number.
    """

    queue: Pile = Pile.TO_REVIEW
    reasons: tuple[str, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    became: tuple[tuple[int, int], ...] = ()
    given: tuple[int, ...] = ()
    suggested: tuple[int, ...] = ()
    splits: tuple[int, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    ranges: tuple[tuple[str, float, float], ...] = ()
    words: tuple[str, ...] = ()
    listed: tuple[int, ...] | None = None
    title: str = ""

    @cached_property
    def _asked(self) -> ItemRows:
        """What is listed, as an array."""
        return np.array(self.listed or (), np.int64)

    @property
    def narrow(self) -> bool:
        """Whether more than the pile is asked for."""
        return self != Filter(queue=self.queue)

    def mask(self, facts: Facts) -> Mask:
        """(n,) the items that pass."""
        return self._narrowed(pile(self.queue, facts) if self.listed is None else self._listed(facts), facts)

    def passing(self, facts: Facts) -> Mask:
        """(n,) the items that pass whichever of them wait, gold too: the whole of what a picture of all items shows."""
        return self._narrowed(self.ground(facts), facts)

    def ground(self, facts: Facts) -> Mask:
        """(n,) the same before any condition: all items that the data have, else those of a pile or a list."""
        if self.listed is not None:
            return self._listed(facts)
        if self.queue in (Pile.TO_REVIEW, Pile.ALL):
            return np.ones(facts.n, np.bool_) if facts.gone is None else ~facts.gone
        return pile(self.queue, facts)

    def _listed(self, facts: Facts) -> Mask:
        if not isinstance(facts.items, slice):
            return np.isin(facts.items, self._asked)
        found = np.zeros(facts.n, np.bool_)
        found[self._asked] = True
        return found

    def _narrowed(self, passed: Mask, facts: Facts) -> Mask:
        for part in self.conditions(facts).values():
            passed &= part
        return passed

    def conditions(self, facts: Facts) -> dict[str, Mask]:
        """(n,) what passes each of the conditions, by what it asks about: a role, or a field."""
        parts: dict[str, Mask] = {}
        if self.reasons:
            parts["reason"] = _any([facts.reasons[name] for name in self.reasons if name in facts.reasons], facts.n)
        if self.pairs:
            parts["pair"] = _any([(facts.given == a) & (facts.suggested == b) for a, b in self.pairs], facts.n)
        roles: tuple[tuple[str, tuple[int, ...], npt.NDArray[Any]], ...] = (
            ("given", self.given, facts.given),
            ("suggested", self.suggested, facts.suggested),
            ("split", self.splits, facts.part),
        )
        for name, wanted, values in roles:
            if wanted:
                parts[name] = _any([values[:, one] if values.ndim == 2 else values == one for one in wanted], facts.n)
        if facts.fields is not None:
            parts |= self._of_fields(facts, facts.fields)
        if facts.search is not None:
            parts |= {f"word {number}": facts.search(word)[facts.items] for number, word in enumerate(self.words)}
        return parts

    def _of_fields(self, facts: Facts, fields: ItemFields) -> dict[str, Mask]:
        parts: dict[str, Mask] = {}
        if self.became:
            now = fields.kinds("label", facts.items).of
            parts["became"] = _any([(facts.given == a) & (now == b) for a, b in self.became], facts.n)
        for name in dict.fromkeys(name for name, _kind in self.kinds):
            parts[name] = fields.of_kinds(name, [kind for other, kind in self.kinds if other == name], facts.items)
        return parts | {one[0]: fields.between(*one, facts.items) for one in self.ranges}

    def with_reason(self, name: str, *, add: bool) -> Filter:
        """Choose a reason alone, or add or remove it beside the others."""
        return replace(self, reasons=_chosen(self.reasons, name, add=add), listed=None, title="")

    def with_kind(self, field: str, kind: str, *, add: bool) -> Filter:
        """Choose a kind of a field alone, or add or remove it beside the others."""
        others = tuple(one for one in self.kinds if one[0] != field)
        mine = tuple(one for one in self.kinds if one[0] == field)
        return replace(self, kinds=(*others, *_chosen(mine, (field, kind), add=add)), listed=None, title="")

    def with_range(self, field: str, low: float, high: float) -> Filter:
        """Ask for numbers of a field in place of those that were asked for before; a range of NaN asks for all."""
        others = tuple(one for one in self.ranges if one[0] != field)
        return replace(self, ranges=others if low != low else (*others, (field, low, high)), listed=None, title="")

    def with_one(self, role: str, value: int, *, add: bool) -> Filter:
        """The same of a given class, a suggested one or a split; role: the field of this filter."""
        chosen: dict[str, Any] = {role: _chosen(getattr(self, role), value, add=add)}
        return replace(self, listed=None, title="", **chosen)

    def with_pair(self, pair: tuple[int, int], *, add: bool, now: bool = False) -> Filter:
        """The same of a given class and the suggested one; now: and the one that holds now."""
        chosen: dict[str, Any] = {"became" if now else "pairs": _chosen(self.became if now else self.pairs, pair, add=add)}
        return replace(self, listed=None, title="", **chosen)


def class_words(classes: Sequence[str], label: int) -> str:
    """A class, or none of these, in words."""
    return _("None of these") if label == NONE_OF_THESE else classes[label]


def set_words(classes: Sequence[str], has: npt.NDArray[Any]) -> str:
    """A row (k,) of labels in words."""
    return set_name(classes[one] for one in np.flatnonzero(has).tolist())


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A set of labels beside the one that was given: what it has more, what it lacks, and what stays."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    nothing: str  # how a set without labels is called

    @classmethod
    def of(cls, classes: Sequence[str], before: npt.NDArray[Any], after: npt.NDArray[Any]) -> LabelChange:
        """What makes one row (k,) of labels the other."""
        rows = (after & ~before, before & ~after, after & before)
        added, removed, kept = (tuple(classes[one] for one in np.flatnonzero(row).tolist()) for row in rows)
        return cls(added, removed, kept, set_name(()))

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def __str__(self) -> str:
        """The change alone: "+dog −cat"; "" where there is none."""
        return " ".join([*(f"+{name}" for name in self.added), *(f"−{name}" for name in self.removed)])


def pile(queue: Pile, facts: Facts) -> Mask:
    """(n,) the items of one pile. Gold lies on none: nobody's verdict touches it."""
    if queue is Pile.REVIEWED:
        return is_reviewed(facts.verdicts, facts.gold)
    if queue is Pile.UNSURE:
        return has_verdict(VerdictCode.UNSURE, facts.verdicts, facts.gold)
    if queue in (Pile.ALL, Pile.TO_LABEL):
        there = ~facts.gold if facts.gone is None else ~(facts.gold | facts.gone)
    if queue is Pile.ALL:
        return there
    if queue is Pile.TO_LABEL:
        return facts.unlabelled & (facts.verdicts == VerdictCode.NONE) & there
    waits = is_to_review(facts.verdicts, facts.gold, facts.worth)
    return waits | pile(Pile.TO_LABEL, facts) if queue is Pile.BOTH else waits


def _any(masks: Sequence[Mask], n: int) -> Mask:
    joined = np.zeros(n, np.bool_)
    for one in masks:
        joined |= one
    return joined


def _chosen(old: tuple[T, ...], one: T, *, add: bool) -> tuple[T, ...]:
    if add:
        return tuple(other for other in old if other != one) if one in old else (*old, one)
    return () if old == (one,) else (one,)
