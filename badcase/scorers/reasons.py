"""Reasons, in words, why an item is a bad case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from badcase.i18n import _


@dataclass(frozen=True, slots=True)
class Reason:
    """What one scorer says of an item.

    Attributes:
        scorer: Its name.
        value: How strongly, 0 to 1.
        text: A sentence.
        brief: The same where the scorer's title stands before it: "9 of 10 are nine".
    """

    scorer: str
    value: float
    text: str
    brief: str = ""

    def __repr__(self) -> str:
        return f"Reason(scorer={self.scorer!r}, value={self.value:.3g}, text={self.text!r})"


@dataclass(frozen=True, slots=True)
class Names:
    """How sentences call classes and items; by number where nothing better is known."""

    classes: Sequence[str] | None = None
    keys: Sequence[str] | None = None

    def label(self, label: int) -> str:
        return self.classes[label] if self.classes is not None else _("class {n}").format(n=label)

    def item(self, item: int) -> str:
        return self.keys[item] if self.keys is not None else _("item {n}").format(n=item)
