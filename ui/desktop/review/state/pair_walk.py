"""Which pair is looked at and which come next: all duplicates that disagree, or one item beside what it is like. No Qt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.state.pair import Pair, Partners, disagreeing, partners_of
from badcase.ui.desktop.review.state.review_state import ReviewState


class PairWalk:
    """`pairs` stands still while one walks through it: what was judged stays where it was."""

    def __init__(self, reviewer: ReviewState) -> None:
        self._reviewer = reviewer
        self.pairs: list[Pair] = []
        self.position = 0
        self.partners = Partners((), 0, 0)  # what A can be held against
        self._beside = False  # one item stands beside its partners

    @property
    def pair(self) -> Pair:
        """A and B; (-1, -1) before any was opened."""
        return self.pairs[self.position] if self.pairs else (-1, -1)

    @property
    def is_twin(self) -> bool:
        """Whether B is a duplicate of A."""
        return self.pair[1] in self.partners.items[: self.partners.twins]

    def open(self, item: int, other: int | None = None) -> bool:
        """Stand at an item and one of its partners, the first where none is named; False where it has none."""
        partners = self._partners_of(item)
        if not partners.items:
            return False
        self.partners = partners
        b = other if other in partners.items else partners.items[0]
        if b in partners.items[: partners.disagree]:
            self._open_disagreeing((item, b))
        else:
            self._open_partners((item, b))
        return True

    def has_partners(self, item: int) -> bool:
        """Whether anything is known to be like an item."""
        return bool(self._partners_of(item).items)

    def _partners_of(self, item: int) -> Partners:
        return partners_of(self._reviewer.session.project, self._reviewer.ranking, item)

    def _open_disagreeing(self, pair: Pair) -> None:
        """All pairs of the list that disagree, this one as it was asked for."""
        project, row_of = self._reviewer.session.project, self._reviewer.worklist.row_of
        found = disagreeing(project.labels, self._twins(), self._in_conflict(), row_of)
        twins = self._twins()
        place = next((n for n, one in enumerate(found) if twins[one[0]] == twins[pair[0]]), -1)
        if place < 0:
            found, place = [pair, *found], 0
        found[place] = pair
        self.pairs, self.position, self._beside = found, place, False

    def _twins(self) -> npt.NDArray[np.int64]:
        ranking, own = self._reviewer.ranking, self._reviewer.session.project.items.twins
        return own if ranking is None or ranking.twins is None else ranking.twins

    def _in_conflict(self) -> npt.NDArray[np.int64]:
        mask = self._reviewer.facts.reasons.get("conflict")
        return np.empty(0, np.int64) if mask is None else np.flatnonzero(mask & ~self._reviewer.facts.gold)

    def _open_partners(self, pair: Pair) -> None:
        self.pairs = [(pair[0], one) for one in self.partners.items]
        self.position, self._beside = self.partners.items.index(pair[1]), True

    def settled(self, pair: Pair) -> bool:
        """Whether nothing is left to decide of two duplicates."""
        project = self._reviewer.session.project
        verdicts = project.verdicts[list(pair)]
        gone = bool((verdicts == VerdictCode.EXCLUDE).any())
        return gone or bool((verdicts != VerdictCode.NONE).all()) or project.labels[pair[0]] == project.labels[pair[1]]

    # --- walking ------------------------------------------------------------------------------------------------

    def stand(self, number: int) -> None:
        """Look at a pair of the list."""
        self.position = number % len(self.pairs)
        self.partners = self._partners_of(self.pair[0])

    def hold(self, by: int) -> None:
        """Hold A against another of its partners."""
        (a, b), items = self.pair, self.partners.items
        if items:
            at = items.index(b) if b in items else -1
            self._open_partners((a, items[(at + by) % len(items)]))

    def hold_against(self, item: int) -> None:
        """Hold A against one of its partners."""
        self._open_partners((self.pair[0], item))

    def swap(self) -> None:
        """B becomes A."""
        a, b = self.pair
        self.pairs[self.position] = b, a
        self.partners = self._partners_of(b)

    def go_on(self) -> bool:
        """After a verdict, to the next pair that disagrees; False where none is left, or others were looked at."""
        if self._beside:
            return False
        if (rest := self._rest_of_set(*self.pair)) is not None:
            self.pairs.append(rest)  # what is shown as next stays next
        count = len(self.pairs)
        ahead = [*range(self.position + 1, count), *range(self.position)]
        following = next((number for number in ahead if not self.settled(self.pairs[number])), None)
        if following is None:
            return False
        self.stand(following)
        return True

    def _rest_of_set(self, a: int, b: int) -> Pair | None:
        """Of more than two duplicates, the pair that disagrees still."""
        twins, row_of = self._twins(), self._reviewer.worklist.row_of
        items = self._in_conflict()
        labels = self._reviewer.session.project.labels
        found = disagreeing(labels, twins, items[twins[items] == twins[a]], row_of)
        return next((one for one in found if set(one) != {a, b} and one not in self.pairs and not self.settled(one)), None)
