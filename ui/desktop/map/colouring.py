"""By what the points of the map are coloured: sorts of items, each with an ink, a mark and a filter that asks for it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.maps.raster import Mark
from badcase.ui.desktop.review.filtering.filter_syntax import range_text, split_words
from badcase.ui.desktop.review.filtering.filters import GOLD_PART, Facts, Filter
from badcase.ui.desktop.review.filtering.item_fields import STATUSES, ItemFields, field_words, kind_words
from badcase.ui.desktop.review.state.facts import reason_title

COLOURS = 8  # of classes; from the ninth on they come again with another mark
MOST_COLOURED = 40  # sorts; of more all are grey but those that are asked for
_OWN = 5  # colours of a person's choice that a picture has room for
_NONE: Mapping[int, str] = {}
_SHAPES = (Mark.DISC, Mark.SQUARE, Mark.TRIANGLE, Mark.DIAMOND, Mark.CROSS)
_STEPS = 6  # of the ramp

Choose = Callable[[Filter, bool], Filter]


@dataclass(frozen=True, slots=True)
class Sort:
    """Items that look alike. ink: a token's name, "classes.3", "ramp.2" or a colour that a person chose. choose: the filter that
    asks for them, alone or beside others; chosen: whether a filter does."""

    name: str
    ink: str
    shape: Mark = Mark.DISC
    size: float = 3.4
    opacity: float = 0.62
    choose: Choose | None = None
    chosen: Callable[[Filter], bool] = lambda shown: False


@dataclass(frozen=True)
class Colouring:
    """of (n,): the sort of each item, -1 for none. marks: sorts are told by marks of their own, so suspects get no ring."""

    sorts: Sequence[Sort]
    of: npt.NDArray[np.integer]
    marks: bool = False
    grey: bool = field(default=False)

    def counts(self, passing: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """(sorts,) how many of the items that pass are of each."""
        here = self.of[passing]
        return np.bincount(here[here >= 0], minlength=len(self.sorts))[: len(self.sorts)]


def colourings(facts: Facts) -> dict[str, str]:
    """The names of what points can be coloured by, and what the window calls them."""
    found = {}
    if not facts.several:
        found["given"] = _("Given label")
        if facts.ranked:
            found["suggested"] = _("Suggested label")
    fields = facts.fields
    kinds = fields.kind_names() if fields is not None else []
    found |= {name: _sentence(field_words(name)) for name in kinds if name in ("label", "status", "suggestion")}
    found["split"] = _("Split")
    if facts.reasons:
        found["reason"] = _("First reason")
    numbers = fields.number_names() if fields is not None else []
    found |= {name: _sentence(field_words(name)) for name in [*numbers, *kinds] if name not in found}
    return found


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def colouring(name: str, facts: Facts, blind: npt.NDArray[np.int64]) -> Colouring:
    """What a name of `colourings` means now; blind: items of which the model's view must not be seen yet."""
    fields = facts.fields
    if name in ("given", "suggested"):
        of = np.asarray(facts.given if name == "given" else facts.suggested).copy()
        if name == "suggested":
            of[blind] = facts.given[blind]
        return _with_unlabelled(Colouring(class_sorts(name, facts), of, grey=len(facts.classes) > MOST_COLOURED))
    if name == "split":
        splits = split_words()
        sorts = [_one("splits", place, splits[place], f"classes.{place}") for place in range(GOLD_PART)]
        gold = replace(_one("splits", GOLD_PART, splits[GOLD_PART], "given", Mark.DIAMOND), size=5, opacity=0.9)
        return Colouring([*sorts, gold], facts.part)
    if name == "reason":
        return _of_reasons(facts)
    assert fields is not None
    if name == "status":
        return _of_status(fields)
    if fields.is_number(name):
        values = fields.numbers(name)
        if name == "suspicion" and len(blind):
            values = values.copy()
            values[blind] = np.nan
        return _of_numbers(name, values)
    kinds = fields.kinds(name)
    of = kinds.of
    if name == "suggestion" and len(blind):
        of = of.copy()
        of[blind] = -1
    own = _own_colours(facts) if name == "label" else _NONE
    return _of_kinds(name, list(kinds.names), of, own)


def _one(role: str, value: int, name: str, ink: str, shape: Mark = Mark.DISC) -> Sort:
    """A sort that a condition of one value of a filter asks for."""
    return Sort(
        name,
        ink,
        shape,
        choose=lambda shown, add: shown.with_one(role, value, add=add),
        chosen=lambda shown: value in getattr(shown, role),
    )


