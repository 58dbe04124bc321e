"""How a review stands, counted in one way for every page, verb and report. No count is made anywhere else.

Gold takes no part: nobody's verdict on it is a step of the review. Of the other items
- `to_review` wait: nobody has judged them, and some reason makes them worth a look;
- `reviewed` have a verdict that stands, `fixed`, `labelled`, `kept`, `excluded` and `unsure` say which: the five add up to it;
  an item is `labelled` that came without a label and got one, and `fixed` where it had another;
- `flagged` are those among `to_review` whose label is expected to be wrong;
- `of_no_class` are those among `to_review` that seem to belong to none of the classes, flagged or not. It is a least number
  without an interval: nearly all that are told are so, but how many more there are depends on what they are (of near-blanks nine
  in ten are told, of blends none), which nobody knows before they are found.

A confusion counts items of `to_review`, by what they are given and what is suggested otherwise. `Project.counts` counts a
project; the parts are here for whoever goes by the items and not by their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.store.verdicts import VerdictCode

Mask = NDArray[np.bool_]
_VERDICTS = (VerdictCode.RELABEL, VerdictCode.KEEP, VerdictCode.EXCLUDE, VerdictCode.UNSURE)


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """The counts of one project now; `to_review`, `flagged` and `of_no_class` are 0 before the first prediction."""

    to_review: int
    reviewed: int
    fixed: int
    labelled: int
    kept: int
    excluded: int
    unsure: int
    flagged: int
    of_no_class: int = 0

    @property
    def all_to_review(self) -> int:
        """What the review comes to: the items that wait and those that are done."""
        return self.to_review + self.reviewed


class VerdictCounts:
    """What was reviewed, as verdicts come and go: after the first look at all items only those are looked at that were touched.

    What waits is not told, see `counted`.
    """

    def __init__(self, verdicts: NDArray[np.int8], gold: Mask, new: Mask) -> None:
        """Count all; the arrays are those of `counted`."""
        self._kinds = np.where(gold, 2, new).astype(np.int8)  # of gold nothing is told
        self._known = verdicts.copy()
        self._numbers = self._count(self._kinds, verdicts)

    def recount(self, verdicts: NDArray[np.int8], items: NDArray[np.int64]) -> None:
        """Some items, each once, may have another verdict (n,) since."""
        kinds, now = self._kinds[items], verdicts[items]
        self._numbers += self._count(kinds, now) - self._count(kinds, self._known[items])
        self._known[items] = now

    def counts(self) -> ReviewCounts:
        """As they are now."""
        fixed, kept, excluded, unsure = (int(self._numbers[:2, verdict].sum()) for verdict in _VERDICTS)
        labelled = int(self._numbers[1, VerdictCode.RELABEL])
        return ReviewCounts(0, fixed + kept + excluded + unsure, fixed - labelled, labelled, kept, excluded, unsure, 0)

    @staticmethod
    def _count(kinds: NDArray[np.int8], verdicts: NDArray[np.int8]) -> NDArray[np.int64]:
        cells = kinds * np.int8(len(VerdictCode)) + verdicts
        return np.bincount(cells, minlength=3 * len(VerdictCode)).reshape(3, len(VerdictCode)).astype(np.int64)


def is_reviewed(verdicts: NDArray[np.int8], gold: Mask) -> Mask:
    """(n,) the items with a verdict that stands."""
    return np.asarray((verdicts != VerdictCode.NONE) & ~gold, np.bool_)


def has_verdict(verdict: VerdictCode, verdicts: NDArray[np.int8], gold: Mask) -> Mask:
    """(n,) the items with this verdict."""
    return np.asarray((verdicts == verdict) & ~gold, np.bool_)


def is_to_review(verdicts: NDArray[np.int8], gold: Mask, worth: Mask) -> Mask:
    """(n,) the items that wait; worth: (n,) those that some reason speaks for, as a ranking tells."""
    return np.asarray((verdicts == VerdictCode.NONE) & worth & ~gold, np.bool_)


def counted(
    verdicts: NDArray[np.int8],
    gold: Mask,
    new: Mask,
    worth: Mask | None = None,
    flagged: Mask | None = None,
    of_no_class: int = 0,
) -> ReviewCounts:
    """The counts from arrays (n,) and from how many wait that seem to be of no class.

    new: the items that came without a label; worth and flagged are None where no ranking tells.
    """
    relabelled, kept, excluded, unsure = (int(np.count_nonzero(has_verdict(one, verdicts, gold))) for one in _VERDICTS)
    labelled = int(np.count_nonzero(has_verdict(VerdictCode.RELABEL, verdicts, gold) & new))
    waits = None if worth is None else is_to_review(verdicts, gold, worth)
    return ReviewCounts(
        to_review=0 if waits is None else int(np.count_nonzero(waits)),
        reviewed=relabelled + kept + excluded + unsure,
        fixed=relabelled - labelled,
        labelled=labelled,
        kept=kept,
        excluded=excluded,
        unsure=unsure,
        flagged=0 if waits is None or flagged is None else int(np.count_nonzero(waits & flagged)),
        of_no_class=of_no_class,
    )
