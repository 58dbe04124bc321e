"""Labels that are numbers: which are, how they sort, and whole ones that were written with a point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# ASCII alone: "²" and "١" are digits to Unicode, and names to everyone else. Short: Python reads no endless numbers.
_NUMBER = re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})([eE][+-]?\d{1,4})?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,300}", re.ASCII)
_DIGITS = re.compile(r"([+-]?\d{1,300})", re.ASCII)
_POINT_ZERO = re.compile(r"([+-]?\d{1,300})\.0*", re.ASCII)


def is_number(text: str) -> bool:
    """Whether a label is a number in decimal digits, "3", "-1.5", "+2" or "1e3"."""
    return _NUMBER.fullmatch(text) is not None


def is_integer(text: str) -> bool:
    """Whether a label is a whole number in plain digits, as ids are."""
    return _INTEGER.fullmatch(text) is not None


def number(text: str) -> int | float:
    """The number that a label is; long integers keep every digit."""
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def in_order(labels: Iterable[str]) -> list[str]:
    """Labels in the order of classes: by size where all are numbers, else whole numbers first and names after them."""
    found = list(labels)
    if all(map(is_number, found)):
        return sorted(found, key=lambda label: (number(label), label))
    return sorted(found, key=label_order)


def label_order(label: str) -> tuple[int, int, str]:
    """Sorts whole numbers by their size, before names."""
    return (0, int(label), label) if is_integer(label) else (1, 0, label)


def whole_names(labels: Sequence[str]) -> dict[str, str]:
    """The name of each label: where all are whole numbers, "11.0" is called "11"; else each is called as it is."""
    if not all(is_number(label) and float(label).is_integer() for label in labels):
        return {label: label for label in labels}
    return {label: whole(label) if _POINT_ZERO.fullmatch(label) else label for label in labels}


def whole(label: str) -> str:
    """A whole number in plain digits, "11" for "11.0" and "011"; every other label as it is."""
    return str(int(match[1])) if (match := _POINT_ZERO.fullmatch(label) or _DIGITS.fullmatch(label)) else label
