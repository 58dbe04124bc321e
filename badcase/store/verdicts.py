"""The append-only record of verdicts, and the replay that turns it into labels. It knows no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

ItemLabels = npt.NDArray[np.int32]  # (n,) class ids of all items of a project


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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. An undo or a redo names a batch and no item."""

    seq: int
    batch: int
    action: Act
    item: int = -1
    verdict: Verdict | None = None
    label: int = -1


class Replay:
    """ItemLabels and verdicts now: the newest verdict of each item that has not been taken back.

    given (n,) class ids. Folding an entry costs as much as the batch that it touches, so one key press is cheap and
    a long journal is read once.
    """

    def __init__(self, given: ItemLabels) -> None:
        self._given = given
        self.labels = given.copy()
        self.verdicts = np.zeros(len(given), np.int8)
        self.revision = 0
        self.done: list[int] = []  # batches that undo would take back, newest last
        self.undone: list[int] = []  # batches that redo would bring back, newest last
        self._batches: dict[int, list[Entry]] = {}
        self._standing: dict[int, list[Entry]] = {}

    def add(self, entries: Iterable[Entry]) -> set[int]:
        """Replay entries in, oldest first; returns the items whose state may have changed."""
        touched: set[int] = set()
        for entry in entries:
            self.revision = entry.seq
            if entry.action is Act.VERDICT:
                self._judge(entry)
                touched.add(entry.item)
            elif entry.action is Act.UNDO:
                self.done.remove(entry.batch)
                self.undone.append(entry.batch)
                touched |= self._take_back(entry.batch)
            else:
                self.undone.remove(entry.batch)
                self.done.append(entry.batch)
                touched |= self._bring_back(entry.batch)
        return touched

    def batch(self, number: int) -> list[Entry]:
        return self._batches[number]

    def _judge(self, entry: Entry) -> None:
        if entry.batch not in self._batches:
            self._batches[entry.batch] = []
            self.done.append(entry.batch)
            self.undone.clear()
        self._batches[entry.batch].append(entry)
        self._standing.setdefault(entry.item, []).append(entry)
        self._settle(entry.item)

    def _take_back(self, batch: int) -> set[int]:
        items = {entry.item for entry in self._batches[batch]}
        for item in items:
            self._standing[item] = [entry for entry in self._standing[item] if entry.batch != batch]
            self._settle(item)
        return items

    def _bring_back(self, batch: int) -> set[int]:
        items = {entry.item for entry in self._batches[batch]}
        for entry in self._batches[batch]:
            self._standing[entry.item].append(entry)
        for item in items:
            self._standing[item].sort(key=lambda entry: entry.seq)
            self._settle(item)
        return items

    def _settle(self, item: int) -> None:
        standing = self._standing[item]
        last = standing[-1] if standing else None
        relabelled = last is not None and last.verdict is Verdict.RELABEL
        self.labels[item] = last.label if last is not None and relabelled else self._given[item]
        self.verdicts[item] = VerdictCode.NONE if last is None or last.verdict is None else CODES[last.verdict]


CODES = {
    Verdict.RELABEL: VerdictCode.RELABEL,
    Verdict.KEEP: VerdictCode.KEEP,
    Verdict.EXCLUDE: VerdictCode.EXCLUDE,
    Verdict.UNSURE: VerdictCode.UNSURE,
}
