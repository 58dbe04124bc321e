"""The items that one place gave, and those of several places one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from badcase.importing.column_roles import ColumnRoles
from badcase.importing.content import Contents
from badcase.importing.fingerprints import Fingerprints
from badcase.importing.rows import TableRows
from badcase.items.kinds import SetAside


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one place gave.

    Attributes:
        rows: All rows that could be read.
        columns: Of the roles that are read from it.
        found: The content of the rows that are items; `found.rows` are places in the table.
        keys: (n,) the key of each item.
        given: (n,) class ids, -1 where there is no label.
        bad: What was set aside.
        notes: What a person should know.
    """

    rows: TableRows
    columns: ColumnRoles
    found: Contents
    keys: Sequence[str]
    given: npt.NDArray[np.int32]
    bad: Sequence[SetAside]
    notes: Sequence[str] = ()


def together(places: Sequence[Gathered]) -> Contents:
    """The contents of several places, in their order; `rows` say nothing any more."""
    if len(places) == 1:
        return places[0].found
    seen = [one.found.seen for one in places if one.found.seen is not None]
    return Contents(
        [],
        [content for one in places for content in one.found.content],
        Fingerprints.joined([one.found.fingerprints for one in places]),
        np.concatenate(seen) if seen else None,
    )
