"""The classes a person can choose from for one item, by likelihood, each with the digit that means it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from badcase.store.verdicts import NONE_OF_THESE
from badcase.ui.desktop.review.filtering.filters import class_words

DIGITS = "1234567890"


class Role(StrEnum):
    """What makes a class stand above the list."""

    SUGGESTION = "suggestion"
    GIVEN = "given"
    BOTH = "both"
    DECIDED = "decided"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """A class as an answer: what speaks for it (NaN where nothing is known), its role, its digit ("" where none)."""

    label: int
    name: str
    likelihood: float
    role: Role
    digit: str


class Listed:
    """Classes in an order of their own, found by a digit key or by typing."""

    def __init__(self, names: Sequence[str], order: Sequence[int]) -> None:
        self.names, self.order = names, order
        self.named_by_digit = digits_are_names(names)

    def __len__(self) -> int:
        return len(self.order)

    def called(self, label: int) -> str:
        """The name of a class, or of none of these."""
        return class_words(self.names, label)

    @property
    def headed(self) -> int:
        """How many of the first stand above the list as decisions."""
        return 0

    def digit(self, place: int) -> str:
        """The key that means the class at a place, "" where none does."""
        if self.named_by_digit:
            return self.called(self.order[place]) if self.order[place] >= 0 else ""
        return DIGITS[place] if place < len(DIGITS) else ""

    def by_digit(self, digit: str) -> int | None:
        """The class that a digit key means."""
        if self.named_by_digit:
            return self.names.index(digit) if digit in self.names else None
        place = DIGITS.index(digit)
        return self.order[place] if place < len(self.order) else None

    def matching(self, typed: str) -> list[int]:
        """Places in the list whose name has what was typed: beginnings first, then words, then anywhere."""
        wanted = typed.casefold().strip()
        ranked: list[tuple[int, int]] = []
        for place, label in enumerate(self.order):
            name = self.called(label).casefold()
            if wanted in name:
                begins_word = any(word.startswith(wanted) for word in name.replace("_", " ").replace("-", " ").split())
                ranked.append((0 if name.startswith(wanted) else 1 if begins_word else 2, place))
        return [place for _rank, place in sorted(ranked)]


class Choices(Listed):
    """All classes for one item: the decision or else the suggestion, given, then by falling likelihood; ties by class id."""

    def __init__(
        self,
        names: Sequence[str],
        likelihood: npt.NDArray[np.floating] | None,
        suggested: int | None,
        given: int,
        *,
        decided: int | None = None,
        said: str = "",
    ) -> None:
        """What speaks for each class.

        Args:
            names: Of the classes.
            likelihood: (k,), where it is known.
            suggested: A class, or `NONE_OF_THESE`; None where nothing may be suggested.
            given: -1 where the item came without a label.
            decided: The class that a verdict gave.
            said: Who decided what, in words.
        """
        self.likelihood = np.full(len(names), np.nan, np.float32) if likelihood is None else likelihood
        self.suggested, self.given, self.decided, self.said = suggested, given, decided, said
        top = suggested if decided is None else decided
        first = [top] if top is not None else []
        first += [given] if given >= 0 and given != top else []
        self._headed = len(first)
        rest = np.argsort(-np.nan_to_num(self.likelihood), kind="stable")
        super().__init__(names, [*first, *(int(one) for one in rest if int(one) not in first)])

    def choice(self, place: int) -> ClassChoice:
        label = self.order[place]
        likelihood = float("nan") if label == NONE_OF_THESE else float(self.likelihood[label])
        return ClassChoice(label, self.called(label), likelihood, self._role(label), self.digit(place))

    @property
    def headed(self) -> int:
        """The decision rows: what was decided or suggested, and given; one where they agree."""
        return self._headed

    def heads(self) -> list[ClassChoice]:
        return [self.choice(place) for place in range(self.headed)]

    def _role(self, label: int) -> Role:
        if label == self.decided:
            return Role.DECIDED
        if label == self.suggested:
            return Role.BOTH if label == self.given >= 0 else Role.SUGGESTION
        return Role.GIVEN if label == self.given else Role.OTHER


def digits_are_names(names: Sequence[str]) -> bool:
    """Whether every class is called by one digit, so that the digit key can only mean the class."""
    return bool(names) and all(len(name) == 1 and name in DIGITS for name in names)
