"""What the join of a table and its files gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from badcase.items.roots import Root


@dataclass(frozen=True, slots=True)
class JoinedMedia:
    """The file of every row, as one column tells it.

    Attributes:
        root: Where the files lie.
        names: (rows,) the file of each in the root; None where there is none, "" where several fit.
        sentences: What was taken, where it was not simply the path that stands there.
        looked: Where the files were looked for, as part of a remedy.
        packed: An archive that lies there and cannot be read in place; "" where there is none.
        rivals: Folders that fit equally well, with the rows that each would join; then nobody can tell which is meant.
    """

    root: Root
    names: Sequence[str | None]
    sentences: tuple[str, ...] = ()
    looked: str = ""
    packed: str = ""
    rivals: tuple[tuple[str, int], ...] = ()

    def count(self) -> int:
        """How many rows have their file."""
        return sum(map(bool, self.names))