def _look(place: int, own: Mapping[int, str] = _NONE) -> tuple[str, Mark]:
    return own.get(place, f"classes.{place % COLOURS}"), _SHAPES[place // COLOURS % len(_SHAPES)]


def class_look(place: int, colour: str = "") -> tuple[str, Mark]:
    """The ink and the mark of a class by its place; colour: one that a person chose, "" for none."""
    return _look(place, {place: colour} if colour else _NONE)


def class_sorts(role: str, facts: Facts) -> list[Sort]:
    """The sorts of what is given or suggested."""
    own = _own_colours(facts)
    return [_one(role, place, name, *_look(place, own)) for place, name in enumerate(facts.classes)]


def _own_colours(facts: Facts) -> dict[int, str]:
    """The colours that a person gave to classes, by their place; of so many different ones as a picture has room for."""
    first = list(dict.fromkeys(filter(None, facts.colours)))[:_OWN]
    return {place: colour for place, colour in enumerate(facts.colours) if colour in first}


def _with_unlabelled(made: Colouring) -> Colouring:
    """The same with a sort of its own for what has no label, where there is any: a hollow ring."""
    if not (made.of < 0).any():
        return made
    none = Sort(_("no label"), "classes.4", Mark.RING, 4.6, 1.0)
    return replace(made, sorts=[*made.sorts, none], of=np.where(made.of < 0, len(made.sorts), made.of))


def _of_kinds(name: str, names: list[str], of: npt.NDArray[np.integer], own: Mapping[int, str]) -> Colouring:
    def sort(place: int, kind: str) -> Sort:
        ink, shape = _look(place, own) if name != "suggestion" else (("line2", Mark.DISC), ("given", Mark.DISC))[place]
        return Sort(
            kind_words(name, kind),
            ink,
            shape,
            choose=lambda shown, add: shown.with_kind(name, kind, add=add),
            chosen=lambda shown: (name, kind) in shown.kinds,
        )

    made = Colouring([sort(place, kind) for place, kind in enumerate(names)], of, grey=len(names) > MOST_COLOURED)
    return _with_unlabelled(made) if name == "label" else made


def _of_reasons(facts: Facts) -> Colouring:
    """By the first reason, in the order of the ranking, that speaks for each item."""
    of = np.full(facts.n, -1, np.int32)
    sorts = []
    for place, (name, mask) in enumerate(facts.reasons.items()):
        of[mask & (of < 0)] = place
        sorts.append(_of_reason(name, *_look(place)))
    return Colouring(sorts, of, grey=len(sorts) > MOST_COLOURED)


def _of_reason(name: str, ink: str, shape: Mark) -> Sort:
    return Sort(
        reason_title(name).title,
        ink,
        shape,
        choose=lambda shown, add: shown.with_reason(name, add=add),
        chosen=lambda shown: name in shown.reasons,
    )


def _of_status(fields: ItemFields) -> Colouring:
    """Each status by its colour and its mark."""
    looks = {
        "to-review": ("given", Mark.RING, 5.4, 1.0),
        "fixed": ("fixed", Mark.DISC, 5.2, 1.0),
        "kept": ("text2", Mark.DISC, 4.0, 1.0),
        "unsure": ("unsure", Mark.DIAMOND, 6.0, 1.0),
        "excluded": ("excluded", Mark.CROSS, 6.0, 1.0),
        "rest": ("line2", Mark.DISC, 3.0, 0.75),
    }

    def sort(kind: str) -> Sort:
        return Sort(
            kind_words("status", kind),
            *looks[kind],
            choose=lambda shown, add: shown.with_kind("status", kind, add=add),
            chosen=lambda shown: ("status", kind) in shown.kinds,
        )

    return Colouring([sort(kind) for kind in STATUSES], fields.kinds("status").of, marks=True)


def _of_numbers(name: str, values: npt.NDArray[np.float32]) -> Colouring:
    """Six steps of equal width from the least to the largest number; what has none is grey."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Colouring([], np.full(len(values), -1, np.int32))
    low, high = float(known.min()), float(known.max())
    if name in ("suspicion", "confidence"):
        low, high = 0.0, 1.0
    edges = np.linspace(low, high, _STEPS + 1)
    of = np.clip(np.searchsorted(edges[1:-1], values, side="right"), 0, _STEPS - 1).astype(np.int32)
    of[~np.isfinite(values)] = -1
    last = _STEPS - 1

    def sort(step: int) -> Sort:
        start, end = float(edges[step]), float(edges[step + 1])
        upto = end if step == last else float(np.nextafter(np.float32(end), np.float32(-np.inf)))
        return Sort(
            range_text(start, end),
            f"ramp.{step}",
            opacity=0.85,
            choose=lambda shown, add: shown.with_range(
                name, *((start, upto) if (name, start, upto) not in shown.ranges else (np.nan, np.nan))
            ),
            chosen=lambda shown: (name, start, upto) in shown.ranges,
        )

    return Colouring([sort(step) for step in range(_STEPS)], of)
