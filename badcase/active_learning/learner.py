"""The learner of a review: from the verdicts, the order of the other items, the errors left, and those among the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from functools import partial

import numpy as np
from numpy.typing import NDArray

from badcase.active_learning.error_curve import ErrorCurve
from badcase.active_learning.errors_left import ErrorsLeft
from badcase.active_learning.evidence_model import Floats
from badcase.active_learning.fitted_model import FittedModel
from badcase.active_learning.learner_features import ItemRows
from badcase.active_learning.learner_state import LearnerState
from badcase.active_learning.learner_view import LearnerView, first_belief
from badcase.active_learning.random_sample import Draw, draw, sampled_until
from badcase.active_learning.sampled_count import SampledCount
from badcase.probabilities.error_count import Estimate
from badcase.ranking.any_ranking import AnyRanking
from badcase.store.verdicts import VerdictCode

# What each `VerdictCode` tells of a given label: 1 wrong, 0 right. Nothing is learnt of wrong labels from an unsure, nor from
# an exclusion: junk is no label error.
_TOLD = np.full(len(VerdictCode), np.nan)
_TOLD[VerdictCode.RELABEL], _TOLD[VerdictCode.KEEP] = 1, 0
# Without a random sample nothing rules out that so many are wrong: of copies that are wrong together no score tells.
_UNSEEN = 0.05
_NONE: ItemRows = np.empty(0, np.int64)
Among = Callable[[ItemRows], NDArray[np.bool_]]  # of some items (m,) those that are meant


class Learner:
    """Verdicts on the given labels of one ranking, and what follows from them.

    Items without suspicion (NaN) take no part; one that was judged and then left out of a later ranking counts as found,
    and has no part in the model any more. The order of the items and the estimates depend on the verdicts and not on their
    sequence; only which items are drawn at random depends on when they were asked for (and on the seed).
    """

    def __init__(
        self, ranking: AnyRanking, *, random_sample: bool = True, seed: int = 0, kept: LearnerState | None = None
    ) -> None:
        """Begin without a verdict.

        Args:
            ranking: The ranking of the given labels.
            random_sample: Mix items drawn by chance into `next`, see `random_sample.py`.
            seed: Decides which items are drawn.
            kept: What an earlier learner of these labels remembered; the verdicts must be told again.
        """
        self.random_sample = random_sample
        self._draws: list[Draw] = [] if kept is None else list(kept.draws)
        self._belief = first_belief(ranking) if kept is None else kept.belief
        # Never the numbers again that the earlier draws came from.
        self._rng = np.random.default_rng([seed, len(self._draws)] if self._draws else seed)
        # What is open, (n,): items that take part and have no verdict.
        self._look = LearnerView(ranking, self._belief)
        self._open = self._look.takes_part.copy()
        self._belongs = self._look.takes_part.copy()  # (n,) items that take part, or did
        self._known = np.zeros(len(self._open), np.int8)
        self._judged = np.zeros(len(self._open), np.bool_)  # (n,) items with a verdict
        self._told = np.full(len(self._open), np.nan)  # (n,) 1 wrong, 0 right; NaN: nothing is learnt of it
        # (n,) how many draws were made before the verdict; -1 where that is not known, or there is none.
        self._before = np.full(len(self._open), -1, np.int32)
        if kept is not None and kept.judged:
            items = np.fromiter(kept.judged, np.int64)
            self._before[items] = np.fromiter(kept.judged.values(), np.int32)
            self._belongs[items] = True
        self._verdicts = 0
        self._twins_next = _NONE
        self._model: FittedModel | None = None
        self._curve: ErrorCurve | None = None
        self._count: SampledCount | None = None

    @property
    def ranking(self) -> AnyRanking:
        return self._look.ranking

    def state(self) -> LearnerState:
        """What another learner of these labels needs to go on from here, beside the verdicts."""
        items = np.flatnonzero(self._judged)
        judged = dict(zip(items.tolist(), self._before[items].tolist(), strict=True))
        return LearnerState(self._belief, list(self._draws), judged)

    # --- verdicts -----------------------------------------------------------------------------------------------

    def record(self, item: int, wrong: bool | None) -> None:
        """Take a verdict on the given label of an item; None: judged, but nothing learnt. It replaces an older one."""
        self._take_verdicts(np.array([item]), np.array([np.nan if wrong is None else float(wrong)]))

    def forget(self, item: int) -> None:
        """Take the verdict on an item back."""
        self._take_back(np.array([item]))

    def update(self, verdicts: NDArray[np.int8], items: ItemRows | None = None) -> None:
        """Take over how the verdicts of all items stand (n,), as `VerdictCode`s: new, changed and undone ones.

        However many are other than they were, that is one step of learning. items: ids, ascending, of those that may be others
        since the last time; None where nobody knows.
        """
        rows = slice(None) if items is None else items
        changed = np.flatnonzero((verdicts[rows] != self._known[rows]) & self._belongs[rows])
        changed = changed if items is None else items[changed]
        if not len(changed):
            return
        now = verdicts[changed]
        self._known[changed] = now
        self._take_back(changed[self._judged[changed]])
        fresh = now != VerdictCode.NONE
        self._take_verdicts(changed[fresh], _TOLD[now[fresh]])

    def _take_verdicts(self, items: ItemRows, told: Floats) -> None:
        """Take verdicts on items (m,), each once; told: (m,) 1 wrong, 0 right, NaN where nothing is learnt."""
        if not len(items):
            return
        self._take_back(items[self._judged[items]])
        self._before[items] = np.where(self._before[items] < 0, len(self._draws), self._before[items])
        self._told[items] = told
        self._verdicts += len(items)
        self._judged[items], self._open[items] = True, False
        self._unlearn()
        # Near-duplicates of what was just judged come next, those of the last item first.
        twins = self._look.twins_of(items[::-1])
        if len(twins):
            known = np.concatenate([twins, self._twins_next])
            first = np.sort(np.unique(known, return_index=True)[1])
            self._twins_next = known[first]
        self._twins_next = self._twins_next[self._open[self._twins_next]]

    def _take_back(self, items: ItemRows) -> None:
        """Take the verdicts on items (m,) back, all at once."""
        if not len(items):
            return
        self._told[items], self._before[items] = np.nan, -1
        self._verdicts -= len(items)
        self._judged[items], self._open[items] = False, self._look.takes_part[items]
        self._twins_next = _NONE
        self._unlearn()

    def _unlearn(self) -> None:
        """The verdicts are others: what they teach is worked out when it is asked for."""
        self._model = self._curve = self._count = None

    def move(self, ranking: AnyRanking) -> None:
        """Go on with another ranking of the same given labels, made in the light of the verdicts.

        What was found, and what the random draws say of the number of errors, stays true. The first belief in that number
        stays as well: it came from labels of which none was known.
        """
        self.take(self.look_at(ranking)())

    def look_at(self, ranking: AnyRanking) -> Callable[[], LearnerView]:
        """A function that makes the view of another ranking; any thread may call it while verdicts go on here."""
        part = np.isfinite(ranking.suspicion)
        gone = float(np.nansum(self._told[~part]))
        return partial(LearnerView, ranking, self._belief, judged=self._judged.copy(), gone=gone)

    def look_ahead(self, items: ItemRows) -> Callable[[], LearnerView]:
        """A function that makes the view after verdicts on some more items, so that these take no time for it; any thread may
        call it. It is for `take`, once they are known."""
        look, judged = self._look, self._judged.copy()
        judged[items] = True

        def made() -> LearnerView:
            wider = look.widened(judged)
            assert wider.prior is not None  # worked out here, with the strata
            return wider

        return made

    def take(self, look: LearnerView) -> None:
        """Go on with a view that `look_at` or `look_ahead` made."""
        self._look = look
        self._open = look.takes_part & ~self._judged
        self._belongs |= look.takes_part
        self._twins_next = self._twins_next[self._open[self._twins_next]]
        self._unlearn()

    # --- the queue ----------------------------------------------------------------------------------------------

    def next(self, k: int = 1, among: Among | None = None, *, ahead: Collection[int] = ()) -> ItemRows:
        """The k items to look at next.

        Near-duplicates of what was just judged come first, then the most suspect items, with random ones in between.

        Args:
            k: How many.
            among: Tells which of some items are to be chosen from; random ones come from all.
            ahead: Items without a verdict that a person sees coming already: the k come behind these.
        """
        # `chosen` keeps the order; `waiting` holds the random items, `ranked` the suspects that are neither.
        seen = np.fromiter(ahead, np.int64, len(ahead))

        def asked(items: ItemRows) -> NDArray[np.bool_]:
            mask: NDArray[np.bool_] = self._asked(items, among) & ~np.isin(items, seen)
            return mask

        chosen = dict.fromkeys(self._twins_next[asked(self._twins_next)][:k].tolist())
        pending = self._pending(len(ahead) + k) if self.random_sample else []
        waiting = deque(item for item in pending if item not in chosen and item not in ahead)
        taken = {*chosen, *waiting}
        ranked = deque(item for item in self.ranked(k + len(taken), asked).tolist() if item not in taken)
        # A place is a random item's where the number of random items due, as a function of the verdicts, rises by one.
        before, n = self._verdicts + len(ahead), len(self._look.order)
        while len(chosen) < k and (ranked or waiting):
            place = before + len(chosen)
            sampled = sampled_until(place + 1, n) > sampled_until(place, n)
            source = waiting if waiting and (sampled or not ranked) else ranked or waiting
            chosen[source.popleft()] = None
        return np.fromiter(chosen, np.int64)

    def _asked(self, items: ItemRows, among: Among | None) -> NDArray[np.bool_]:
        """(items,) which of some items have no verdict and are to be chosen from."""
        waits: NDArray[np.bool_] = self._open[items]
        return waits if among is None else waits & among(items)

    def ranked(self, k: int | None = None, among: Among | None = None) -> ItemRows:
        """The k items without a verdict that are most suspect by what was learnt, in that order; ties by item id.

        Args:
            k: How many; None for all.
            among: Tells which of some items are to be chosen from.
        """
        # The open candidates by their log odds.
        odds = self._learnt().to_order()
        open_rows = np.flatnonzero(self._asked(self._look.pool.items, among))
        values = odds[open_rows]
        if k is not None and k < len(values):  # all that reach the k-th value: a tie there is broken by id
            kept = values >= np.partition(values, len(values) - k)[len(values) - k]
            open_rows, values = open_rows[kept], values[kept]
        items = self._look.pool.items[open_rows]
        items = items[np.lexsort((items, -values))][:k]
        # Where the candidates are only a part of a long queue: the rest follows in the order of the ranking.
        if len(self._look.pool.items) < len(self._look.order) and (k is None or len(items) < k):
            order = self._look.order
            rest = self._asked(order, among)
            taken = np.zeros(len(self._open), np.bool_)
            taken[items] = True
            items = np.concatenate([items, order[rest & ~taken[order]]])[:k]
        return items

    def in_random_sample(self, item: int) -> bool:
        """Whether an item was drawn by chance; a person may know so when it is shown."""
        return any(one.item == item for one in self._draws)

    def drawn(self) -> ItemRows:
        """The items that were drawn by chance, in that order."""
        return np.fromiter((one.item for one in self._draws), np.int64, len(self._draws))

    def _pending(self, k: int) -> list[int]:
        """Items of the random sample that wait for a verdict, as many as fall among the next k; drawn where too few are."""
        self._learnt()  # which may choose other candidates
        judged, n = self._verdicts, len(self._look.order)
        return self.draw_until(sampled_until(judged + k, n) - sampled_until(judged, n))

    def draw_until(self, wanted: int) -> list[int]:
        """Draw items by chance until so many wait for a verdict; those that wait, in the order of the draws."""
        self._learnt()  # which may choose other candidates
        pool = self._look.pool
        waiting = dict.fromkeys(one.item for one in self._draws if self._open[one.item])
        if len(waiting) >= wanted:
            return list(waiting)
        rows = np.flatnonzero(self._open[pool.items] & (pool.weights > 0))
        items, weights = pool.items[rows], pool.weights[rows]
        rates = self._look.strata.rates[self._look.strata_of(items)]
        # Draws are with replacement, so one may meet an item that waits already; twice as many tries as draws wanted.
        for _try in range(2 * (wanted - len(waiting)) if len(rows) else 0):
            if len(waiting) < wanted:
                made = draw(self._rng, items, weights, rates)
                self._draws.append(made)
                waiting[made.item] = None
        return list(waiting)

    def drop_waiting(self) -> None:
        """Forget the items drawn by chance that nobody has judged: they will be shown like any other."""
        gone = [place for place, one in enumerate(self._draws) if self._open[one.item]]
        if gone:
            judged = np.flatnonzero(self._judged)
            self._before[judged] -= np.searchsorted(gone, self._before[judged]).astype(np.int32)
            self._draws = [one for one in self._draws if not self._open[one.item]]
            self._count = self._curve = None

    # --- what to expect -----------------------------------------------------------------------------------------

    def errors_left(self) -> ErrorsLeft:
        """What is told of the wrong labels among the items without a verdict: see `ErrorsLeft`."""
        count, found = self._count_now(), self.expected_errors()
        low, high = found.low, found.high
        if not count.known:  # verdicts on the most suspect items cannot rule out what was believed before them
            before, wrong = self._belief.estimate, float(np.nansum(self._told[np.flatnonzero(self._judged)]))
            left = float(np.count_nonzero(self._open))
            low, high = min(low, max(before.low - wrong, 0.0)), max(high, min(before.high - wrong, left), _UNSEEN * left)
        to_check, then = count.plan(high - low)
        return ErrorsLeft(found.value, low, high, count.known, count.judged, to_check, then)

    def expected_errors(self) -> Estimate:
        """The wrong labels among the items without a verdict, with a 90 % interval.

        By all verdicts; once the random sample is large enough, by that alone, see `SampledCount`.
        """
        if not self._open.any():
            return Estimate(0, 0, 0)
        if not self._verdicts:
            return self._belief.estimate
        count = self._count_now()
        return count.errors_left() if count.known else self._curve_now().errors_left()

    def precision(self, k: int = 50) -> Estimate:
        """How many of the next k items (fewer where fewer are left) are errors, with a 90 % interval."""
        return self._curve_now().errors_among(self._odds_of(self.ranked(k)))

    def chance_wrong(self, items: ItemRows) -> Floats:
        """(items,) the probability that each given label is wrong, for items that take part in the ranking."""
        return self._curve_now().chance_wrong(self._odds_of(np.asarray(items, np.int64)))

    def _learnt(self) -> FittedModel:
        """The model fitted to the verdicts; it is fitted anew where there are new ones."""
        if self._model is None:
            self._look = self._look.widened(self._judged)
            self._model = FittedModel(self._look, self._belief.sharpness, *self._taught())
        return self._model

    def _odds_of(self, items: ItemRows) -> Floats:
        """The log odds of single items, neighbour effects included; only the count of all does without these."""
        rows = self._rows_of(items)
        return self._learnt().to_order()[rows]

    def _rows_of(self, items: ItemRows) -> ItemRows:
        """The rows of items among the candidates."""
        self._learnt()  # which may choose other candidates
        return self._look.pool.rows_of(items)

    def _taught(self) -> tuple[ItemRows, Floats]:
        """The rows of the verdicts that the model learns from, by item id, and whether each label was wrong (t,)."""
        items = np.flatnonzero(self._judged)  # few of all
        items = items[np.isfinite(self._told[items]) & self._look.takes_part[items]]
        return self._look.pool.rows_of(items), self._told[items]

    def _curve_now(self) -> ErrorCurve:
        """The error curve in the light of all verdicts; it is computed anew where there are new ones."""
        if self._curve is None:
            # Log odds of all candidates, and of those with a verdict.
            odds = self._learnt().to_count()
            rows, wrong = self._taught()
            # Errors that were found on items which take part no more.
            gone = float(np.nansum(self._told[np.flatnonzero(self._judged & ~self._look.takes_part)]))
            count = self._count_now()
            belief = count.belief(self._belief) if count.judged > 1 else self._belief
            self._curve = ErrorCurve(belief, odds, self._look.pool.weights, odds[rows], wrong, gone)
        return self._curve

    def _count_now(self) -> SampledCount:
        """The count by the random sample in the light of all verdicts."""
        if self._count is None:
            self._learnt()  # which may choose other candidates
            judged = np.flatnonzero(self._judged)
            self._count = SampledCount(self._look, self._draws, self._told, self._open, judged, self._before[judged])
        return self._count
