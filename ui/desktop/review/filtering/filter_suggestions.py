"""What a person may mean by what is being typed into the filter: names that the window shows, each with its count. No Qt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.review.filtering.filter_syntax import (
    parse,
    pile_words,
    reason_words,
    role_of,
    role_words,
    split_words,
    tokens,
)
from badcase.ui.desktop.review.filtering.filters import OF_UNLABELLED, Facts, Filter
from badcase.ui.desktop.window_words import in_window

MOST = 12
_A_KIND = 4  # of one kind, so that no kind pushes the others out
_SEARCHED = 200_000  # items; among more a search of the texts takes too long to be made with every letter
K = TypeVar("K", str, int)
_ROLE = re.compile(r"(\w+):")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A filter to take. kind: what it is, in a word. wanted: None for a remark that cannot be taken, and for `name`.

    name: asks for a name under which the filter that is shown is kept. saved: the name that it was kept under.
    """

    icon: str
    kind: str
    text: str
    wanted: Filter | None = None
    count: int | None = None
    name: bool = False
    saved: str = ""

    @property
    def taken(self) -> bool:
        """Whether Enter can take it."""
        return self.wanted is not None or self.name


def suggestions(typed: str, shown: Filter, facts: Facts, saved: Mapping[str, Filter]) -> list[Suggestion]:
    """What Enter may take, the likeliest first, at most `MOST`.

    Args:
        typed: So far.
        shown: The filter that it adds to.
        facts: Of the items.
        saved: Filters that were given a name.
    """
    typed = typed.strip()
    if not typed:
        found = [*_saved("", saved), *_piles("", shown, facts)]
        found += [Suggestion("star", "", _("Save this filter…"), name=True)] if shown.narrow and shown.listed is None else []
        return [_counted(one, facts) for one in found[:MOST]]
    if any(role_of(role) for role in _ROLE.findall(typed)):
        return [_counted(one, facts) for one in _spelled(typed, shown, facts)]
    found = list(_named(typed, shown, facts, saved))[: MOST - 1]
    search = Suggestion("search", "", _("Search for “{text}” in keys and texts").format(text=typed), _searching(typed, shown))
    if not found:
        nothing = Suggestion("info", "", _("Nothing here is called “{text}”").format(text=typed))
        near = _near(typed, facts)
        found, rest = [nothing], [one for name in near for one in _named(name, shown, facts, {}) if one.text == name][:_A_KIND]
        return [_counted(one, facts) for one in [*found, search, *rest]]
    return [_counted(one, facts) for one in [*found, search]]


def _spelled(typed: str, shown: Filter, facts: Facts) -> list[Suggestion]:
    """What was written out in full, or what is wrong with it."""
    search = Suggestion("search", "", _("Search for “{text}” in keys and texts").format(text=typed), _searching(typed, shown))
    try:
        wanted = parse(typed, facts, shown)
    except BadcaseError as error:
        return [Suggestion("info", "", wording.with_hint(str(error), in_window(error.hint))), search]
    before = {str(token) for token in tokens(shown, facts)}
    words = [token.words for token in tokens(wanted, facts) if str(token) not in before]
    return [Suggestion("filter", "", "  ".join(words) or typed, wanted)]


def _named(typed: str, shown: Filter, facts: Facts, saved: Mapping[str, Filter]) -> Iterator[Suggestion]:
    """Whatever the window calls so: what begins with it first."""
    words = role_words()
    kinds: list[list[Suggestion]] = [_saved(typed, saved), _piles(typed, shown, facts)]
    kinds.append(
        [
            Suggestion("filter", words["reason"], title, shown.with_reason(name, add=name not in shown.reasons))
            for name, title in _matching(typed, {name: reason_words(name) for name in facts.reasons})
        ]
    )
    splits = dict(enumerate(split_words()))
    kinds.append(
        [
            Suggestion("table", words["split"], name, replace(shown, splits=_with(shown.splits, split)))
            for split, name in _matching(typed, splits)
        ]
    )
    classes = list(_matching(typed, dict(enumerate(facts.classes))))[:_A_KIND]
    for label, name in classes:
        kinds.append([Suggestion("list", words["given"], name, replace(shown, given=_with(shown.given, label)))])
        if facts.ranked:
            kinds[-1].append(Suggestion("model", words["pred"], name, replace(shown, suggested=_with(shown.suggested, label))))
    found = [one for kind in kinds for one in kind[:_A_KIND]]
    wanted = typed.casefold()
    yield from sorted(found, key=lambda one: (one.text.casefold() != wanted, not one.text.casefold().startswith(wanted)))


def _matching(typed: str, names: Mapping[K, str]) -> Iterator[tuple[K, str]]:
    wanted = typed.casefold()
    found = [(key, name) for key, name in names.items() if wanted in name.casefold()]
    yield from sorted(found, key=lambda one: (one[1].casefold() != wanted, not one[1].casefold().startswith(wanted)))


def _saved(typed: str, saved: Mapping[str, Filter]) -> list[Suggestion]:
    return [
        Suggestion("star", _("saved"), name, saved[name], saved=name) for name in saved if typed.casefold() in name.casefold()
    ]


def _piles(typed: str, shown: Filter, facts: Facts) -> list[Suggestion]:
    left_out = () if facts.unlabelled.any() else OF_UNLABELLED
    piles = {str(queue): (queue, words) for queue, words in pile_words().items() if queue not in left_out}
    matching = _matching(typed, {name: words for name, (_queue, words) in piles.items()})
    kind = role_words()["is"]
    return [
        Suggestion("list", kind, words, replace(shown, queue=piles[name][0], listed=None, title="")) for name, words in matching
    ]


def _with(values: tuple[int, ...], one: int) -> tuple[int, ...]:
    return values if one in values else (*values, one)


def _searching(typed: str, shown: Filter) -> Filter:
    return replace(shown, words=(*shown.words, *typed.split()))


def _near(typed: str, facts: Facts) -> list[str]:
    names = [*facts.classes, *(reason_words(name) for name in facts.reasons)]
    lowered = {name.casefold(): name for name in names[:2000]}
    return [lowered[one] for one in difflib.get_close_matches(typed.casefold(), list(lowered), n=3, cutoff=0.6)]


def _counted(one: Suggestion, facts: Facts) -> Suggestion:
    """With how many items it leaves."""
    if one.wanted is None or (one.wanted.words and facts.n > _SEARCHED):
        return one
    return replace(one, count=int(np.count_nonzero(one.wanted.mask(facts))))


Suggest = Callable[[str], list[Suggestion]]
