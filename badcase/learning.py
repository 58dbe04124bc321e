"""What verdicts teach about the items without one: their order, how many errors are left, how rich the next ones are."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from badcase.blind import Draw, blind_until, draw, total_errors
from badcase.combiner import Combiner, Floats, sigmoid
from badcase.curve import ErrorCurve
from badcase.estimate import CountBelief, Estimate, believed_count
from badcase.evidence import Rows
from badcase.journal import VerdictCode
from badcase.multilabel.counting import believed_items
from badcase.multilabel.door import AnyRanking
from badcase.multilabel.ranking import MultilabelRanking
from badcase.pool import Pool

_LEARNT = {VerdictCode.RELABEL: True, VerdictCode.EXCLUDE: True, VerdictCode.KEEP: False}  # unsure teaches nothing


@dataclass(frozen=True, slots=True)
class _Lesson:
    wrong: bool | None  # None: judged, nothing learnt
    draws: int  # blind draws made before it


class Learner:
    """Verdicts on the given labels of one ranking, and what follows from them.

    Items without suspicion (NaN) take no part. Order and estimates follow from the verdicts, whatever their order; only
    which items are blind depends on when they were asked for (and on the seed).
    """

    def __init__(self, ranking: AnyRanking, *, blind: bool = True, seed: int = 0) -> None:
        """blind: mix items drawn by chance into `next`, see `badcase.blind`."""
        self.ranking, self.blind = ranking, blind
        self._order = np.asarray(ranking.order, np.int64)
        self._takes_part = np.isfinite(ranking.suspicion)
        self._rng = np.random.default_rng(seed)
        self._lessons: dict[int, _Lesson] = {}
        self._open = self._takes_part.copy()
        self._known = np.zeros(len(self._open), np.int8)
        self._draws: list[Draw] = []
        self._twins_next: list[int] = []
        self._belief = self._believed()
        self._pool = Pool(ranking, 0)
        self._intercept = self._first_intercept()
        self._combiner: Combiner | None = None
        self._curve: ErrorCurve | None = None
        self._odds: Floats = np.empty(0)

    # --- verdicts -----------------------------------------------------------------------------------------------

    def record(self, item: int, wrong: bool | None) -> None:
        """Take a verdict on the given label of an item; None: judged, but nothing learnt. It replaces an older one."""
        if item in self._lessons:
            self.forget(item)
        self._lessons[item] = _Lesson(wrong, len(self._draws))
        self._open[item] = False
        self._combiner = self._curve = None
        if self.ranking.twins is not None:
            twins = np.flatnonzero((self.ranking.twins == self.ranking.twins[item]) & self._open)
            self._twins_next = list(dict.fromkeys([*twins.tolist(), *self._twins_next]))

    def forget(self, item: int) -> None:
        """Take the verdict on an item back."""
        lesson = self._lessons.pop(item)
        chance = float(self.chance_wrong(np.array([item]))[0]) if self._draws else 0.0
        for later in self._draws[lesson.draws :]:  # they took the item for judged
            later.total += chance - float(lesson.wrong or 0)
        self._open[item] = True
        self._twins_next = []
        self._combiner = self._curve = None

    def update(self, verdicts: NDArray[np.int8]) -> None:
        """Take over how the verdicts of all items stand (n,), as `VerdictCode`s: new, changed and undone ones."""
        for item in np.flatnonzero((verdicts != self._known) & self._takes_part).tolist():
            if verdicts[item] == VerdictCode.NONE:
                self.forget(item)
            else:
                self.record(item, _LEARNT.get(VerdictCode(int(verdicts[item]))))
        self._known = verdicts.copy()

    def move(self, ranking: AnyRanking) -> None:
        """Go on with another ranking of the same given labels, made in the light of the verdicts.

        What was found, and what the blind draws say of the number of errors, stays true. The first belief in that number
        stays as well: it came from labels of which none was known.
        """
        self.ranking = ranking
        self._order = np.asarray(ranking.order, np.int64)
        self._pool = Pool(ranking, len(self._lessons))
        self._intercept = self._first_intercept()
        self._combiner = self._curve = None

    # --- the queue ----------------------------------------------------------------------------------------------

    def next(self, k: int = 1, among: NDArray[np.bool_] | None = None) -> Rows:
        """The k items to look at next: twins of what was just judged, then the most suspect, blind ones in between.

        among (n,): only these, and blind ones.
        """
        asked = self._open if among is None else self._open & among
        chosen = dict.fromkeys([item for item in self._twins_next if asked[item]][:k])
        waiting = deque(item for item in (self._pending(k) if self.blind else []) if item not in chosen)
        taken = {*chosen, *waiting}
        ranked = deque(item for item in self.ranked(k + len(taken), among).tolist() if item not in taken)
        judged, n = len(self._lessons), len(self._order)
        while len(chosen) < k and (ranked or waiting):
            place = judged + len(chosen)
            blind = blind_until(place + 1, n) > blind_until(place, n)
            source = waiting if waiting and (blind or not ranked) else ranked or waiting
            chosen[source.popleft()] = None
        return np.fromiter(chosen, np.int64)

    def ranked(self, k: int | None = None, among: NDArray[np.bool_] | None = None) -> Rows:
        """The k (or all) items without a verdict by what was learnt, most suspect first; ties by item id.

        among (n,): only these.
        """
        asked = self._open if among is None else self._open & among
        odds, open_rows = self._learnt(), np.flatnonzero(asked[self._pool.items])
        values = odds[open_rows]
        if k is not None and k < len(values):  # all that reach the k-th value: a tie there is broken by id
            kept = values >= np.partition(values, len(values) - k)[len(values) - k]
            open_rows, values = open_rows[kept], values[kept]
        items = self._pool.items[open_rows]
        items = items[np.lexsort((items, -values))][:k]
        if len(self._pool.items) < len(self._order) and (k is None or len(items) < k):
            rest = asked.copy()
            rest[items] = False
            items = np.concatenate([items, self._order[rest[self._order]]])[:k]
        return items

    def is_blind(self, item: int) -> bool:
        """Whether an item was drawn by chance; a person may know so when it is shown."""
        return any(one.item == item for one in self._draws)

    def _pending(self, k: int) -> list[int]:
        """Blind items that wait for a verdict, as many as fall among the next k; drawn where there are too few."""
        judged, n = len(self._lessons), len(self._order)
        wanted = blind_until(judged + k, n) - blind_until(judged, n)
        waiting = dict.fromkeys(one.item for one in self._draws if self._open[one.item])
        rows = np.flatnonzero(self._open[self._pool.items] & (self._pool.weights > 0))
        for _try in range(2 * (wanted - len(waiting)) if len(rows) else 0):
            if len(waiting) < wanted:
                curve, items, weights = self._curve_now(), self._pool.items[rows], self._pool.weights[rows]
                made = draw(self._rng, items, curve.chance_wrong(self._odds[rows]), weights, curve.found)
                self._draws.append(made)
                waiting[made.item] = None
        return list(waiting)

    # --- what to expect -----------------------------------------------------------------------------------------

    def expected_errors(self) -> Estimate:
        """The wrong labels among the items without a verdict, with a 90 % interval."""
        if not self._lessons:
            return self._belief.estimate
        return self._curve_now().errors_left()

    def precision(self, k: int = 50) -> Estimate:
        """How many of the next k items (fewer where fewer are left) are errors, with a 90 % interval."""
        return self._curve_now().errors_among(self._odds_of(self.ranked(k)))

    def chance_wrong(self, items: Rows) -> Floats:
        """(items,) the probability that each given label is wrong, for items that take part in the ranking."""
        return self._curve_now().chance_wrong(self._odds_of(np.asarray(items, np.int64)))

    def _learnt(self) -> Floats:
        """Log odds of the pool's rows, learnt anew where there are new verdicts."""
        if self._combiner is None:
            if len(self._pool.items) < len(self._order) and 2 * len(self._lessons) > self._pool.head:
                self._pool = Pool(self.ranking, len(self._lessons))
            self._combiner = Combiner(self._intercept, self._belief.sharpness, self._pool.columns.shape[1])
            rows, wrong = self._taught()
            if len(rows):
                groups = [group[rows] for group in self._pool.groups]
                self._combiner.fit(self._pool.columns[rows], wrong, groups, self._pool.sizes)
            self._odds = np.empty(0)
        if len(self._odds) < len(self._pool.items):
            self._odds = self._combiner.odds(self._pool.columns, self._pool.groups)
        return self._odds

    def _odds_of(self, items: Rows) -> Floats:
        self._learnt()  # which may choose another pool
        rows = self._pool.rows_of(items)
        return self._learnt()[rows]

    def _taught(self) -> tuple[Rows, Floats]:
        """Rows of the verdicts that teach, by item, and whether each label was wrong."""
        items = np.fromiter(self._lessons, np.int64, len(self._lessons))
        wrong = np.array([np.nan if one.wrong is None else one.wrong for one in self._lessons.values()], np.float64)
        taught = np.flatnonzero(np.isfinite(wrong))
        taught = taught[np.argsort(items[taught])]
        return self._pool.rows_of(items[taught]), wrong[taught]

    def _curve_now(self) -> ErrorCurve:
        if self._curve is None:
            odds = self._learnt()
            rows, wrong = self._taught()
            seen = [one for one in self._draws if self._wrong(one.item) is not None]
            hits = np.array([self._wrong(one.item) for one in seen], np.bool_)
            total = total_errors(seen, hits) if len(seen) > 1 else None
            self._curve = ErrorCurve(self._belief, odds, self._pool.weights, odds[rows], wrong, total)
        return self._curve

    def _wrong(self, item: int) -> bool | None:
        lesson = self._lessons.get(item)
        return None if lesson is None else lesson.wrong

    def _first_intercept(self) -> float:
        """Where the believed number of errors is wrong by the static order alone."""
        odds = self._belief.sharpness * self._pool.columns[:, 0]
        low, high = -40.0, 40.0
        for _step in range(50):
            middle = (low + high) / 2
            above = self._pool.weights @ sigmoid(odds + middle) > max(self._belief.estimate.value, 0.5)
            low, high = (low, middle) if above else (middle, high)
        return low

    def _believed(self) -> CountBelief:
        """In a number of errors among the items that take part, before any verdict."""
        ranking, part = self.ranking, self._takes_part
        if isinstance(ranking, MultilabelRanking):
            return believed_items(ranking.suspicion[part], ranking.labels[part], ranking.probs[part])
        if part.all():
            return believed_count(ranking.labels, ranking.probs)
        return believed_count(ranking.labels[part], ranking.probs[part])
