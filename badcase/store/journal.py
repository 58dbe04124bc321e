"""Verdicts of a project: recorded durably, taken back and brought back without limit, across restarts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np

from badcase.array_checks import whole
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.progress import Job, Progress, finish
from badcase.store.changes import Area, Changes
from badcase.store.classes.class_edit import ClassEdit
from badcase.store.classes.class_view import ClassView
from badcase.store.journal_reader import JournalReader
from badcase.store.journal_rows import JournalRow, add_rows, add_verdicts
from badcase.store.judgments import Judgment, checked_all, for_each, has_names, item_ids, named_verdict, require_some
from badcase.store.judgments import user_name as user_name  # who reviews where nobody says it, for the window too
from badcase.store.replay import Entries
from badcase.store.verdicts import Act, Verdict, VerdictCode

_AT_ONCE = 2_000  # entries that are written between two steps, in some milliseconds


class Journal(JournalReader):
    """The journal in the database and its replay in memory, always in step."""

    reviewer = ""  # who judges where a call does not say it; "" for the account

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

    def now(self) -> str:
        """The time as entries have it."""
        return _now()

    @property
    def me(self) -> str:
        """The name that a verdict gets where nobody else is named."""
        return self.reviewer or user_name()

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


_Part = Callable[[sqlite3.Connection, int], Entries]  # writes some rows of a batch of this number


def _in_parts(rows: Iterator[JournalRow]) -> Iterator[_Part]:
    """Rows, some at a time."""
    while some := list(islice(rows, _AT_ONCE)):
        yield partial(add_rows, action=Act.VERDICT, rows=some)


_as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: `json.dumps` would make it for each verdict


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
