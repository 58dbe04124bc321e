"""Spellings of one class: labels that differ in case, blanks or Unicode form alone, told and joined where a person says so."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from badcase.i18n import _, grouped
from badcase.importing.labels.numbers import whole, whole_names

_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})
_SHOWN = 5  # groups of spellings that are told one by one


@dataclass(frozen=True, slots=True)
class Spellings:
    """The class of each label, and what there is to say of labels that are spelled in several ways."""

    name: Mapping[str, str]
    notes: tuple[str, ...]


def spellings(counts: Mapping[str, int], *, join: bool) -> Spellings:
    """The class that each label (with how many rows have it) belongs to.

    Numbers that are equal are one class, "1" and "1.0". Other spellings are classes of their own unless `join`; the class
    is called by the most frequent one.
    """
    name = whole_names(list(counts))
    numbers = _groups(counts, name.__getitem__)
    told = [_("{spellings} are one number, and one class.").format(spellings=_listed(group, counts)) for group in numbers]
    classes: dict[str, int] = {}
    for label, n in counts.items():
        classes[name[label]] = classes.get(name[label], 0) + n
    booleans = {whole(_plain(one)) for one in classes} <= _TRUE | _FALSE
    groups = _groups(classes, lambda label: _folded(label, booleans=booleans))
    called: dict[str, str] = {}
    for group in groups:
        if join:
            called |= dict.fromkeys(group, max(group, key=classes.__getitem__))
        told.append(_told(group, classes, join=join))
    more = [_("{n} more labels are spelled in several ways.").format(n=grouped(len(told) - _SHOWN))] if len(told) > _SHOWN else []
    return Spellings({label: called.get(name[label], name[label]) for label in counts}, (*told[:_SHOWN], *more))


def blanks_told(shown: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """Of each label that is written with several blanks around it: that it is one class, whose rows are as they were."""
    told = []
    for written in shown.values():
        if len(written) > 1:
            said = _listed(sorted(written, key=written.__getitem__, reverse=True), written)
            told.append(_("{spellings} differ in the blanks around them, and are one class.").format(spellings=said))
    more = [_("{n} more labels are spelled in several ways.").format(n=grouped(len(told) - _SHOWN))] if len(told) > _SHOWN else []
    return (*told[:_SHOWN], *more)


def _groups(counts: Mapping[str, int], same: Callable[[str], str]) -> list[list[str]]:
    """Labels that are the same to a reading of them, where there are several; the most frequent first."""
    found: dict[str, list[str]] = {}
    for label in counts:
        found.setdefault(same(label), []).append(label)
    return [sorted(group, key=lambda label: -counts[label]) for group in found.values() if len(group) > 1]


def _folded(label: str, *, booleans: bool) -> str:
    plain = whole(_plain(label))
    return plain if not booleans else "true" if plain in _TRUE else "false"


def _plain(label: str) -> str:
    """A label without case, Unicode form, invisible characters and doubled blanks."""
    visible = "".join(one for one in unicodedata.normalize("NFKC", label) if unicodedata.category(one) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", visible.casefold()).split())


def _told(group: list[str], counts: Mapping[str, int], *, join: bool) -> str:
    said = {"spellings": _listed(group, counts), "how": _difference(group)}
    if join:
        return _("{spellings} differ only in {how}, and are one class.").format(**said)
    return _("{spellings} differ only in {how}, and are classes of their own; --join-spellings joins them.").format(**said)


def _difference(group: list[str]) -> str:
    """In what spellings differ, in words."""
    if len({label.casefold() for label in group}) == 1:
        return _("case")
    if len({" ".join(label.split()) for label in group}) == 1:
        return _("blanks")
    if len({unicodedata.normalize("NFKC", label) for label in group}) == 1:
        return _("Unicode form")
    if len({_plain(label) for label in group}) == 1:
        return _("case, blanks or Unicode form")
    return _("how one value is written")


def _listed(group: list[str], counts: Mapping[str, int]) -> str:
    return _(" and ").join(f'"{label}" ({grouped(counts[label])})' for label in group)
