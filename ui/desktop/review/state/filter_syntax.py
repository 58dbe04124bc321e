"""Filters as text: `given:cat pred:"New York" split:train reason:margin word`, and back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.ui.desktop.review.state.filters import Facts, Filter, Pile

SPLITS = ("train", "validation", "test")
_TOKEN = re.compile(r'(?:(\w+):)?(?:"([^"]*)"|(\S+))')
_ARROW = re.compile(r"\s*(?:→|->|>)\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """One condition of a filter: its role ("given"), its value in words ("cat"), and the filter without it."""

    role: str
    value: str
    without: Filter

    def __str__(self) -> str:
        value = f'"{self.value}"' if re.search(r'[\s":]', self.value) else self.value
        return f"{self.role}:{value}" if self.role else value


def parse(text: str, facts: Facts, start: Filter | None = None) -> Filter:
    """Add the conditions of a text to a filter; what is no role is searched in keys and texts.

    Raises BadcaseError for a class, split, reason or pile that does not exist, naming the nearest that do.
    """
    found = start or Filter()
    for role, quoted, bare in _TOKEN.findall(text):
        value = quoted or bare
        if role in _ROLES:
            found = _ROLES[role](found, value, facts)
        elif role or value:
            found = replace(found, words=(*found.words, f"{role}:{value}" if role else value))
    return found


def tokens(shown: Filter, facts: Facts) -> list[Token]:
    """The conditions of a filter, one each, in a steady order. The pile is not among them."""
    found: list[Token] = []
    if shown.listed is not None:
        title = shown.title or _("{n} items").format(n=len(shown.listed))
        found.append(Token("", title, replace(shown, listed=None, title="")))
    parts: list[tuple[str, str, Callable[[Any], str]]] = [
        ("reason", "reasons", str),
        ("pair", "pairs", lambda pair: f"{facts.classes[pair[0]]}→{facts.classes[pair[1]]}"),
        ("given", "given", lambda one: facts.classes[one]),
        ("pred", "suggested", lambda one: facts.classes[one]),
        ("split", "splits", lambda one: SPLITS[one]),
        ("", "words", str),
    ]
    for role, name, words in parts:
        values = getattr(shown, name)
        for value in values:
            rest: dict[str, Any] = {name: tuple(other for other in values if other != value)}
            found.append(Token(role, words(value), replace(shown, **rest)))
    return found


def _class(name: str, facts: Facts) -> int:
    return _among(name, facts.classes, _("there is no such class"))


def _among(name: str, names: Sequence[str], what: str) -> int:
    """Where a name stands; without regard to case, and a beginning is enough where only one name has it."""
    lowered = [other.casefold() for other in names]
    wanted = name.casefold()
    if wanted in lowered:
        return lowered.index(wanted)
    begun = [place for place, other in enumerate(lowered) if other.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    near = [names[lowered.index(one)] for one in difflib.get_close_matches(wanted, lowered, n=3, cutoff=0.4)]
    near = [names[place] for place in begun[:3]] or near or list(names[:3])
    raise BadcaseError(what, where=name, hint=_("Perhaps {names}?").format(names=", ".join(near)))


def _pair(shown: Filter, value: str, facts: Facts) -> Filter:
    if facts.several:
        raise BadcaseError(_("pairs are for items with one label"), where=f"pair:{value}", hint=_("Ask for given: and pred:."))
    ends = _ARROW.split(value)
    if len(ends) != 2:
        raise BadcaseError(_("a pair needs two classes"), where=f"pair:{value}", expected="pair:cat→dog")
    return replace(shown, pairs=(*shown.pairs, (_class(ends[0], facts), _class(ends[1], facts))))


def _reason(shown: Filter, value: str, facts: Facts) -> Filter:
    names = list(facts.reasons)
    return replace(shown, reasons=(*shown.reasons, names[_among(value, names, _("there is no such reason"))]))


def _queue(shown: Filter, value: str, facts: Facts) -> Filter:
    queues = list(Pile)
    return replace(shown, queue=queues[_among(value, queues, _("there is no such pile"))])


def _split(shown: Filter, value: str, facts: Facts) -> Filter:
    return replace(shown, splits=(*shown.splits, _among(value, SPLITS, _("there is no such split"))))


_ROLES: dict[str, Callable[[Filter, str, Facts], Filter]] = {
    "given": lambda shown, value, facts: replace(shown, given=(*shown.given, _class(value, facts))),
    "pred": lambda shown, value, facts: replace(shown, suggested=(*shown.suggested, _class(value, facts))),
    "pair": _pair,
    "reason": _reason,
    "is": _queue,
    "split": _split,
}
