"""Filters as text: `given:cat pred:"New York" split:train reason:margin word`, and back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.scorers import SCORERS
from badcase.text_search import require_pattern
from badcase.ui.desktop.review.filtering.filters import Facts, Filter, Pile
from badcase.ui.desktop.review.filtering.item_fields import ItemFields, field_words, kind_words

SPLITS = ("train", "validation", "test", "gold")
_TOKEN = re.compile(r'(?:(\w+):)?(?:"([^"]*)"|(\S+))')
_RANGE = re.compile(r"(-?[\d.eE+]+)?(?:–|\.\.)(-?[\d.eE+]+)?")
_ARROW = re.compile(r"\s*(?:→|->|>)\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """One condition of a filter: its role ("given") and its value ("cat") as they are typed and kept, the value as the
    window calls it, and the filter without it."""

    role: str
    value: str
    without: Filter
    shown: str = ""

    @property
    def name(self) -> str:
        """What a person reads in the place of the role; a reason, and words, speak for themselves."""
        if self.role in ("", "reason", "pair"):
            return ""
        return role_words().get(self.role) or field_words(self.role)

    @property
    def words(self) -> str:
        """As a person reads it: "given: cat"."""
        value = self.shown or self.value
        return f"{self.name}: {value}" if self.name else value

    def __str__(self) -> str:
        value = f'"{self.value}"' if re.search(r'[\s":]', self.value) else self.value
        return f"{self.role}:{value}" if self.role else value


def role_words() -> dict[str, str]:
    """What the window calls each role; it may be typed so too."""
    return {
        "given": _("given"),
        "pred": _("suggested"),
        "pair": _("confusion"),
        "became": _("changed"),
        "reason": _("reason"),
        "is": _("queue"),
        "split": _("split"),
        "re": _("pattern"),
        "case": _("exactly"),
    }


def split_words() -> list[str]:
    """What the window calls `SPLITS`."""
    return [_("train"), _("validation"), _("test"), _("gold")]


def pile_words() -> dict[Pile, str]:
    """What the window calls the piles."""
    return {
        Pile.TO_REVIEW: _("To review"),
        Pile.TO_LABEL: _("To label"),
        Pile.BOTH: _("Both, by gain"),
        Pile.REVIEWED: _("Reviewed"),
        Pile.UNSURE: _("Unsure"),
        Pile.ALL: _("All items"),
    }


def reason_words(name: str) -> str:
    """What the window calls the reason of a scorer."""
    return SCORERS[name].title() if name in SCORERS else name


def role_of(typed: str) -> str:
    """The role that a word names, "" where it names none."""
    wanted = typed.casefold()
    named = {words.casefold(): role for role, words in role_words().items()}
    return wanted if wanted in _ROLES else named.get(wanted, "")


def parse(text: str, facts: Facts, start: Filter | None = None) -> Filter:
    """Add the conditions of a text to a filter; what is no role is searched in keys and texts.

    Raises BadcaseError for a class, split, reason or pile that does not exist, naming the nearest that do.
    """
    found = start or Filter()
    for role, quoted, bare in _TOKEN.findall(text):
        value = quoted or bare
        if known := role_of(role):
            found = _ROLES[known](found, value, facts)
        elif role and facts.fields is not None and (field := facts.fields.named(role)):
            found = _of_field(found, field, value, facts.fields)
        elif role or value:
            found = replace(found, words=(*found.words, f"{role}:{value}" if role else value))
    return found


def tokens(shown: Filter, facts: Facts) -> list[Token]:
    """The conditions of a filter, one each, in a steady order. The pile is not among them."""
    found: list[Token] = []
    if shown.listed is not None:
        title = shown.title or plural("{n} item", "{n} items", len(shown.listed)).format(n=len(shown.listed))
        found.append(Token("", title, replace(shown, listed=None, title="")))
    splits = split_words()
    parts: list[tuple[str, str, Callable[[Any], str], Callable[[Any], str] | None]] = [
        ("reason", "reasons", str, reason_words),
        ("pair", "pairs", lambda pair: f"{facts.classes[pair[0]]}→{facts.classes[pair[1]]}", None),
        ("became", "became", lambda pair: f"{facts.classes[pair[0]]}→{facts.classes[pair[1]]}", None),
        ("given", "given", lambda one: facts.classes[one], None),
        ("pred", "suggested", lambda one: facts.classes[one], None),
        ("split", "splits", lambda one: SPLITS[one], lambda one: splits[one]),
        ("", "kinds", lambda one: one[1], lambda one: kind_words(*one)),
        ("", "ranges", lambda one: range_text(*one[1:]), None),
        ("", "words", str, lambda word: _("“{text}”").format(text=word)),
    ]
    for role, name, words, shown_as in parts:
        values = getattr(shown, name)
        for value in values:
            rest: dict[str, Any] = {name: tuple(other for other in values if other != value)}
            named, said = role if name not in ("kinds", "ranges") else value[0], words(value)
            if name == "words" and said.startswith(("re:", "case:")):
                named, said = said.split(":", 1)
            found.append(Token(named, said, replace(shown, **rest), shown_as(value) if shown_as and said == words(value) else ""))
    return found


def _class(name: str, facts: Facts) -> int:
    return _among(name, facts.classes, _("there is no such class"))


def _among(name: str, names: Sequence[str], what: str, shown: Sequence[str] = ()) -> int:
    """Where a name stands, or what the window shows for it; without regard to case, and a beginning is enough where only
    one name has it."""
    wanted = name.casefold()
    if wanted not in [other.casefold() for other in names] and shown:
        names = shown
    lowered = [other.casefold() for other in names]
    if wanted in lowered:
        return lowered.index(wanted)
    begun = [place for place, other in enumerate(lowered) if other.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    near = [names[lowered.index(one)] for one in difflib.get_close_matches(wanted, lowered, n=3, cutoff=0.4)]
    near = [names[place] for place in begun[:3]] or near or list(names[:3])
    raise BadcaseError(what, where=name, hint=_("Perhaps {names}?").format(names=", ".join(near)))


def _pair(role: str, value: str, facts: Facts, example: str) -> tuple[int, int]:
    if facts.several:
        raise BadcaseError(_("pairs are for items with one label"), where=f"{role}:{value}", hint=_("Ask for given: and pred:."))
    ends = _ARROW.split(value)
    if len(ends) != 2:
        raise BadcaseError(_("a pair needs two classes"), where=f"{role}:{value}", expected=example)
    return _class(ends[0], facts), _class(ends[1], facts)


def _reason(shown: Filter, value: str, facts: Facts) -> Filter:
    names = list(facts.reasons)
    return replace(
        shown,
        reasons=(*shown.reasons, names[_among(value, names, _("there is no such reason"), [reason_words(one) for one in names])]),
    )


def _queue(shown: Filter, value: str, facts: Facts) -> Filter:
    queues = list(Pile)
    return replace(shown, queue=queues[_among(value, queues, _("there is no such pile"), list(pile_words().values()))])


def range_text(low: float, high: float) -> str:
    """Two numbers as they are typed and read: "0.10–1.00"; an end that is open is left out."""
    return "–".join("" if np.isinf(end) else f"{end:.2f}" if abs(end) < 100 and end % 1 else f"{end:.6g}" for end in (low, high))


def _ends(value: str) -> tuple[float, float]:
    match = _RANGE.fullmatch(value)
    if match is None:
        raise ValueError(value)
    return float(match[1] or "-inf"), float(match[2] or "inf")


def _of_field(shown: Filter, field: str, value: str, fields: ItemFields) -> Filter:
    """A kind of a field, or numbers of it: "0.5–1", "0.5..", "–0.2"."""
    if fields.is_number(field):
        try:
            low, high = _ends(value)
        except ValueError:
            what = _("these are no numbers from and to")
            raise BadcaseError(what, where=f"{field}:{value}", expected=f"{field}:0.5–1") from None
        return shown.with_range(field, low, high)
    names = fields.kinds(field).names
    shown_as = [kind_words(field, name) for name in names]
    return shown.with_kind(field, names[_among(value, names, _("there is no such value"), shown_as)], add=True)


def _sought(shown: Filter, kind: str, value: str, facts: Facts) -> Filter:
    """Words that are no plain ones; a pattern that is none is told of at once."""
    word = f"{kind}:{value}"
    if facts.search is not None and kind == "re":
        require_pattern(value)
    return replace(shown, words=(*shown.words, word))


def _split(shown: Filter, value: str, facts: Facts) -> Filter:
    return replace(shown, splits=(*shown.splits, _among(value, SPLITS, _("there is no such split"), split_words())))


_ROLES: dict[str, Callable[[Filter, str, Facts], Filter]] = {
    "given": lambda shown, value, facts: replace(shown, given=(*shown.given, _class(value, facts))),
    "pred": lambda shown, value, facts: replace(shown, suggested=(*shown.suggested, _class(value, facts))),
    "pair": lambda shown, value, facts: replace(shown, pairs=(*shown.pairs, _pair("pair", value, facts, "pair:cat→dog"))),
    "became": lambda shown, value, facts: replace(shown, became=(*shown.became, _pair("became", value, facts, "became:cat→dog"))),
    "reason": _reason,
    "is": _queue,
    "split": _split,
    "re": lambda shown, value, facts: _sought(shown, "re", value, facts),
    "case": lambda shown, value, facts: _sought(shown, "case", value, facts),
}
