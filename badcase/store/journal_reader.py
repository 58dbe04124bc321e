"""What a project's journal says: every verdict that was given, by whom, and what stands of it at any revision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.items.kinds import UNLABELLED
from badcase.review_counts import ReviewCounts, VerdictCounts
from badcase.shown_tables import Columns, ShownTable
from badcase.store.checks.damage import told
from badcase.store.classes.class_edit import ClassEdit
from badcase.store.classes.class_state import ImpossibleEdit
from badcase.store.classes.class_view import ClassView
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.database import Store
from badcase.store.journal_rows import GOLD, read_entries
from badcase.store.replay import Entries, ImpossibleTurn, Replay
from badcase.store.verdicts import ItemLabels, Verdict


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One verdict that an item received, whether it still stands or was taken back.

    `label` is a class id, -1 where it names none or one that is gone; `name` what that class is called, or was called last.
    `decides`: the label follows it where nothing newer does; else it is only known what this reviewer says. `gold`: what a
    blind check of gold found.
    """

    seq: int
    verdict: Verdict
    label: int
    who: str
    at: str
    undone: bool
    shown: dict[str, Any]
    decides: bool = True
    gold: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReviewerVerdict:
    """What one reviewer says of one item: the newest of their verdicts that has not been taken back.

    `label` is the class id that holds by it; for an exclude and an unsure the given one. `at` is when, as ISO 8601 in UTC; ""
    where nobody knows.
    """

    seq: int
    item: int
    who: str
    verdict: Verdict
    label: int
    at: str
    decides: bool


@dataclass(frozen=True, slots=True)
class ClassChange:
    """One change to the classes: what, who and when (ISO 8601, UTC), and whether it was taken back."""

    seq: int
    edit: ClassEdit
    who: str
    at: str
    undone: bool


