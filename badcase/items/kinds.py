"""The few words that everything about items shares: kinds, splits, and an item that was not imported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from badcase.i18n import _


class Kind(StrEnum):
    """What an item is."""

    IMAGE = "image"
    TEXT = "text"


UNLABELLED = -1  # in place of a class id: the item has no label


class Split(IntEnum):
    """Which part of the data an item belongs to; the code is what items.arrow holds."""

    TRAIN = 0
    VALIDATION = 1
    TEST = 2


@dataclass(frozen=True, slots=True)
class SetAside:
    """One bad item that was not imported: its row (from 1, without the header), where, what, and the remedy."""

    row: int
    key: str
    where: str
    what: str
    remedy: str

    def as_row(self) -> tuple[int, str, str, str, str]:
        """As the database keeps it."""
        return int(self.row), self.key, self.where, self.what, self.remedy


def name_problem(name: str) -> SetAside | None:
    """What is said of a file whose name holds bytes that are no text, and so can be no key; None where it is text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "backslashreplace").decode()
        return SetAside(0, shown, shown, _("the name of the file holds bytes that are no text in UTF-8"), _("Rename the file."))
    return None
