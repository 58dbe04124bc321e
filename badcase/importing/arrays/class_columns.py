"""Which column of a table of probabilities is which class: by name, behind a common prefix, by id, or by position."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from badcase.errors import BadcaseError
from badcase.i18n import _

_FEW = 8


@dataclass(frozen=True, slots=True)
class ClassColumns:
    """`places` (k,) the column of each class, in the order of the classes; what was understood, in sentences."""

    places: list[int]
    notes: list[str]
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class Affix:
    """What stands before and after the name of a class in the names of the columns."""

    before: str
    after: str

    def around(self, name: str) -> str:
        return f"{self.before}{name}{self.after}"

    def inside(self, column: str) -> str | None:
        """What the name of a column has between the two; None where it has not both."""
        long_enough = len(column) > len(self.before) + len(self.after)
        if not (long_enough and column.startswith(self.before) and column.endswith(self.after)):
            return None
        return column[len(self.before) : len(column) - len(self.after)]

    @property
    def stands_apart(self) -> bool:
        """Whether no letter or digit stands next to the name."""
        return not (self.before[-1:].isalnum() or self.after[:1].isalnum())

    def __str__(self) -> str:
        return self.around("…")


def find_affix(columns: Sequence[str], names: Collection[str], where: str) -> Affix | None:
    """The one affix with which every name is a column; none at all goes before any other. None where there is none.

    Raises:
        BadcaseError: Where there are several, and no single one speaks of probabilities.
    """
    longest = max(names, key=len)
    found: list[Affix] = []
    for column in columns:
        at = column.find(longest)
        while at >= 0:
            affix = Affix(column[:at], column[at + len(longest) :])
            apart = len(names) > 1 or affix.stands_apart  # one name alone may stand inside any word
            if affix not in found and apart and all(affix.around(name) in columns for name in names):
                found.append(affix)
            at = column.find(longest, at + 1)
    if Affix("", "") in found:
        return Affix("", "")
    if len(found) > 1:
        speaking = [affix for affix in found if "prob" in str(affix).lower()]
        if len(speaking) != 1:
            raise BadcaseError(
                _("several columns for each class"),
                where=where,
                expected=_("one column for each class"),
                got=", ".join(map(str, found)),
                hint=_("Remove the columns that are not meant."),
            )
        return speaking[0]
    return found[0] if found else None


def class_columns(
    columns: Sequence[str] | None,
    width: int,
    classes: Sequence[str],
    where: str,
    *,
    spellings: Sequence[Sequence[str]] = (),
    texts: Collection[str] = (),
) -> ClassColumns:
    """The column of every class.

    Args:
        columns: (width,) their names; None where they have none, which is when their order counts.
        width: How many columns there are.
        classes: (k,) names of the classes.
        where: The file, for messages.
        spellings: How the data set may write the classes instead, each (k,).
        texts: Columns of the file that are no numbers, for messages.

    Raises:
        BadcaseError: Where a class has no column, or there is no single reading.
    """
    if columns is None:
        return _by_position(width, classes, where)
    for names in (classes, *spellings):
        affix = find_affix(columns, names, where) if len(set(names)) == len(names) else None
        if affix is not None:
            return _named(columns, [affix.around(name) for name in names], affix)
    folded, wanted = [fold_name(name) for name in columns], [fold_name(name) for name in classes]
    if len(set(folded)) == len(folded) and len(set(wanted)) == len(wanted):
        affix = find_affix(folded, wanted, where)
        if affix is not None:
            return _named(columns, [columns[folded.index(affix.around(name))] for name in wanted], affix)
    for first in (0, 1):
        ids = [str(first + i) for i in range(len(classes))]
        affix = find_affix(columns, ids, where)
        if affix is not None and sum((affix.inside(column) or "").isdecimal() for column in columns) == len(ids):
            found = _named(columns, [affix.around(one) for one in ids], affix)
            note = _("The columns {first} to {last} are taken as the classes in their order: {names}.")
            ends = {"first": affix.around(ids[0]), "last": affix.around(ids[-1]), "names": few(classes)}
            return ClassColumns(found.places, [note.format(**ends)], found.left_out)
    raise _missing(columns, classes, where, texts)


def _by_position(width: int, classes: Sequence[str], where: str) -> ClassColumns:
    if width != len(classes):
        raise BadcaseError(
            _("the number of columns is not that of the classes, and no names tell which is which"),
            where=where,
            expected=_("{k}: {names}").format(k=len(classes), names=few(classes)),
            got=width,
            hint=_("Write a table whose columns are called as the classes."),
        )
    note = _("The columns have no names and are taken as the classes in their order: {names}.").format(names=few(classes))
    return ClassColumns(list(range(width)), [note], [])


def _named(columns: Sequence[str], wanted: Sequence[str], affix: Affix) -> ClassColumns:
    places = [columns.index(name) for name in wanted]
    left_out = [name for at, name in enumerate(columns) if at not in set(places)]
    notes = []
    if affix != Affix("", ""):
        notes.append(_("Columns called {affix} are taken as the classes.").format(affix=affix))
    return ClassColumns(places, notes, left_out)


def _missing(columns: Sequence[str], classes: Sequence[str], where: str, texts: Collection[str]) -> BadcaseError:
    """Says which classes have no column, those of the likeliest affix."""
    several = [name for name in classes if any(name in column for column in columns)]
    affix = find_affix(columns, several, where) if several else None
    lack = [name for name in classes if (affix or Affix("", "")).around(name) not in columns]
    odd = [name for name in lack if any(name in text for text in texts)]
    if odd:
        what = _("the column of the class {name} is not made of numbers").format(name=odd[0])
        return BadcaseError(what, where=where, expected=_("numbers"), hint=_("Look for a cell of it that is no number."))
    if affix is not None and len(lack) < len(classes):
        what, hint = (
            _("a class of the project has no column"),
            _("Write a column for it too: 0 where the model never answers it."),
        )
    else:
        what, hint = _("the columns are not the classes of the project"), _("Call the columns as the classes are called.")
    return BadcaseError(what, where=where, expected=few(lack), got=few(columns), hint=hint)


def fold_name(name: str) -> str:
    """A name without regard to case, to the form of its characters, and to what stands between its words."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("_", " ").replace("-", " ")
    return " ".join(plain.split())


def few(names: Sequence[str]) -> str:
    """The first names, for a message."""
    return ", ".join(names[:_FEW]) + (", …" if len(names) > _FEW else "")
