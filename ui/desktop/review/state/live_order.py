"""The order of what waits in the list, by what was learnt from the verdicts: between two keys, and back with an undo.

What a person sees stays where it is: a new order begins behind the last item that is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

import numpy as np

from badcase.active_learning.learner import Learner
from badcase.active_learning.learner_view import LearnerView
from badcase.labelling.label_queue import ToLabel
from badcase.labelling.mixed_queue import relabel_gains
from badcase.ui.desktop.review.filtering.filters import Filter, ItemRows, Pile
from badcase.ui.desktop.review.state.worklist import Order, Reordering, Worklist
from badcase.ui.desktop.session.session import Session

_HEAD = 300  # items that a verdict sorts anew; the rest of the list follows as it stood
_LABELLED = 60  # items to label that are chosen ahead, no two alike
_SHOWN = 12  # about what the strip shows: so far ahead items of the random sample are drawn, later ones when more is known
_REMEMBERED = 2000  # verdicts whose order an undo brings back exactly


class LearntOrder:
    """Sorts the waiting items of one list anew after each verdict. `last_shown` tells the last row that is on screen."""

    def __init__(self, session: Session, worklist: Worklist) -> None:
        self._session, self._worklist = session, worklist
        self.last_shown: Callable[[], int] = lambda: -1
        self._done: deque[tuple[frozenset[int], Reordering]] = deque(maxlen=_REMEMBERED)
        self._ahead: tuple[frozenset[int], LearnerView] | None = None
        self._ticket: int | None = None

    def foresee(self, items: list[int]) -> None:
        """Verdicts on very many items are being recorded: meanwhile a thread makes ready what is learnt from."""
        learner = self._session.learner.now()
        if learner is not None:
            made = learner.look_ahead(np.array(items))

            def landed(look: LearnerView) -> None:
                self._ahead = frozenset(items), look

            self._ticket = self._session.pool.submit(made, landed, owner=self._session)

    def _take_ahead(self, items: frozenset[int]) -> None:
        """Learn by what was made ready for verdicts on these items."""
        self._session.pool.drop(ticket=self._ticket)
        ahead, self._ahead, learner = self._ahead, None, self._session.learner.now()
        if ahead is not None and learner is not None and ahead[0] == items and ahead[1].ranking is learner.ranking:
            learner.take(ahead[1])

    def begin(self, keep: int | None = None) -> None:
        """Sort a list that was just made; stand at item `keep` where it is in it, else at the first."""
        self._done.clear()
        if self._bring_forward(-1, -1) is not None and (keep is None or not self._worklist.go(keep)):
            self._worklist.stand(0)

    def forget_turns(self) -> None:
        """The list is another: an undo sorts it anew instead of putting it back."""
        self._done.clear()

    def learn(self, items: frozenset[int], after: int) -> None:
        """Items were judged, the last of them in row `after`."""
        self._take_ahead(items)
        done = self._bring_forward(after, self.fixed_until(after))
        if done is not None:
            self._done.append((items, done))

    def unlearn(self, items: frozenset[int], after: int) -> None:
        """The verdict on items was taken back: what waited behind them stands again as it stood."""
        if self._done and self._done[-1][0] == items and self._worklist.put_back(self._done.pop()[1]):
            return
        self._done.clear()
        self._bring_forward(after, self.fixed_until(after))

    def fixed_until(self, row: int) -> int:
        """The last row that no new order moves while the person stands at a row."""
        return max(row, min(self.last_shown(), len(self._worklist) - 1))

    def _bring_forward(self, after: int, fixed: int) -> Reordering | None:
        worklist, learner = self._worklist, self._session.learner.now()
        if worklist.order is not Order.SUSPECT:
            return None
        if worklist.filter.listed is None and worklist.filter.queue in (Pile.TO_LABEL, Pile.BOTH):
            return self._bring_labels(learner, fixed)
        if learner is None:
            return None
        all_known = self._session.project.predictions.current is not None  # else all could not be drawn from
        learner.random_sample = all_known and self.mixes and self._worklist.filter in (Filter(), Filter(queue=Pile.ALL))
        return worklist.bring_forward(_coming(learner, worklist, after, fixed), fixed)

    def _bring_labels(self, learner: Learner | None, fixed: int) -> Reordering | None:
        """The items that teach most when they are labelled, and among them those whose label is worth another look."""
        queue, worklist = self._session.to_label.now(), self._worklist
        if queue is None:
            return None
        among = partial(worklist.behind, row=fixed)
        told = queue.next(_LABELLED)
        there = among(np.array([one.item for one in told], np.int64))
        coming = [(one.gain, one.item) for one, behind in zip(told, there.tolist(), strict=True) if behind]
        if worklist.filter.queue is Pile.BOTH and learner is not None:
            again = learner.ranked(_LABELLED, among)
            gains = relabel_gains(queue, learner.chance_wrong(again), learner.expected_errors().value)
            coming += zip(gains.tolist(), again.tolist(), strict=True)
        wanted = [item for _gain, item in sorted(coming, key=lambda one: (-one[0], one[1]))]
        return worklist.bring_forward(np.array(wanted, np.int64), fixed)

    def gain(self, item: int) -> float | None:
        """What labelling an item gains beside the one that gains most, from 0 to 1; None as for `why_label`."""
        queue, told = self._session.to_label.now(), self.why_label(item)
        return None if queue is None or told is None else told.gain / max(queue.most_gain, told.gain, 1e-12)

    def why_label(self, item: int) -> ToLabel | None:
        """What speaks for labelling an item; None of one that has a label, or while nothing is known."""
        queue = self._session.to_label.now()
        return None if queue is None else queue.told(item)

    @property
    def mixes(self) -> bool:
        """Whether items drawn at random are mixed in: into a whole queue, not where somebody asked for certain items."""
        return self._session.preferences.mixes

    @mixes.setter
    def mixes(self, wanted: bool) -> None:
        self._session.preferences.mixes = wanted
        learner = self._session.learner.now()
        if learner is not None and not wanted:  # those that wait are shown like any other from here on
            learner.drop_waiting()

    def all_drawn(self) -> ItemRows:
        """Items that come, or came, at random."""
        learner = self._session.learner.now()
        return learner.drawn() if learner is not None else np.empty(0, np.int64)

    def drawn(self, item: int) -> bool:
        """Whether an item comes at random and not because it is suspect."""
        learner = self._session.learner.now()
        return learner is not None and learner.in_random_sample(item)


def _coming(learner: Learner, worklist: Worklist, after: int, fixed: int) -> ItemRows:
    """The items to come next behind those that are shown, those drawn at random among the first of them."""
    among = partial(worklist.behind, row=fixed)
    first = learner.next(_SHOWN, among, ahead=worklist.rows[worklist.waiting(after, fixed)].tolist())
    ranked = learner.ranked(_HEAD, among)
    return np.concatenate([first, ranked[~np.isin(ranked, first)]])