class JournalReader(ShownTable):
    """The journal in the database and its replay in memory, in step from one `catch_up` to the next."""

    def __init__(
        self,
        store: Store,
        given: ItemLabels,
        taxonomy: Taxonomy,
        gold: npt.NDArray[np.bool_] | None = None,
        gone: npt.NDArray[np.bool_] | None = None,
        sealed: int = 0,
    ) -> None:
        """What the project's journal says.

        Args:
            store: The database.
            given: (n,) class ids.
            taxonomy: The classes.
            gold: (n,) the items whose verdicts are no part of the review; None where there are none.
            gone: (n,) the items whose verdicts wait; None where there are none.
            sealed: The entry at which the data changed last: what had been undone before is not brought back by a redo.
        """
        self._store, self._given, self._taxonomy = store, given, taxonomy
        self._adds = False  # a batch is on its way into the database: what is there of it is not to be read yet
        self._gold = np.zeros(len(given), np.bool_) if gold is None else gold
        self._gone, self._sealed = gone, sealed
        self._judges = np.zeros((0, 2), np.int64)  # entries that were read, oldest first, and whose each is
        self._judge_names: dict[str, int] = {}
        self._told: tuple[object, ItemLabels] = None, given  # labels of one revision under one view
        self._read()
        self._require_whole()

    def __repr__(self) -> str:
        counts = self.counts()
        return f"<Journal at revision {self.replay.revision}: {counts.reviewed} items reviewed, {counts.fixed} relabelled>"

    def _columns(self, most: int | None) -> Columns:
        """Every verdict, oldest first, also those that were taken back."""
        rows = self._store.rows(
            "SELECT seq, item, verdict, label, who, at, opinion FROM journal WHERE item >= 0 AND seq <= ? ORDER BY seq LIMIT ?",
            (self.replay.revision, -1 if most is None else most),
        )
        name = self._taxonomy.stored_name
        return {
            "seq": [row[0] for row in rows],
            "item": [row[1] for row in rows],
            "verdict": [row[2] for row in rows],
            "label": [None if row[3] is None else name(row[3]) for row in rows],
            "who": [row[4] for row in rows],
            "at": [row[5] for row in rows],
            "undone": [not stands for stands in self.replay.stands([row[0] for row in rows])],
            "decides": [not row[6] for row in rows],
            "gold": [row[6] == GOLD for row in rows],
        }

    @property
    def given(self) -> ItemLabels:
        """(n,) the classes that the data set says, as ids of the classes now."""
        return self._view.told(self._given)

    @property
    def labels(self) -> ItemLabels:
        """(n,) the classes that hold now: the given labels with all standing corrections."""
        view = self._view
        if view.is_plain:
            return self.replay.labels
        if self._told[0] != (at := (view, self.replay.revision)):
            self._told = at, view.told(self.replay.labels)
        return self._told[1]

    @property
    def _view(self) -> ClassView:
        return self._taxonomy.view

    def _read(self) -> None:
        self.replay = Replay(self._given, self._gone)
        self._counted: tuple[int, VerdictCounts] | None = None  # of which revision
        self.catch_up()

    def catch_up(self) -> set[int]:
        """Take notice of what another process of the program has recorded; returns the items that it touched."""
        if self._adds or self.newest() == self.replay.revision:
            return set()
        if self.replay.revision:
            self._taxonomy.read_source()
        entries = read_entries(self._store, self.replay.revision, len(self._given), self._taxonomy.stored_count)
        try:
            before = np.searchsorted(entries["seq"], self._sealed, side="right")
            touched: set[int] = set()
            for part in (entries[:before], entries[before:]):
                if self.replay.revision == self._sealed:
                    self.replay.undone.clear()
                if len(part):
                    touched |= self.replay.add(part)
        except ImpossibleTurn as error:
            place = _("row {n}").format(n=error.args[0])
            expected = _("an undo of what stands, or a redo of what was undone")
            raise self._store.damage("journal", place, expected=expected) from error
        try:
            self._taxonomy.follow(self.replay.edits())
        except ImpossibleEdit as error:
            raise self._store.damage("journal", expected=_("changes to classes that there are"), got=told(str(error))) from error
        return touched

    def _require_whole(self) -> None:
        """DamagedError where an entry is missing: nothing is ever taken out of the journal."""
        store = self._store
        missing = store.setting("journal_missing", 0)  # those that a person has given up
        found, last = store.rows("SELECT COUNT(*), (SELECT seq FROM sqlite_sequence WHERE name = 'journal') FROM journal")[0]
        if found + missing != (last or 0):
            raise store.damage("journal", expected=_("{n} entries").format(n=told(last)), got=found)
        torn = store.rows(
            "SELECT batch FROM journal WHERE action = 'verdict' GROUP BY batch HAVING MAX(seq) - MIN(seq) + 1 <> COUNT(*) LIMIT 1"
        )
        if torn and not missing:
            raise store.damage("journal", _("batch {n}").format(n=torn[0][0]), expected=_("entries that follow each other"))

    def newest(self) -> int:
        """The revision on the disk, which another process of the program may have moved on."""
        newest: int = self._store.rows("SELECT COALESCE(MAX(seq), 0) FROM journal")[0][0]
        return newest

    def labels_at(self, revision: int) -> tuple[ItemLabels, npt.NDArray[np.int8]]:
        """Labels (n,) and verdicts (n,) as they stood at an earlier revision, told under the classes now.

        -1 for an item whose class is gone.
        """
        labels, verdicts = self.replay.at(revision)
        return self._view.told(labels), verdicts

    def view_at(self, revision: int) -> ClassView:
        """The classes as they were at an earlier revision."""
        standing = self.replay.edits(revision)
        return self._view if standing == self.replay.edits() else self._taxonomy.view_after(standing)

    def last_touched(self, first: int, second: int) -> dict[int, tuple[str, str]]:
        """Who spoke last of each item between two revisions, and when: by a verdict that decides, an undo or a redo."""
        rows = self._store.rows(
            """
            SELECT item, who, at, MAX(seq) FROM (
                SELECT item, who, at, seq FROM journal WHERE item >= 0 AND opinion = 0 AND seq > :first AND seq <= :second
                UNION ALL
                SELECT judged.item, turn.who, turn.at, turn.seq FROM journal turn JOIN journal judged ON judged.batch = turn.batch
                WHERE turn.item IS NULL AND turn.seq > :first AND turn.seq <= :second AND judged.item >= 0 AND judged.opinion = 0
            ) GROUP BY item""",
            {"first": first, "second": second},
        )
        return {item: (who, at) for item, who, at, _seq in rows}

    def edits(self) -> list[ClassChange]:
        """Every change to the classes, newest first, also those that were taken back."""
        rows = self._store.rows("SELECT seq, who, at FROM journal WHERE classes IS NOT NULL ORDER BY seq DESC")
        standing = set(self.replay.edits())
        return [ClassChange(seq, self._taxonomy.edit_at(seq), who, at, seq not in standing) for seq, who, at in rows]

    def edits_between(self, first: int, second: int) -> list[ClassChange]:
        """The changes to the classes that stand at one of two revisions and not at the other, oldest first."""
        apart = set(self.replay.edits(first)) ^ set(self.replay.edits(second))
        return [change for change in reversed(self.edits()) if change.seq in apart]

    def history(self, item: int) -> list[HistoryEntry]:
        """Every verdict this item received, oldest first, those taken back marked."""
        rows = self._store.rows(
            "SELECT seq, verdict, label, who, at, shown, opinion FROM journal WHERE item = ? AND seq <= ? ORDER BY seq",
            (item, self.replay.revision),
        )
        standing = self.replay.stands([row[0] for row in rows])
        return [
            HistoryEntry(
                seq,
                Verdict(verdict),
                -1 if label is None else self._view.told_one(label),
                who,
                at,
                not stands,
                self._store.plain("journal", _("row {n}").format(n=seq), shown, dict) if shown else {},
                not opinion,
                opinion == GOLD,
                "" if label is None else self._taxonomy.stored_name(label),
            )
            for (seq, verdict, label, who, at, shown, opinion), stands in zip(rows, standing, strict=True)
        ]

    def judge_of(self, item: int) -> str:
        """Who gave the verdict that stands on an item; "" where there is none."""
        rows = self._store.rows(
            "SELECT seq, who FROM journal WHERE item = ? AND opinion = 0 AND seq <= ? ORDER BY seq DESC",
            (item, self.replay.revision),
        )
        standing = self.replay.stands([seq for seq, _who in rows])
        return next((who for (_seq, who), stands in zip(rows, standing, strict=True) if stands), "")

    def judges(self) -> tuple[list[str], npt.NDArray[np.int32]]:
        """The names of those who judged, first come first, and (n,) whose verdict stands on each item, -1 for none."""
        standing, codes = self._whose()
        decides = standing["decides"]  # oldest first, so the newest is written last
        found = np.full(len(self._given), -1, np.int32)
        found[standing["item"][decides]] = codes[decides]
        return list(self._judge_names), found

    def judged_by_others(self, who: str) -> npt.NDArray[np.bool_]:
        """(n,) the items of which others have said something that stands, and this reviewer nothing."""
        found = np.zeros(len(self._given), np.bool_)
        if set(self._names_of_judges()) <= {who}:
            return found
        standing, codes = self._whose()
        mine = codes == self._judge_names.get(who, -1)
        found[standing["item"]] = True
        found[standing["item"][mine]] = False
        return found

    def _whose(self) -> tuple[Entries, npt.NDArray[np.int64]]:
        """The verdicts that stand, oldest first, and whose each is, by the place of the name among the judges."""
        self._names_of_judges()
        standing = self.replay.standing()
        return standing, self._judges[np.searchsorted(self._judges[:, 0], standing["seq"]), 1]

    def _names_of_judges(self) -> list[str]:
        """All who ever judged, first come first."""
        names = self._judge_names
        since = int(self._judges[-1, 0]) if len(self._judges) else 0  # what was read before stays: a journal only grows
        rows = self._store.rows("SELECT seq, who FROM journal WHERE item >= 0 AND seq > ? ORDER BY seq", (since,))
        if rows:
            read = [(seq, names.setdefault(who, len(names))) for seq, who in rows]
            self._judges = np.concatenate([self._judges, np.array(read, np.int64)])
        return list(names)

    def standing(self, revision: int | None = None) -> list[ReviewerVerdict]:
        """All verdicts that have not been taken back by a revision, or by now, oldest first; no checks of gold.

        The label of an item follows the newest that decides.
        """
        seqs = self.replay.standing(revision)["seq"].tolist()
        rows = self._store.rows(
            "SELECT seq, item, who, verdict, label, at, opinion FROM journal WHERE item >= 0 AND seq <= ? ORDER BY seq",
            (seqs[-1] if seqs else 0,),
        )
        stand = set(seqs)
        return [
            ReviewerVerdict(seq, item, who, Verdict(verdict), self._told_one(item, label), at, not opinion)
            for seq, item, who, verdict, label, at, opinion in rows
            if seq in stand and opinion != GOLD
        ]

    def by_reviewer(self, revision: int | None = None) -> list[ReviewerVerdict]:
        """What each reviewer says, or had said by a revision, of each item that they have judged, in the order of the journal.

        The labels follow the newest verdict that decides; here those of all reviewers stand side by side.
        """
        newest = {(one.item, one.who): one for one in self.standing(revision)}
        return sorted(newest.values(), key=lambda one: one.seq)

    def unprompted(self, mark: str) -> list[ReviewerVerdict]:
        """What each reviewer says of each item, as `by_reviewer`, but for verdicts that had this mark among what was shown."""
        found = self.by_reviewer()
        marked = {seq for (seq,) in self._store.rows("SELECT seq FROM journal WHERE shown LIKE ?", (f'%"{mark}"%',))}
        return [one for one in found if one.seq not in marked]

    def gold_checks(self) -> dict[int, dict[str, Any]]:
        """What was noted of the newest standing check of each item of gold, by its id: which check, by what rule."""
        seqs = dict(zip(*(self.replay.gold_checks()[name].tolist() for name in ("seq", "item")), strict=True))
        rows = self._store.rows("SELECT seq, shown FROM journal WHERE opinion = ?", (GOLD,))
        return {seqs[seq]: json.loads(shown or "{}") for seq, shown in rows if seq in seqs}

    def gold_opinions(self) -> list[ReviewerVerdict]:
        """What each reviewer found of each item of gold in their newest standing check of it, in the order of the journal."""
        rows = self._store.rows(
            "SELECT seq, item, who, verdict, label, at FROM journal WHERE opinion = ? AND seq <= ? ORDER BY seq",
            (GOLD, self.replay.revision),
        )
        stand = self.replay.stands([row[0] for row in rows])
        newest = {
            (item, who): ReviewerVerdict(seq, item, who, Verdict(verdict), self._told_one(item, label), at, False)
            for (seq, item, who, verdict, label, at), stands in zip(rows, stand, strict=True)
            if stands
        }
        return sorted(newest.values(), key=lambda one: one.seq)

    def counts(self) -> ReviewCounts:
        """What was reviewed, as `review_counts` tells; what waits is known with a ranking alone, see `Project.counts`."""
        replay, known = self.replay, self._counted
        if known is None:
            made = VerdictCounts(replay.verdicts, self._gold, self._given == UNLABELLED)
        else:
            made = known[1]
            touched = replay.touched(known[0])
            made.recount(replay.verdicts, np.arange(len(self._given)) if touched is None else touched)
        self._counted = replay.revision, made
        return made.counts()

    def _told_one(self, item: int, label: int | None) -> int:
        """The class id of a stored label; of none that of the given label."""
        return self._view.told_one(int(self._given[item]) if label is None else label)
