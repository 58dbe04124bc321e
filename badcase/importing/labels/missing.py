"""Labels that mean "no label": what a person says, else what programs write for it; in doubt a person is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.labels.numbers import is_number, number

_NEVER = frozenset({"nan", "<na>", "#n/a"})  # no class has ever been called so
_MARKS = frozenset({"null", "n/a", "?"})  # "no value" to most programs, where they are rare
_WORDS = frozenset({"na", "none", "nil", "-", "--", "unknown", "unlabeled", "unlabelled", "undefined", "missing", "n.a."})


@dataclass(frozen=True, slots=True)
class Missing:
    """Which labels are none, what there is to say of it, and which of them nobody said."""

    values: frozenset[str]
    notes: tuple[str, ...] = ()
    guessed: frozenset[str] = frozenset()


def missing_labels(column: str, counts: Mapping[str, int], said: Sequence[str] | None, *, sets: bool = False) -> Missing:
    """The labels of a column that mean "no label".

    Args:
        column: Its name, for words.
        counts: How many rows have each label; empty ones are none anyway, and are not here.
        said: What a person says, in place of the usual values.
        sets: Whether the labels are cells with any number of labels, of which the sure values alone are none.

    Raises:
        BadcaseError: Where a value could be a class or mean "no label": the two choices.
    """
    if said is not None:
        return _said(counts, said)
    sure = {label for label in counts if label.casefold() in _NEVER}
    for label in counts:
        if sets or label in sure:
            continue
        others = {other: n for other, n in counts.items() if other not in sure and other != label}
        doubtful = _minus_one(label, others) if _is_minus_one(label) else label.casefold() in _MARKS
        if not doubtful or not others:
            continue
        if _asks(label, counts[label], others):
            raise _ask(column, label, counts)
        sure.add(label)
    kept = [label for label in counts if label.casefold() in _WORDS]
    notes = [*(_taken(one, counts[one]) for one in sorted(sure)), *(_kept(one, counts[one]) for one in kept)]
    return Missing(frozenset(sure), tuple(notes), frozenset(sure))


def _said(counts: Mapping[str, int], said: Sequence[str]) -> Missing:
    values: set[str] = set()
    notes = []
    for value in map(str.strip, said):
        same = {label for label in counts if label == value or _are_one_number(label, value)}
        same = same or {label for label in counts if label.casefold() == value.casefold()}
        if value and not same:
            notes.append(_("No row has the label {value}, which was said to mean no label.").format(value=quoted(value)))
        values |= same
    for value in sorted(values):
        n = counts[value]
        text = plural(
            "{n} row has the label {value}, which means no label.", "{n} rows have the label {value}, which means no label.", n
        )
        notes.append(text.format(n=grouped(n), value=quoted(value)))
    return Missing(frozenset(values), tuple(notes))


def _are_one_number(one: str, other: str) -> bool:
    return is_number(one) and is_number(other) and number(one) == number(other)


def _is_minus_one(label: str) -> bool:
    return is_number(label) and number(label) == -1


def _minus_one(label: str, others: Mapping[str, int]) -> bool:
    """Whether -1 may mean "no label": it does beside ids from 0, of two classes or more; with one it is a class."""
    return len(others) > 1 and all(is_number(other) and number(other) >= 0 for other in others)


def _asks(label: str, count: int, others: Mapping[str, int]) -> bool:
    """Whether a value could as well be a class: it is as frequent as one, or -1 stands for the third of three moods."""
    if _is_minus_one(label) and {number(other) for other in others} <= {0, 1}:
        return True
    return len(others) < 2 or count * 2 >= float(np.mean(list(others.values())))


def _ask(column: str, label: str, counts: Mapping[str, int]) -> BadcaseError:
    several = ", ".join(f"{quoted(one)} ({grouped(n)})" for one, n in list(counts.items())[:10])
    return BadcaseError(
        _("it is not clear whether {value} is a class or means no label").format(value=quoted(label)),
        where=column,
        got=several + ", ..." * (len(counts) > 10),
        hint=_("Say --missing {value} where it means no label, --missing '' where it is a class.").format(value=shell(label)),
    )


def _taken(label: str, n: int) -> str:
    text = plural(
        "{n} row has the label {value}, taken as no label; --missing '' keeps it as a class.",
        "{n} rows have the label {value}, taken as no label; --missing '' keeps it as a class.",
        n,
    )
    return text.format(n=grouped(n), value=quoted(label))


def _kept(label: str, n: int) -> str:
    text = plural(
        "{n} row has the label {value}, taken as a class; --missing {shell} takes it as no label.",
        "{n} rows have the label {value}, taken as a class; --missing {shell} takes it as no label.",
        n,
    )
    return text.format(n=grouped(n), value=quoted(label), shell=shell(label))


def quoted(label: str) -> str:
    """A label in a sentence."""
    return f'"{label}"'


def shell(label: str) -> str:
    """A label as a shell takes it for one word."""
    return label if label.replace("-", "").isalnum() and label.isascii() else "'" + label.replace("'", "'\\''") + "'"
