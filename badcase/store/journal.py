"""Verdicts of a project: recorded durably, taken back and brought back without limit, across restarts."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.array_checks import whole
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.shown_tables import Columns, ShownTable
from badcase.store.changes import Area, Changes
from badcase.store.checks.damage import told
from badcase.store.database import Store
from badcase.store.taxonomy import Taxonomy
from badcase.store.verdicts import Act, Entry, ItemLabels, Replay, Verdict, VerdictCode


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How many items stand reviewed, and as what."""

    reviewed: int
    fixed: int
    kept: int
    excluded: int
    unsure: int


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One verdict that an item received, whether it still stands or was taken back."""

    seq: int
    verdict: Verdict
    label: int
    who: str
    at: str
    undone: bool
    shown: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewerVerdict:
    """What one reviewer says of one item: the newest of their verdicts that has not been taken back.

    `label` is the class id that holds by it; for an exclude and an unsure the given one.
    """

    seq: int
    item: int
    who: str
    verdict: Verdict
    label: int


class Journal(ShownTable):
    """The journal in the database and its replay in memory, always in step."""

    def __init__(self, store: Store, given: ItemLabels, taxonomy: Taxonomy) -> None:
        self._store, self._given, self._taxonomy = store, given, taxonomy
        self._require_whole()
        self.replay = Replay(given)
        try:
            self.replay.add(self._entries())
        except (ValueError, KeyError) as error:
            place = _("row {n}").format(n=self.replay.revision)
            raise store.damage("journal", place, expected=_("an undo of what stands, or a redo of what was undone")) from error

    def __repr__(self) -> str:
        counts = self.counts()
        return f"<Journal at revision {self.replay.revision}: {counts.reviewed} items reviewed, {counts.fixed} relabelled>"

    def _columns(self, most: int | None) -> Columns:
        """Every verdict, oldest first, also those that were taken back."""
        rows = self._store.rows("SELECT seq, batch, item, verdict, label, who, at FROM journal WHERE item >= 0 ORDER BY seq")
        standing, classes = set(self.replay.done), self._taxonomy.classes
        rows = rows[:most]
        return {
            "seq": [row[0] for row in rows],
            "item": [row[2] for row in rows],
            "verdict": [row[3] for row in rows],
            "label": [None if row[4] is None else classes[row[4]] for row in rows],
            "who": [row[5] for row in rows],
            "at": [row[6] for row in rows],
            "undone": [row[1] not in standing for row in rows],
        }

    def _require_whole(self) -> None:
        """DamagedError where an entry is not as it was written, or one is missing: nothing is ever taken out of the journal."""
        store = self._store
        store.require("journal", n=len(self._given), k=len(self._taxonomy.classes))
        missing = store.setting("journal_missing", 0)  # those that a person has given up
        found, last = store.rows("SELECT COUNT(*), (SELECT seq FROM sqlite_sequence WHERE name = 'journal') FROM journal")[0]
        if found + missing != (last or 0):
            raise store.damage("journal", expected=_("{n} entries").format(n=told(last)), got=found)
        torn = store.rows(
            "SELECT batch FROM journal WHERE action = 'verdict' GROUP BY batch HAVING MAX(seq) - MIN(seq) + 1 <> COUNT(*) LIMIT 1"
        )
        if torn and not missing:
            raise store.damage("journal", _("batch {n}").format(n=torn[0][0]), expected=_("entries that follow each other"))

    def _entries(self, until: int | None = None) -> list[Entry]:
        bound = "" if until is None else f" WHERE seq <= {int(until)}"
        rows = self._store.rows(f"SELECT seq, batch, action, item, verdict, label FROM journal{bound} ORDER BY seq")
        return [
            Entry(
                seq,
                batch,
                Act(action),
                -1 if item is None else item,
                Verdict(verdict) if verdict else None,
                -1 if label is None else label,
            )
            for seq, batch, action, item, verdict, label in rows
        ]

    def labels_at(self, revision: int) -> tuple[ItemLabels, npt.NDArray[np.int8]]:
        """Labels (n,) and verdicts (n,) as they stood at an earlier revision."""
        replay = Replay(self._given)
        replay.add(self._entries(revision))
        return replay.labels, replay.verdicts

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
            who: The reviewer; else the name of the account.
            shown: What was on screen; kept with the verdict.

        Raises:
            BadcaseError: Where there is no such item or class, or nothing to judge.
        """
        last, what = len(self._given) - 1, _("there is no such item")
        items = [whole("items", item, most=last, what=what) for item in ([items] if isinstance(items, int) else items)]
        if not items:
            raise BadcaseError(_("there is nothing to judge"), hint=_("Select at least one item."))
        verdicts = [_verdict(one) for one in _for_each("verdict", verdict, len(items))]
        labels = [self._class(one) for one in _for_each("label", label, len(items))]
        judged = [self._judged(*one) for one in zip(items, verdicts, labels, strict=True)]
        context = json.dumps(shown, ensure_ascii=False) if shown else None
        batch = self.replay.revision + 1
        before = (who or user_name(), datetime.now(UTC).isoformat(timespec="milliseconds"), context)
        self._append([(batch, Act.VERDICT, item, kind, one, *before) for item, kind, one in judged])
        return Changes(self._title(judged), frozenset({Area.LABELS}), frozenset(items))

    def _class(self, label: Any) -> int | None:
        """A class by its id or name as its id."""
        if label is None or not isinstance(label, str):
            return None if label is None else whole("label", label, least=-1)
        return self._taxonomy.id_of(label)

    def _judged(self, item: int, verdict: Verdict, label: int | None) -> tuple[int, Verdict, int | None]:
        if not 0 <= item < len(self._given):
            raise BadcaseError(_("there is no such item"), where="items", expected=_to(len(self._given) - 1), got=item)
        if verdict is not Verdict.RELABEL:
            return item, verdict, None
        k = len(self._taxonomy.classes)
        if label is None or not 0 <= label < k:
            raise BadcaseError(_("a relabel needs a class of the project"), where="label", expected=_to(k - 1), got=label)
        if label == self._given[item]:
            return item, Verdict.KEEP, None
        return item, verdict, int(label)

    def undo(self) -> Changes | None:
        """Take the newest standing batch back; None where there is nothing left to undo."""
        return self._turn(Act.UNDO, self.replay.done, _("Undo: {title}"))

    def redo(self) -> Changes | None:
        """Bring the batch back that was undone last; None where there is nothing to redo."""
        return self._turn(Act.REDO, self.replay.undone, _("Redo: {title}"))

    def _turn(self, action: Act, stack: list[int], title: str) -> Changes | None:
        if not stack:
            return None
        batch = stack[-1]
        text = title.format(title=self._batch_title(batch))
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        touched = self._append([(batch, action, None, None, None, user_name(), now, None)])
        return Changes(text, frozenset({Area.LABELS}), frozenset(touched))

    def _append(self, rows: list[tuple[Any, ...]]) -> set[int]:
        entries = []
        with self._store.transaction() as connection:
            for row in rows:
                seq = connection.execute(
                    "INSERT INTO journal (batch, action, item, verdict, label, who, at, shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                ).lastrowid
                batch, action, item, verdict, label = row[:5]
                entries.append(
                    Entry(seq or 0, batch, action, -1 if item is None else item, verdict, -1 if label is None else label)
                )
        return self.replay.add(entries)

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
        return self._title([(entry.item, entry.verdict, entry.label) for entry in self.replay.batch(batch)])

    def _title(self, judged: Sequence[tuple[int, Verdict | None, int | None]]) -> str:
        kinds = {verdict for _item, verdict, _label in judged}
        if len(judged) == 1:
            _item, verdict, label = judged[0]
            if verdict is Verdict.RELABEL and label is not None:
                return _("relabelled {name}").format(name=self._taxonomy.classes[label])
            return {Verdict.KEEP: _("kept"), Verdict.EXCLUDE: _("excluded")}.get(verdict or Verdict.UNSURE, _("unsure"))
        n = len(judged)
        verdict = kinds.pop() if len(kinds) == 1 else None
        sentence = {
            Verdict.RELABEL: plural("{n} relabelled", "{n} relabelled", n),
            Verdict.KEEP: plural("{n} kept", "{n} kept", n),
            Verdict.EXCLUDE: plural("{n} excluded", "{n} excluded", n),
            Verdict.UNSURE: plural("{n} marked unsure", "{n} marked unsure", n),
            None: plural("{n} judged", "{n} judged", n),
        }[verdict]
        return sentence.format(n=n)

    def history(self, item: int) -> list[HistoryEntry]:
        """Every verdict this item received, oldest first, those taken back marked."""
        rows = self._store.rows(
            "SELECT seq, batch, verdict, label, who, at, shown FROM journal WHERE item = ? ORDER BY seq", (item,)
        )
        standing = set(self.replay.done)
        return [
            HistoryEntry(
                seq,
                Verdict(verdict),
                -1 if label is None else label,
                who,
                at,
                batch not in standing,
                self._store.plain("journal", _("row {n}").format(n=seq), shown, dict) if shown else {},
            )
            for seq, batch, verdict, label, who, at, shown in rows
        ]

    def by_reviewer(self) -> list[ReviewerVerdict]:
        """What each reviewer says of each item that they have judged, in the order of the journal.

        The labels follow the newest verdict of all; here the older ones of other reviewers stand beside it.
        """
        rows = self._store.rows("SELECT seq, batch, item, who, verdict, label FROM journal WHERE item >= 0 ORDER BY seq")
        standing, newest = set(self.replay.done), {}
        for seq, batch, item, who, verdict, label in rows:
            if batch in standing:
                holds = int(self._given[item]) if label is None else label
                newest[item, who] = ReviewerVerdict(seq, item, who, Verdict(verdict), holds)
        return sorted(newest.values(), key=lambda one: one.seq)

    def counts(self) -> ReviewCounts:
        of = np.bincount(self.replay.verdicts, minlength=len(VerdictCode))
        return ReviewCounts(
            reviewed=int(of[1:].sum()),
            fixed=int(of[VerdictCode.RELABEL]),
            kept=int(of[VerdictCode.KEEP]),
            excluded=int(of[VerdictCode.EXCLUDE]),
            unsure=int(of[VerdictCode.UNSURE]),
        )


def _is_single(value: Any) -> bool:
    """Whether this is one value for all items, a text among them, and not one for each."""
    return value is None or isinstance(value, str) or not hasattr(value, "__len__") or np.ndim(value) == 0


def _for_each(name: str, value: Any, n: int) -> list[Any]:
    """One value for each of n items."""
    if _is_single(value):
        return [value] * n
    if len(value) != n:
        raise BadcaseError(_("there must be one {name} for each item").format(name=name), where=name, expected=n, got=len(value))
    return list(value)


def _verdict(value: Any) -> Verdict:
    """A verdict by its word."""
    try:
        return Verdict(value)
    except ValueError as error:
        near = get_close_matches(str(value), list(Verdict), 1)
        hint = _("Did you mean {name}?").format(name=near[0]) if near else ""
        words = " | ".join(Verdict)
        raise BadcaseError(_("there is no such verdict"), where="verdict", expected=words, got=value, hint=hint) from error


def user_name() -> str:
    """Who reviews where nobody says otherwise: the account's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no account behind this user id, as in some containers
        return _("me")


def _to(last: int) -> str:
    return _("0 to {last}").format(last=last)
