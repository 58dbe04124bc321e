"""The replay of a journal, which turns it into labels. It knows no database."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
import numpy.typing as npt

from badcase.store.verdicts import ItemLabels, VerdictCode

# One entry of the journal, in 32 bytes. `verdict` is a VerdictCode: NONE where the entry takes a batch back, or brings one back.
# `label` is -1 but for a relabel, `item` -1 but for a verdict. The label of an item does not follow what does not decide;
# `gold` is what a check of gold found, which never decides. `edits`: it changes the classes, and is about no item.
ENTRY = np.dtype(
    [
        ("seq", np.int64),
        ("batch", np.int64),
        ("item", np.int32),
        ("label", np.int32),
        ("verdict", np.int8),
        ("decides", np.bool_),
        ("gold", np.bool_),
        ("undo", np.bool_),
        ("edits", np.bool_),
    ],
    align=True,
)
Entries = npt.NDArray[np.void]  # (m,) of ENTRY
_SPARE = 1_024
Rows = npt.NDArray[np.int64]  # places in a table of entries, oldest first


class ImpossibleTurn(Exception):
    """An entry takes back what does not stand, or brings back what was not taken back; its number is the argument."""


class Replay:
    """Labels and verdicts now: the newest deciding verdict of each item that has not been taken back.

    given (n,) class ids. Verdicts on an item that is `gone` (n,) wait: it has neither a label nor a verdict until it is back.
    A verdict costs the same however long the journal is; taking a batch back is one look over its arrays.

    Attributes:
        labels: (n,) class ids.
        verdicts: (n,) VerdictCodes.
        revision: The newest entry.
        done: Batches that undo would take back, newest last.
        undone: Batches that redo would bring back, newest last.
    """

    def __init__(self, given: ItemLabels, gone: npt.NDArray[np.bool_] | None = None) -> None:
        self._given = given
        self._gone = np.zeros(len(given), np.bool_) if gone is None else gone
        self.labels = given.copy()
        self.verdicts = np.zeros(len(given), np.int8)
        self.revision = 0
        self.done: list[int] = []
        self.undone: list[int] = []
        self._newest = 0  # batch
        self._n = 0
        self._room = np.empty(64, ENTRY)  # the entries, and place for more
        self._stand = np.zeros(64, np.bool_)  # the verdicts that have not been taken back, by place

    def add(self, entries: Entries) -> set[int]:
        """Replay entries in, oldest first; returns the items whose state may have changed."""
        if len(entries) == 1 and entries["verdict"].item():
            return self._add_verdict(entries)
        before, turned = self._n, self._turn(entries)
        self._keep(entries)
        if not turned:
            self._settle(before + np.flatnonzero(entries["decides"]))
            return set(np.sort(entries["item"][~entries["edits"]]).tolist())  # of a million twice as fast as in any order
        rows, stand = self._rows, self._stand[: self._n]
        acts = (rows["verdict"] != VerdictCode.NONE) | rows["edits"]
        moved = np.flatnonzero(np.isin(rows["batch"], list(turned)) & acts)
        batches = np.array(sorted(turned))
        now = np.array([turned[batch] for batch in batches.tolist()])
        stand[moved] = now[np.searchsorted(batches, rows["batch"][moved])]
        moved = moved[rows["verdict"][moved] != VerdictCode.NONE]
        fresh = before + np.flatnonzero(entries["verdict"] != VerdictCode.NONE)
        items = np.unique(rows["item"][np.concatenate([moved, fresh])])
        self.labels[items], self.verdicts[items] = self._given[items], VerdictCode.NONE
        self._settle(np.flatnonzero(stand & rows["decides"] & np.isin(rows["item"], items)))
        return set(items.tolist())

    def _add_verdict(self, entries: Entries) -> set[int]:
        """The same for one verdict, which is nearly every action, and a person waits for each."""
        seq, batch, item, label, verdict, decides, *_rest = entries.item()
        self.revision = seq
        self._begin(batch)
        self._make_room(1)
        self._room[self._n] = entries
        self._stand[self._n] = True
        self._n += 1
        if decides and not self._gone[item]:
            self.labels[item] = self._given[item] if label < 0 else label
            self.verdicts[item] = verdict
        return {item}

    def batch(self, number: int) -> Entries:
        """The verdicts of one batch."""
        rows = self._rows[self._span(number)]
        found: Entries = rows[rows["verdict"] != VerdictCode.NONE]
        return found

    def touched(self, since: int) -> npt.NDArray[np.int64] | None:
        """Ids, ascending, of the items whose state may be another than it was at an earlier revision; None: of all, as after a
        change of the classes."""
        fresh = self._rows[bisect_right(range(self._n), since, key=self._seq_at) :]
        turned = np.unique(fresh["batch"][fresh["verdict"] == VerdictCode.NONE]).tolist()
        parts = [fresh, *(self._rows[self._span(batch)] for batch in turned)]
        if since > self.revision or any(part["edits"].any() for part in parts):
            return None
        items = np.concatenate([part["item"][part["verdict"] != VerdictCode.NONE] for part in parts])
        return np.unique(items).astype(np.int64)

    def _seq_at(self, place: int) -> int:
        seq: int = self._room["seq"][place]
        return seq

    def _span(self, batch: int) -> slice:
        """Where what one batch did stands: in one piece, which begins with the entry that it is called by, or next to it."""
        start, wide = bisect_left(range(self._n), batch, key=self._seq_at), 64
        while True:
            rows = self._rows[start : start + wide]
            other = np.flatnonzero((rows["batch"] != batch) | ((rows["verdict"] == VerdictCode.NONE) & ~rows["edits"]))
            if len(other) or start + wide >= self._n:
                return slice(start, start + int(other[0]) if len(other) else self._n)
            wide *= 8

    def at(self, revision: int) -> tuple[ItemLabels, npt.NDArray[np.int8]]:
        """Labels (n,) and verdicts (n,) as they stood at an earlier revision."""
        then = Replay(self._given, self._gone)
        rows = self.standing(revision)
        then._room, then._n = rows, len(rows)
        then._settle(np.flatnonzero(rows["decides"]))
        return then.labels, then.verdicts

    def standing(self, revision: int | None = None) -> Entries:
        """The verdicts that nobody had taken back by then, or has by now; oldest first, one that does not decide among them."""
        then = self._standing(revision)
        judged: Entries = then[~then["edits"]]
        return judged

    def edits(self, revision: int | None = None) -> list[int]:
        """The entries that change the classes and that nobody had taken back by then, or has by now; oldest first."""
        then = self._standing(revision)
        found: list[int] = then["seq"][then["edits"]].tolist()
        return found

    def edits_of(self, batch: int) -> list[int]:
        """The entries of one batch that change the classes."""
        rows = self._rows[self._span(batch)]
        found: list[int] = rows["seq"][rows["edits"]].tolist()
        return found

    def _standing(self, revision: int | None) -> Entries:
        rows = self._rows
        if revision is None:
            now: Entries = rows[self._stand[: self._n] & ~self._absent(rows)]
            return now
        rows = rows[: np.searchsorted(rows["seq"], revision, side="right")]
        acts = (rows["verdict"] != VerdictCode.NONE) | rows["edits"]
        turns = rows[~acts]
        last = dict(zip(turns["batch"].tolist(), turns["undo"].tolist(), strict=True))
        gone = np.isin(rows["batch"], [batch for batch, undone in last.items() if undone])
        then: Entries = rows[acts & ~gone & ~self._absent(rows)]
        return then

    def _absent(self, rows: Entries) -> npt.NDArray[np.bool_]:
        """(m,) the entries about items that the data have no more; an entry about no item is about none of them."""
        return self._gone[rows["item"]] & (rows["item"] >= 0)

    def gold_checks(self) -> Entries:
        """The newest standing check of each item of gold that was checked, oldest first."""
        rows = self._rows[self._rows["gold"] & self._stand[: self._n] & ~self._gone[self._rows["item"]]]
        _items, last = np.unique(rows["item"][::-1], return_index=True)
        newest: Entries = rows[np.sort(len(rows) - 1 - last)]
        return newest

    def stands(self, seqs: list[int]) -> list[bool]:
        """Whether each of these verdicts, by its entry, has not been taken back."""
        found: list[bool] = self._stand[np.searchsorted(self._rows["seq"], seqs)].tolist()
        return found

    def judged(self) -> npt.NDArray[np.int64]:
        """The items with any verdict or check that has not been taken back, those that are gone among them."""
        found: npt.NDArray[np.int64] = np.unique(self._rows["item"][self._stand[: self._n]]).astype(np.int64)
        return found

    @property
    def _rows(self) -> Entries:
        return self._room[: self._n]

    def _keep(self, entries: Entries) -> None:
        n = self._n + len(entries)
        self._make_room(len(entries))
        self._room[self._n : n] = entries
        self._stand[self._n : n] = (entries["verdict"] != VerdictCode.NONE) | entries["edits"]
        self._n = n

    def _make_room(self, more: int) -> None:
        if self._n + more > len(self._room):
            more += max(_SPARE, (self._n + more) // 4)  # so that the first verdict after all that were read copies none of them
            self._room = np.concatenate([self._rows, np.empty(more, ENTRY)])
            self._stand = np.concatenate([self._stand[: self._n], np.zeros(more, np.bool_)])

    def _begin(self, batch: int) -> None:
        """Take notice of the verdicts of a batch: after the first of a new one, nothing that was undone can be redone."""
        if batch > self._newest:
            self._newest = batch
            self.done.append(batch)
            self.undone.clear()

    def _turn(self, entries: Entries) -> dict[int, bool]:
        """Follow what was done and undone; returns the batches that were turned, and whether they stand now."""
        turned: dict[int, bool] = {}
        acts = (entries["verdict"] != VerdictCode.NONE) | entries["edits"]
        tells = ~acts | (np.diff(entries["batch"], prepend=-1) != 0)  # of the verdicts of a batch that the first ones do
        for seq, batch, _item, _label, verdict, _decides, _gold, undo, edits in entries[tells].tolist():
            if verdict != VerdictCode.NONE or edits:
                self._begin(batch)
                continue
            source, target = (self.done, self.undone) if undo else (self.undone, self.done)
            place = _from_the_end(source, batch)
            if place is None:
                raise ImpossibleTurn(seq)
            del source[place]
            target.append(batch)
            turned[batch] = not undo
        self.revision = int(entries["seq"].max(initial=self.revision))
        return turned

    def _settle(self, places: Rows) -> None:
        """Let the newest of these deciding verdicts of each item hold."""
        items = self._rows["item"][places]
        if len(places) < len(self._given) // 16:  # a few verdicts, of very many items
            last = places[len(places) - 1 - np.unique(items[::-1], return_index=True)[1]]
        else:
            newest = np.full(len(self._given), -1, np.int64)
            np.maximum.at(newest, items, places)
            last = newest[newest >= 0]
        rows = self._rows[last[~self._gone[self._rows["item"][last]]]]
        items = rows["item"]
        self.labels[items] = np.where(rows["verdict"] == VerdictCode.RELABEL, rows["label"], self._given[items])
        self.verdicts[items] = rows["verdict"]


def _from_the_end(stack: list[int], batch: int) -> int | None:
    """Where in a stack a batch is: nearly always on top."""
    return next((place for place in range(len(stack) - 1, -1, -1) if stack[place] == batch), None)
