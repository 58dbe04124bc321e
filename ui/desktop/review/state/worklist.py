"""The list under review: what is in it, in which order, where the person stands, what is selected. No Qt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.filtering.filters import Facts, Filter, ItemRows, Mask
from badcase.ui.desktop.review.state.tally import Confusions, Counts, Tally

_NONE: ItemRows = np.empty(0, np.int64)
_NEAR = 4_096  # rows behind the last that stays, which are looked at whenever the order changes
_FEW, _SPLIT = 3, 1_000  # items from farther behind that are fetched one by one, and judged ones among which that pays
_LOOK = 256  # rows that are looked at first for the next open one


class Order(StrEnum):
    """How the list is sorted; ties and unranked items follow by item id. LISTED: as whoever asked for the list did;
    MATCH: by how well what is searched for stands in the texts."""

    LISTED = "listed"
    SUSPECT = "suspect"
    MATCH = "match"
    PAIR = "pair"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Reordering:
    """What came forward in a list, and from where: enough to put it back."""

    after: int  # the row that it came behind
    last: int  # the last row whose item is another one since
    places: ItemRows  # among the waiting items between the two, ascending
    items: ItemRows  # which stood at these places
    added: ItemRows  # items that were not in the list
    waiting: int  # how many wait between the two since


def _by_pair(cells: ItemRows) -> ItemRows:
    """The order that puts the most frequent cell first and leaves its rows as they stand; ties by cell."""
    sizes = np.bincount(cells, minlength=1)
    ranks = np.empty(len(sizes), np.int64)
    ranks[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    keys = ranks[cells]
    small = keys.max(initial=0) < 1 << 16  # numpy sorts 16 bits by radix, ten times as fast
    return np.argsort(keys.astype(np.uint16) if small else keys, kind="stable").astype(np.int64)


class Worklist:
    """Items that passed the filter when it was set. What was reviewed stays behind where it stood, done; what waits may
    come in another order by what verdicts teach. Setting a filter makes the list anew.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.filter = Filter()
        self.order = Order.SUSPECT
        self.rows: ItemRows = np.empty(0, np.int64)
        self.position = 0
        self.selected: Mask = np.empty(0, np.bool_)
        self._anchor = 0
        self._row_of: npt.NDArray[np.int32] = np.empty(0, np.int32)
        self._second = False  # whoever asks for judged items alone wants another verdict on each
        self._again: Mask = np.zeros(facts.n, np.bool_)  # items that have a verdict and wait for another
        self._tally: Tally | None = None
        self._waits: Mask | None = None  # (n,) the items of the list that wait, and how many they are
        self._left = 0
        self.show(self.filter)

    # --- what is in it ------------------------------------------------------------------------------------------

    def show(self, wanted: Filter, order: Order | None = None, *, keep: int | None = None) -> None:
        """Make the list anew; stand at item `keep` where it is still in it, else at the first."""
        self.order = order or self._fitting_order(wanted)
        self.filter = wanted
        self.recount()
        self._take_rows(self._sorted(wanted.mask(self.facts)))
        self._again = np.zeros(self.facts.n, np.bool_)
        self._second = wanted.listed is not None and not self.left()
        self._again[self.rows], self._waits = self._second, None
        self.position = max(self.row_of(keep), 0) if keep is not None else 0
        self._anchor = self.position

    def _take_rows(self, rows: ItemRows, selected: ItemRows = _NONE) -> None:
        self.rows, self._waits = rows, None
        self._row_of = np.full(self.facts.n, -1, np.int32)
        self._row_of[rows] = np.arange(len(rows), dtype=np.int32)
        self.selected = np.zeros(len(rows), np.bool_)
        self.selected[self._row_of[selected]] = True

    def _fitting_order(self, wanted: Filter) -> Order:
        """A new list comes as it was asked for; without one that order means nothing."""
        if wanted.listed is not None and wanted.listed != self.filter.listed:
            return Order.LISTED
        if wanted.words and wanted.words != self.filter.words:
            return Order.MATCH
        if self.order is Order.MATCH and not wanted.words:
            return Order.SUSPECT
        return Order.SUSPECT if wanted.listed is None and self.order is Order.LISTED else self.order

    def refresh(self, facts: Facts) -> None:
        """Take new facts in (a new prediction set) and stay at the current item where it is still in the list."""
        current = self.current
        self.facts = facts
        known = tuple(name for name in self.filter.reasons if name in facts.reasons)
        second, again = self._second, self._again
        self.show(replace(self.filter, reasons=known), keep=current)
        self._second, self._again, self._waits = second, again, None  # what was judged again meanwhile stays judged

    def renew(self, facts: Facts, after: int) -> None:
        """Take another ranking in behind a row: up to there the list stands as it stood, then comes what passes the
        filter now, in its order."""
        self.facts = facts
        known = tuple(name for name in self.filter.reasons if name in facts.reasons)
        self.filter = replace(self.filter, reasons=known)
        self.recount()
        head = self.rows[: after + 1]
        passed = self.filter.mask(facts).copy()
        passed[head] = False
        rows = np.concatenate([head, self._sorted(passed)])
        self._take_rows(rows, np.intersect1d(self.rows[self.selected], rows))

    def _sorted(self, passed: Mask) -> ItemRows:
        facts, listed = self.facts, self.filter.listed
        if self.order is Order.LISTED and listed is not None:
            asked = np.array(list(dict.fromkeys(listed)), np.int64)
            return asked[passed[asked]]
        if self.order is Order.DATA:
            return np.flatnonzero(passed).astype(np.int64)
        ranked = facts.order[passed[facts.order]]
        unranked = passed.copy()
        unranked[facts.order] = False
        rows = np.concatenate([ranked, np.flatnonzero(unranked)]).astype(np.int64)
        if self.order is Order.MATCH and facts.match is not None and self.filter.words:
            rows = rows[np.argsort(-facts.match(self.filter.words)[rows], kind="stable")]
        if self.order is Order.PAIR:
            rows = rows[_by_pair(facts.given[rows].astype(np.int64) * (len(facts.classes) + 1) + facts.suggested[rows] + 1)]
        return rows

    def __len__(self) -> int:
        return len(self.rows)

    def row_of(self, item: int) -> int:
        """The row of an item, -1 where it is not in the list."""
        return int(self._row_of[item]) if 0 <= item < len(self._row_of) else -1

    def rows_of(self, items: Collection[int] | ItemRows) -> npt.NDArray[np.int32]:
        """(items,) the row of each of some items of the project, -1 where it is not in the list."""
        return self._row_of[items if isinstance(items, np.ndarray) else np.fromiter(items, np.int64, len(items))]

    def open_rows(self) -> Mask:
        """(rows,) True where nobody has judged the item, or it was asked for again and not judged since."""
        return self._open(self.rows)

    def _open(self, items: ItemRows) -> Mask:
        """(items,) the same of some items."""
        waiting: Mask = (self.facts.verdicts[items] == VerdictCode.NONE) | self._again[items]
        return waiting

    def judged(self, items: Collection[int]) -> None:
        """These have their verdict: those that were asked for again wait no longer."""
        asked = np.fromiter(items, np.int64, len(items))
        self._again[asked] = False
        self._see(asked)

    def taken_back(self, items: Collection[int]) -> None:
        """A verdict on these was undone: those of a list that was asked for again wait again."""
        if self._second:
            rows = self.rows_of(items)
            asked = self.rows[rows[rows >= 0]]
            self._again[asked] = True
            self._see(asked)

    def left(self) -> int:
        """How many of the list have no verdict."""
        if self._waits is None:
            open_rows = self.open_rows()
            self._waits, self._left = np.zeros(self.facts.n, np.bool_), int(np.count_nonzero(open_rows))
            self._waits[self.rows[open_rows]] = True
        return self._left

    def _see(self, items: ItemRows) -> None:
        """Items, each once, may wait since or no more, or came into the list, or left it."""
        if self._waits is not None:
            now = (self._row_of[items] >= 0) & self._open(items)
            self._left += int(np.count_nonzero(now)) - int(np.count_nonzero(self._waits[items]))
            self._waits[items] = now

    def counts(self) -> Counts:
        return self._counted().counts()

    def confusions(self) -> Confusions:
        """What the items of the pile are given and suggested, whatever pair is chosen; for items with one label."""
        return self._counted().confusions()

    def recount(self, items: ItemRows | None = None) -> None:
        """These items, each once, may count elsewhere since; None: all may."""
        if items is None:
            self._waits = None
        else:
            self._see(items)
        if self._tally is not None and (items is None or not self._tally.recount(items)):
            self._tally = None

    def _counted(self) -> Tally:
        if self._tally is None:
            self._tally = Tally(self.facts, self.filter)
        return self._tally

    # --- in which order the waiting come --------------------------------------------------------------------------

    def waiting(self, after: int, last: int | None = None) -> ItemRows:
        """Rows behind a row whose items nobody has judged, up to the `last` one, which is among them where it waits."""
        behind = self.rows[after + 1 : None if last is None else last + 1]
        return after + 1 + np.flatnonzero(self.facts.verdicts[behind] == VerdictCode.NONE)

    def behind(self, items: ItemRows, row: int) -> Mask:
        """(items,) which of some items stand in the list behind a row."""
        there: Mask = self._row_of[items] > row
        return there

    def bring_forward(self, wanted: ItemRows, after: int) -> Reordering:
        """Let items come first among those that wait behind a row, in this order; the others follow as they stood.

        An item that is not in the list is put into it; one that does not wait behind that row stays where it is. Only the
        rows up to the last of them are looked at.
        """
        at = self._row_of[wanted].astype(np.int64)
        comes = (at < 0) | ((at > after) & (self.facts.verdicts[wanted] == VerdictCode.NONE))
        wanted, at = wanted[comes], at[comes]
        stood, added = np.sort(at[at >= 0]), wanted[at < 0]
        if len(added):
            self._row_of[added] = len(self.rows) + np.arange(len(added))
            self.rows = np.concatenate([self.rows, added])
            self.selected = np.concatenate([self.selected, np.zeros(len(added), np.bool_)])
        last = len(self.rows) - 1 if len(added) else int(stood.max(initial=after))
        judged = self._judged_rows(after, last)
        places = stood - after - 1 - np.searchsorted(judged, stood)
        done = Reordering(after, last, places, self.rows[stood], added, last - after - len(judged))
        rows = self.waiting(after, self._draw_near(np.sort(self._row_of[wanted]), judged, after, last))
        before = self.rows[rows]
        self._place(rows, np.concatenate([wanted, before[~np.isin(before, wanted)]]))
        self._see(added)
        return done

    def _judged_rows(self, after: int, last: int) -> ItemRows:
        """Rows behind a row, up to the `last` one, whose items have a verdict; ascending."""
        rows = self._row_of[np.flatnonzero(self.facts.verdicts)]
        return np.sort(rows[(rows > after) & (rows <= last)]).astype(np.int64)

    def _draw_near(self, rows: ItemRows, judged: ItemRows, after: int, last: int) -> int:
        """Let the items of some waiting rows (ascending) that are far behind a row stand as near as the others; the last row of
        any of them then. What lies between moves on at once: were it looked at row by row, a person would wait for it."""
        near = after + _NEAR
        far = rows[rows > near]
        if not 0 < len(far) <= _FEW or np.count_nonzero(judged > near) > _SPLIT:
            return last
        for row in far.tolist():
            near = self._next_waiting(near, judged)
            self._pull(row, near, judged)
        return near

    @staticmethod
    def _next_waiting(row: int, judged: ItemRows) -> int:
        """The next row that is none of these."""
        row += 1
        for other in judged[np.searchsorted(judged, row) :].tolist():
            if other != row:
                break
            row += 1
        return row

    def _pull(self, row: int, to: int, judged: ItemRows) -> None:
        """Take the item of a waiting row to another before it; those between move to the next row that waits."""
        within = judged[(judged > to) & (judged < row)]
        starts, ends = [to, *(within + 1).tolist()], [*within.tolist(), row + 1]
        for of in (self.rows, self.selected) if self.selected.any() else (self.rows,):
            runs = [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]
            carried = [of[row], *(of[end - 1] for _start, end in runs[:-1])]  # what comes to stand first in each
            for (start, end), first in zip(runs, carried, strict=True):
                of[start + 1 : end] = of[start : end - 1].copy()
                of[start] = first
        self._row_of[self.rows[to : row + 1]] = np.arange(to, row + 1, dtype=np.int32)

    def put_back(self, done: Reordering) -> bool:
        """Undo the newest `bring_forward`; False where others wait by now between the rows that it moved."""
        rows = self.waiting(done.after, done.last)
        if len(rows) != done.waiting:
            return False
        stays = self.rows[rows][len(done.items) + len(done.added) :]  # those that came stand first, as they came
        before = np.empty(len(rows) - len(done.added), np.int64)
        stood = np.zeros(len(before), np.bool_)
        stood[done.places] = True
        before[stood], before[~stood] = done.items, stays
        self._place(rows, np.concatenate([before, done.added]))
        if len(done.added):
            self._row_of[done.added] = -1
            left = len(self.rows) - len(done.added)
            self.rows, self.selected = self.rows[:left], self.selected[:left]
            self._see(done.added)
        return True

    def _place(self, rows: ItemRows, items: ItemRows) -> None:
        """Let these items stand in these rows, in which they stand already in another order; what is selected stays so."""
        chosen = self.rows[rows][self.selected[rows]]
        self.rows[rows] = items
        self._row_of[items] = rows
        self.selected[rows] = False
        self.selected[self._row_of[chosen]] = True

    # --- where the person stands --------------------------------------------------------------------------------

    @property
    def current(self) -> int | None:
        """The item under review, or None in an empty list."""
        return int(self.rows[self.position]) if len(self.rows) else None

    def step(self, by: int) -> None:
        self.stand(self.position + by)

    def stand(self, row: int) -> None:
        """Go to a row, as near as the list allows."""
        self.position = min(max(row, 0), max(len(self.rows) - 1, 0))

    def go(self, item: int) -> bool:
        """Stand at an item; False where it is not in the list."""
        row = self.row_of(item)
        if row < 0:
            return False
        self.position = row
        return True

    def advance(self) -> bool:
        """Stand at the next item that nobody has judged, else at the first such before; False where there is none."""
        for start, stop in ((self.position + 1, len(self.rows)), (0, self.position + 1)):
            row = self._first_open(start, stop)
            if row >= 0:
                self.position = row
                return True
        return False

    def _first_open(self, start: int, stop: int) -> int:
        """The first row from `start` on and before `stop` that waits, -1 where none does. It is mostly near."""
        width = _LOOK
        while start < stop:
            found = np.flatnonzero(self._open(self.rows[start : min(start + width, stop)]))
            if len(found):
                return start + int(found[0])
            start, width = start + width, 4 * width
        return -1

    def stand_at_waiting(self) -> None:
        """Stand at the first item that waits for a verdict and can get one, where there is one."""
        waiting = np.flatnonzero(self.open_rows() & ~self.facts.gold[self.rows])
        if len(waiting):
            self.position = int(waiting[0])

    def upcoming(self, count: int) -> list[int]:
        """The items that come next, for fetching them ahead."""
        return [int(item) for item in self.rows[self.position + 1 : self.position + 1 + count]]

    # --- what is selected ---------------------------------------------------------------------------------------

    def select(self, row: int, *, add: bool = False) -> None:
        """Select one row alone, or turn it over beside the others; ranges start here."""
        if not add:
            self.selected[:] = False
        self.selected[row] = not (add and self.selected[row])
        self._anchor = row
        self.stand(row)

    def select_to(self, row: int, *, add: bool = False) -> None:
        """Select everything from where the last selection began up to a row."""
        if not self.selected.any():
            self._anchor = self.position
        if not add:
            self.selected[:] = False
        low, high = sorted((min(self._anchor, len(self.rows) - 1), row))
        self.selected[low : high + 1] = True
        self.stand(row)

    def select_items(self, items: ItemRows, *, add: bool = False, out: bool = False) -> None:
        """Select the rows of some items alone, or beside the others (add), or take them out; those not in the list stay out."""
        rows = self.rows_of(items)
        rows = rows[rows >= 0]
        if not (add or out):
            self.selected[:] = False
        self.selected[rows] = not out
        if len(rows):
            self._anchor = int(rows.min())
            self.stand(self._anchor)

    def select_all(self) -> None:
        """Select every row that nobody has judged; all rows where all are judged."""
        waiting = self.open_rows()
        self.selected[:] = waiting if waiting.any() else True

    def clear_selection(self) -> None:
        self.selected[:] = False
        self._anchor = self.position

    def selected_items(self) -> ItemRows:
        """Ids of the selected items in the order of the list."""
        return self.rows[self.selected]
