"""Limits as people write them: a number of items, or a share of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from badcase.errors import BadcaseError
from badcase.i18n import _

_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*%|(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that may be: a number, or with `share` that many of one.

    Attributes:
        value: A number of items or sets; with `share` 0 to 1.
        share: Whether it is a share of all items.
    """

    value: float
    share: bool = False

    def exceeded_by(self, number: float, items: int) -> bool:
        """Whether a number of as many items is more than this."""
        return number > (self.value * items if self.share else self.value)

    def __str__(self) -> str:
        return f"{100 * self.value:g} %" if self.share else f"{self.value:g}"


def read_limit(written: str, where: str) -> Limit:
    """A limit as it was written: "12" or "2%".

    Args:
        written: By a person.
        where: The option, for the error.

    Raises:
        BadcaseError: Where it is neither a whole number nor a share.
    """
    found = _WRITTEN.fullmatch(written.strip())
    if found is None or (found[1] and float(found[1]) > 100):
        raise BadcaseError(
            _("this is no limit"),
            where=where,
            expected=_("a whole number such as 12, or a share of the items such as 2%"),
            got=written,
        )
    return Limit(float(found[1]) / 100, share=True) if found[1] else Limit(float(found[2]))
