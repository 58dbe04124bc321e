"""What a person can decide about an item, in words and as numbers for arrays."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

ItemLabels = npt.NDArray[np.int32]  # (n,) class ids of all items of a project
NONE_OF_THESE = -1  # in the place of a class: an item that none of them fits


class Verdict(StrEnum):
    """What a person decided about one item."""

    RELABEL = "relabel"
    KEEP = "keep"
    EXCLUDE = "exclude"
    UNSURE = "unsure"


class VerdictCode(IntEnum):
    """The same as small numbers for arrays; 0 is an item nobody has judged."""

    NONE = 0
    RELABEL = 1
    KEEP = 2
    EXCLUDE = 3
    UNSURE = 4


class Act(StrEnum):
    """What one entry does: judge an item, take a batch back, or bring it back."""

    VERDICT = "verdict"
    UNDO = "undo"
    REDO = "redo"


CODES = {
    Verdict.RELABEL: VerdictCode.RELABEL,
    Verdict.KEEP: VerdictCode.KEEP,
    Verdict.EXCLUDE: VerdictCode.EXCLUDE,
    Verdict.UNSURE: VerdictCode.UNSURE,
}
