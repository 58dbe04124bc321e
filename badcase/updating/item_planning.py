"""What an update of the data would change: the next revision of the items, counted and listed before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.importing.gathered import Gathered
from badcase.importing.writing import media_place, place_table
from badcase.items.kinds import UNLABELLED, Split
from badcase.items.splits import split_named
from badcase.items.twins.image_twins import alike
from badcase.store.project_data import ProjectData
from badcase.updating.next_table import next_table, twins_of, units_of
from badcase.updating.rows_now import RowsNow
from badcase.updating.same_items import Told, out_of_order, same_items

COUNTED = ("added", "changed", "moved", "gone", "relabelled", "conflicts", "unlabelled", "reencoded")
_AGAIN = 0.5  # of the items: data that hold fewer of them are more data, and not the same again

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ItemChanges:
    """The next items.

    Attributes:
        table: As in items.arrow; rows of before are where they were.
        meta: Of the file.
        listed: For each of `COUNTED` the keys of the items.
        again: Whether the labelled data are the source once more, so that what they lack is gone; else they are more of it.
    """

    table: pa.Table
    meta: Mapping[str, Any]
    listed: Mapping[str, Sequence[str]]
    again: bool


class Planning:
    """Builds the next items out of those that there are, rows of labelled data, and items without a label."""

    def __init__(self, project: ProjectData) -> None:
        items = project.items
        self._project, self._items, self._n = project, items, len(items)
        self._take = np.arange(len(items))  # the row of all tables, one after the other, that each item's columns come from
        self._tables = [items.table]
        self._given, self._said = items.kept_given.copy(), items.said.copy()
        self._gone, self._split, self._place = items.gone.copy(), items.split.copy(), items.places.copy()
        self._time = np.full(len(items), np.nan) if items.time is None else items.time.copy()
        self._meta = {**items.meta, "revision": items.revision + 1}
        self._listed: dict[str, list[str]] = {name: [] for name in COUNTED}
        self._follows: dict[int, int] = {}  # new item -> the item whose place it takes
        self._named: dict[int, Split] = {}  # new item -> the split that its row names
        self._again = False

    # --- the labelled data ------------------------------------------------------------------------------------------

    def take_rows(self, now: RowsNow, name: str, *, is_source: bool) -> None:
        """Take notice of labelled data.

        Args:
            now: Their rows.
            name: What stands before a key that other items have already.
            is_source: Whether they lie where the source of the project lies.
        """
        rows = now.gathered
        there = np.flatnonzero(~self._gone & (self._place == 0))
        found = self._same(rows, now.numbered)
        self._again = is_source or len(np.intersect1d(found, there)) >= _AGAIN * len(there)
        offset = self._add_table(rows)
        if self._again:
            self._meta |= media_place(rows, self._project.path)
            self._take_again(now, found, there, offset)
        else:
            self._take_more(now, found, name, offset)

    def _same(self, rows: Gathered, numbered: bool) -> Ids:
        items = Told(self._items.keys[:], self._items.fingerprints[:], self._said.tolist())
        order = np.lexsort((np.arange(self._n), self._place != 0, self._gone)).tolist()
        return same_items(items, order, Told(rows.keys, rows.found.fingerprints, rows.given.tolist()), numbered=numbered)

    def _take_again(self, now: RowsNow, found: Ids, there: Ids, offset: int) -> None:
        """The source once more: what it has no more is gone, and a key with another content is an item of its own."""
        rows = now.gathered
        left = np.setdiff1d(there, found)
        by_key = {self._items.key(i): i for i in left.tolist()}
        pairs = [(by_key[rows.keys[at]], at) for at in np.flatnonzero(found < 0).tolist() if rows.keys[at] in by_key]
        for i, at in self._encoded_anew(rows, pairs):
            found[at] = i
            self._listed["reencoded"].append(rows.keys[at])
        kept = np.flatnonzero(found >= 0)
        known = found[kept]
        if now.numbered:
            stayed = np.isin(known, there)
            moved = kept[stayed][out_of_order(self._items.rows[known[stayed]])]
        else:
            moved = np.array([row for row in kept.tolist() if self._items.key(int(found[row])) != rows.keys[row]], np.int64)
        self._listed["moved"] += [rows.keys[row] for row in moved.tolist()]
        self._take[known], self._place[known] = offset + kept, 0
        if now.time is not None:
            self._time[known] = now.time[kept]
        self._know(rows, kept, known)
        gone = np.setdiff1d(there, found)
        self._gone[gone] = True
        changed = {row: i for i, row in pairs if found[row] < 0}
        self._listed["gone"] += [self._items.key(i) for i in np.setdiff1d(gone, list(changed.values())).tolist()]
        self._append(now, np.flatnonzero(found < 0), offset, 0, changed)

    def _encoded_anew(self, rows: Gathered, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Of items and rows with the same key those whose images are near-duplicates: the same image in other bytes."""
        thumbs = self._items.thumbs
        if not pairs or thumbs is None or rows.found.seen is None:
            return []
        same = alike(thumbs[[i for i, _at in pairs]], rows.found.seen["thumb"][[at for _i, at in pairs]])
        return [pair for pair, near in zip(pairs, same.tolist(), strict=True) if near]

    def _take_more(self, now: RowsNow, found: Ids, name: str, offset: int) -> None:
        """More data: what is there already stays as it is; a label is taken of what came in this way before."""
        at = np.flatnonzero(found >= 0)
        own = at[(self._place[found[at]] != 0) | self._gone[found[at]]]
        self._know(now.gathered, own, found[own])
        taken = set(self._items.keys[:])
        keys = list(now.gathered.keys)
        new = np.flatnonzero(found < 0)
        for row in new.tolist():
            keys[row] = _free(f"{name}/{keys[row]}" if now.numbered else keys[row], name, taken)
        self._rename(offset, keys)
        self._append(now, new, offset, self._place_of(now.gathered), {})

    # --- items without a label --------------------------------------------------------------------------------------

    def take_pool(self, pool: Gathered, name: str) -> None:
        """Take notice of items without a label; what is there already, labelled or not, is not taken again."""
        prints = self._items.fingerprints[:]
        apart = self._place[: self._n] != 0
        pooled = {prints[i]: i for i in np.flatnonzero(apart | ~self._gone[: self._n]).tolist()}
        back = {pooled[mark] for mark in pool.found.fingerprints if mark in pooled}
        returned = [i for i in sorted(back) if self._gone[i]]
        self._gone[returned] = False
        keys = [self._items.key(i) for i in returned]
        self._listed["added"] += keys
        self._listed["unlabelled"] += keys
        new = [at for at, mark in enumerate(pool.found.fingerprints) if mark not in pooled]
        offset = self._add_table(pool)
        self._grow(offset + np.array(new, np.int64), pool.given[new], self._place_of(pool) if new else 0)
        self._listed["added"] += [pool.keys[at] for at in new]
        self._listed["unlabelled"] += [pool.keys[at] for at in new]

    # --- what both need ---------------------------------------------------------------------------------------------

    def _add_table(self, rows: Gathered) -> int:
        offset = sum(len(table) for table in self._tables)
        self._tables.append(place_table(rows))
        return offset

    def _rename(self, offset: int, keys: Sequence[str]) -> None:
        last = self._tables[-1]
        assert offset == sum(len(table) for table in self._tables[:-1]), "the last table is renamed"
        self._tables[-1] = last.set_column(last.column_names.index("key"), "key", pa.array(keys, pa.large_string()))

    def _place_of(self, rows: Gathered) -> int:
        """The number of a place apart from the source."""
        place, more = media_place(rows, self._project.path), list(self._meta.get("more", []))
        if place not in more:
            more.append(place)
            self._meta["more"] = more
        return more.index(place) + 1

    def _know(self, rows: Gathered, at: Ids, items: Ids) -> None:
        """Take the labels of rows for items that are known: of one that was judged, and of gold, the given label stays."""
        project, labels = self._project, rows.given[at]
        judged = project.drawn_gold.copy()
        judged[project.journal.replay.judged()] = True
        other = labels != self._said[items]
        told = project.taxonomy.view.told
        holds = np.where(self._gone[items], told(self._given[items]), project.checked_labels[items])
        against = other & judged[items] & (told(labels) != holds)
        back = self._gone[items]
        for name, which in (("relabelled", other), ("conflicts", against), ("added", back)):
            self._listed[name] += [rows.keys[row] for row in at[which].tolist()]
        self._listed["unlabelled"] += [rows.keys[row] for row in at[back & (labels == UNLABELLED)].tolist()]
        self._said[items], self._gone[items] = labels, False
        self._given[items] = np.where(judged[items], self._given[items], labels)

    def _append(self, now: RowsNow, new: Ids, offset: int, place: int, changed: Mapping[int, int]) -> None:
        rows, first = now.gathered, len(self._take)
        for number, row in enumerate(new.tolist(), first):
            if row in changed:
                self._follows[number] = changed[row]
            written = None if now.splits is None else now.splits[row]
            if written and (split := split_named(str(written))) is not None:
                self._named[number] = split
        self._grow(offset + new, rows.given[new], place, None if now.time is None else now.time[new])
        keys = self._tables[-1]["key"].take(pa.array(new, pa.int64())).to_pylist()
        for key, row in zip(keys, new.tolist(), strict=True):
            self._listed["changed" if row in changed else "added"].append(key)
            if rows.given[row] == UNLABELLED:
                self._listed["unlabelled"].append(key)

    def _grow(self, take: Ids, given: npt.NDArray[np.int32], place: int, time: npt.NDArray[np.float64] | None = None) -> None:
        m = len(take)
        self._take = np.append(self._take, take)
        self._given, self._said = np.append(self._given, given), np.append(self._said, given)
        self._gone = np.append(self._gone, np.zeros(m, np.bool_))
        self._place = np.append(self._place, np.full(m, place, np.int16))
        self._time = np.append(self._time, np.full(m, np.nan) if time is None else time)

    def result(self) -> ItemChanges:
        """The next items."""
        group = self._project.taxonomy.source.columns.get("group") if self._items.groups is not None else None
        made: dict[str, npt.NDArray[Any]] = {"given": self._given, "said": self._said, "gone": self._gone, "place": self._place}
        made |= {} if self._items.time is None else {"time": self._time}
        table = next_table(self._tables, self._take, made, group)
        twins = twins_of(table, self._items.twins)
        split = np.append(self._split, self._splits(units_of(table, twins)))
        there = np.where(self._gone, -1 - np.arange(len(twins)), twins)  # what is gone is nobody's twin
        _sets, first, at = np.unique(there, return_index=True, return_inverse=True)
        table = table.append_column("split", pa.array(split)).append_column("twins", pa.array(first[at].astype(np.int64)))
        return ItemChanges(table, self._meta, self._listed, self._again)

    def _splits(self, units: Ids) -> npt.NDArray[np.int8]:
        """The splits of new items: beside gold that of gold, else that of what they take the place of or are twins of."""
        gold = np.zeros(len(units), np.bool_)
        gold[units[: self._n][self._project.drawn_gold]] = True
        splits = np.full(len(units) - self._n, Split.TRAIN, np.int8)
        for number in range(self._n, len(units)):
            unit = int(units[number])
            if gold[unit]:
                split = int(Split.TEST)
            elif number in self._follows or unit < self._n:
                split = int(self._split[self._follows.get(number, unit)])
            else:
                split = int(self._named.get(number, splits[unit - self._n]))
            splits[number - self._n] = split
        return splits


def _free(key: str, name: str, taken: set[str]) -> str:
    """A key that no item has, with a name before it where one has; it is taken then."""
    while key in taken:
        key = f"{name}/{key}"
    taken.add(key)
    return key
