"""Verdicts of a project: recorded durably, taken back and brought back without limit, across restarts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.array_checks import whole
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.items.kinds import UNLABELLED
from badcase.progress import Job, Progress, finish
from badcase.review_counts import ReviewCounts, VerdictCounts
from badcase.shown_tables import Columns, ShownTable
from badcase.store.changes import Area, Changes
from badcase.store.checks.damage import told
from badcase.store.classes.class_edit import ClassEdit
from badcase.store.classes.class_state import ImpossibleEdit
from badcase.store.classes.class_view import ClassView
from badcase.store.database import Store
from badcase.store.journal_rows import GOLD, JournalRow, add_rows, add_verdicts, read_entries
from badcase.store.judgments import Judgment, checked_all, for_each, has_names, item_ids, named_verdict, require_some
from badcase.store.judgments import user_name as user_name  # who reviews where nobody says it, for the window too
from badcase.store.replay import Entries, ImpossibleTurn, Replay
from badcase.store.taxonomy import Taxonomy
from badcase.store.verdicts import Act, ItemLabels, Verdict, VerdictCode

_AT_ONCE = 2_000  # entries that are written between two steps, in some milliseconds


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


class Journal(ShownTable):
    """The journal in the database and its replay in memory, always in step."""

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
        self.reviewer = ""  # who judges where a call does not say it; "" for the account
        self._gold = np.zeros(len(given), np.bool_) if gold is None else gold
        self._gone, self._sealed = gone, sealed
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

    @contextmanager
    def one_action(self) -> Iterator[None]:
        """What is written inside is one transaction: new classes and verdicts come about together, or nothing does."""
        try:
            with self._store.transaction():
                yield
        except BaseException:
            self._taxonomy.read_source()
            if self.newest() < self.replay.revision:
                self._read()
            raise

    def _read(self) -> None:
        self.replay = Replay(self._given, self._gone)
        self._counted: tuple[int, VerdictCounts] | None = None  # of which revision
        self.catch_up()

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

    def now(self) -> str:
        """The time as entries have it."""
        return _now()

    def newest(self) -> int:
        """The revision on the disk, which another process of the program may have moved on."""
        newest: int = self._store.rows("SELECT COALESCE(MAX(seq), 0) FROM journal")[0][0]
        return newest

    @property
    def me(self) -> str:
        """The name that a verdict gets where nobody else is named."""
        return self.reviewer or user_name()

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

    def record(
        self,
        items: int | Sequence[int],
        verdict: Verdict | str | Sequence[Verdict | str],
        label: int | str | Sequence[int | str] | None = None,
        *,
        who: str | None = None,
        shown: dict[str, Any] | None = None,
    ) -> Changes:
        """Judge items as one batch, which one undo takes back; on the disk when this returns.

        Args:
            items: Their ids, or the id of one.
            verdict: One for all items, or one for each: relabel, keep, exclude or unsure. A relabel to the given label is a keep.
            label: For a relabel, one class for all or one for each, by id or name.
            who: The reviewer; else `me`.
            shown: What was on screen; kept with the verdict.

        Raises:
            BadcaseError: Where there is no such item or class, or nothing to judge.
        """
        return finish(self.recording(items, verdict, label, who=who, shown=shown))

    def recording(
        self,
        items: int | Sequence[int],
        verdict: Verdict | str | Sequence[Verdict | str],
        label: int | str | Sequence[int | str] | None = None,
        *,
        who: str | None = None,
        shown: dict[str, Any] | None = None,
    ) -> Job[Changes]:
        """`record` as a job; what is closed before its end has recorded nothing. Until then nothing else may be written."""
        ids = item_ids(items, len(self._given))
        verdicts = for_each("verdict", verdict, len(ids), named_verdict)
        with self.one_action() if has_names(label) else nullcontext():  # a set of labels that is named may be a new class
            labels = for_each("label", label, len(ids), self._class)
            return (yield from self._adding(len(ids), self._verdicts(ids, verdicts, labels, who, shown)))

    def _verdicts(
        self, ids: list[int], verdicts: list[Verdict], labels: list[int | None], who: str | None, shown: dict[str, Any] | None
    ) -> Iterator[_Part]:
        """What is written of verdicts that are alike in all but item, verdict and label."""
        view, items = self._view, np.array(ids, np.int64)
        codes, found = checked_all(ids, verdicts, labels, view.told(self._given[items]), len(view.classes))
        stored = np.where(found < 0, -1, np.append(view.stored, -1)[found])
        said = who or self.me, _now(), _as_json(shown) if shown else None
        for start in range(0, len(ids), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            yield partial(add_verdicts, items=items[part], codes=codes[part], labels=stored[part], said=said)

    def record_all(self, judgments: Sequence[Judgment]) -> Changes:
        """Record verdicts of any reviewers and times as one batch, which one undo takes back; on the disk when this returns.

        Raises:
            BadcaseError: Where there is no such item or class, or nothing to judge.
        """
        require_some(judgments)
        return finish(self._adding(len(judgments), _in_parts(self._rows_of(judgments, self._view))))

    def edit_classes(self, edit: ClassEdit, judgments: Sequence[Judgment] = (), *, who: str | None = None) -> Changes:
        """Change the classes, and judge items under them, as one batch, which one undo takes back; on the disk when this returns.

        Args:
            edit: What is to be other.
            judgments: Their labels are ids of the classes after the change.
            who: Who does it; else `me`.

        Raises:
            ImpossibleEdit: Where the change does not fit what is there.
        """
        self._require_idle()
        touched = self.catch_up()
        view = self._taxonomy.view_after(self.replay.edits(), edit)
        rows = chain([JournalRow(who or self.me, _now(), classes=edit.as_json())], self._rows_of(judgments, view))
        changes = finish(self._adding(1 + len(judgments), _in_parts(rows), edit))
        return Changes(edit.title, frozenset({Area.CLASSES, Area.LABELS}), changes.items | touched)

    def edits(self) -> list[ClassChange]:
        """Every change to the classes, newest first, also those that were taken back."""
        rows = self._store.rows("SELECT seq, who, at FROM journal WHERE classes IS NOT NULL ORDER BY seq DESC")
        standing = set(self.replay.edits())
        return [ClassChange(seq, self._taxonomy.edit_at(seq), who, at, seq not in standing) for seq, who, at in rows]

    def edits_between(self, first: int, second: int) -> list[ClassChange]:
        """The changes to the classes that stand at one of two revisions and not at the other, oldest first."""
        apart = set(self.replay.edits(first)) ^ set(self.replay.edits(second))
        return [change for change in reversed(self.edits()) if change.seq in apart]

    def _adding(self, n: int, parts: Iterable[_Part], edit: ClassEdit | None = None) -> Job[Changes]:
        """Record n rows in one transaction, a part at a time."""
        self._require_idle()
        written = []
        with self._store.transaction() as connection:
            touched = self.catch_up()
            batch, self._adds = self.replay.revision + 1, True
            try:
                for write in parts:
                    written.append(write(connection, batch))
                    if n > _AT_ONCE:
                        yield Progress(_("Recording"), sum(map(len, written)), n, _("items"))
            finally:
                self._adds = False
        entries = written[0] if len(written) == 1 else np.concatenate(written)
        if edit is not None:
            self._taxonomy.know(int(entries["seq"][0]), edit)
        touched |= self.replay.add(entries)
        self._taxonomy.follow(self.replay.edits()) if edit is not None else None
        return Changes(self._title(entries), frozenset({Area.LABELS}), frozenset(touched))

    def _rows_of(self, judgments: Iterable[Judgment], view: ClassView) -> Iterator[JournalRow]:
        """What is written of judgments whose labels are ids of a view."""
        me, now, k, given = self.me, _now(), len(view.classes), view.told(self._given)
        texts: dict[int, str] = {}  # of what was shown, by the object: those of a batch share one
        for one in judgments:
            item, verdict, label = one.checked(given, k)
            label = None if label is None else int(view.stored[label])
            if one.shown and id(one.shown) not in texts:
                texts[id(one.shown)] = _as_json(one.shown)
            shown = texts[id(one.shown)] if one.shown else None
            at = now if one.at is None else one.at
            yield JournalRow(one.who or me, at, item, verdict, label, shown, not one.decides, one.gold)

    def _class(self, label: Any) -> int | None:
        """A class by its id or name as its id."""
        if label is None or not isinstance(label, str):
            return None if label is None else whole("label", label, least=-1)
        return self._taxonomy.id_of(label)

    def undo(self) -> Changes | None:
        """Take the newest standing batch back; None where there is nothing left to undo."""
        return self._turn(Act.UNDO, _("Undo: {title}"))

    def redo(self) -> Changes | None:
        """Bring the batch back that was undone last; None where there is nothing to redo."""
        return self._turn(Act.REDO, _("Redo: {title}"))

    def _require_idle(self) -> None:
        """BadcaseError while a batch is on its way: what came in between would be a part of it."""
        if self._adds:
            raise BadcaseError(_("verdicts are being recorded"), hint=_("Wait until they are, or cancel that."))

    def _turn(self, action: Act, title: str) -> Changes | None:
        self._require_idle()
        with self._store.transaction() as connection:
            touched = self.catch_up()
            stack = self.replay.done if action is Act.UNDO else self.replay.undone
            if not stack:
                return None
            text = title.format(title=self._batch_title(stack[-1]))
            entries = add_rows(connection, stack[-1], action, [JournalRow(self.me, _now())])
        touched |= self.replay.add(entries)
        areas = {Area.LABELS}
        if self.replay.edits_of(int(entries["batch"][0])):
            self._taxonomy.follow(self.replay.edits())
            areas.add(Area.CLASSES)
        return Changes(text, frozenset(areas), frozenset(touched))

    @property
    def undo_title(self) -> str | None:
        """What `undo` would take back, in words; None where there is nothing."""
        return self._batch_title(self.replay.done[-1]) if self.replay.done else None

    @property
    def redo_title(self) -> str | None:
        """What `redo` would bring back, in words; None where there is nothing."""
        return self._batch_title(self.replay.undone[-1]) if self.replay.undone else None

    def _batch_title(self, batch: int) -> str:
        """What a batch did, in words: "3 relabelled" or "relabelled cat"."""
        if edits := self.replay.edits_of(batch):
            return self._taxonomy.edit_at(edits[-1]).title
        return self._title(self.replay.batch(batch))

    def _title(self, judged: Entries) -> str:
        judged = judged[~judged["edits"]]
        n = len(judged)
        if judged["gold"].all():
            return plural("gold check of {n} item", "gold check of {n} items", n).format(n=n)
        kinds = np.unique(judged["verdict"])
        verdict = VerdictCode(kinds[0]) if len(kinds) == 1 else None
        if n == 1:
            match verdict:
                case VerdictCode.RELABEL:
                    return _("relabelled {name}").format(name=self._taxonomy.stored_name(judged["label"].item()))
                case VerdictCode.KEEP:
                    return _("kept")
                case VerdictCode.EXCLUDE:
                    return _("excluded")
            return _("unsure")
        sentence = {
            VerdictCode.RELABEL: plural("{n} relabelled", "{n} relabelled", n),
            VerdictCode.KEEP: plural("{n} kept", "{n} kept", n),
            VerdictCode.EXCLUDE: plural("{n} excluded", "{n} excluded", n),
            VerdictCode.UNSURE: plural("{n} marked unsure", "{n} marked unsure", n),
            None: plural("{n} judged", "{n} judged", n),
        }[verdict]
        return sentence.format(n=n)

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

    def _told_one(self, item: int, label: int | None) -> int:
        """The class id of a stored label; of none that of the given label."""
        return self._view.told_one(int(self._given[item]) if label is None else label)

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

    def by_reviewer(self, revision: int | None = None) -> list[ReviewerVerdict]:
        """What each reviewer says, or had said by a revision, of each item that they have judged, in the order of the journal.

        The labels follow the newest verdict that decides; here those of all reviewers stand side by side.
        """
        newest = {(one.item, one.who): one for one in self.standing(revision)}
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


_Part = Callable[[sqlite3.Connection, int], Entries]  # writes some rows of a batch of this number


def _in_parts(rows: Iterator[JournalRow]) -> Iterator[_Part]:
    """Rows, some at a time."""
    while some := list(islice(rows, _AT_ONCE)):
        yield partial(add_rows, action=Act.VERDICT, rows=some)


_as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: `json.dumps` would make it for each verdict


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
