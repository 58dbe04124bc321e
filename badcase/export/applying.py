"""Applying a patch: one batch of the journal, and what contradicts the verdicts that stand is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.export.patch_lines import NEVER, PatchLine, Says, Statement, read_lines, recorded, says, statements
from badcase.i18n import _, plural
from badcase.store.changes import Area, Changes
from badcase.store.journal_reader import ReviewerVerdict
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


class OnConflict(StrEnum):
    """Which verdict holds where a patch says something else than what stands."""

    KEEP = "keep"
    TAKE = "take"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict: a verdict, the class that holds by it ("" for an exclude and an unsure), by whom and when.

    `at` is ISO 8601 in UTC, or "" where the patch does not tell.
    """

    verdict: Verdict
    label: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """An item of which a patch says something else than the verdict that stood; `taken`: the patch's holds now."""

    item: int
    key: str
    stood: Side
    patch: Side
    taken: bool

    @property
    def newer(self) -> bool:
        """Whether the patch's was given later; what has no time is older than all that has one."""
        return recorded(self.patch.at) > recorded(self.stood.at)


@dataclass(frozen=True, slots=True)
class Applied(Changes):
    """What came of a patch.

    Attributes:
        applied: How many of its verdicts were recorded, but for those that lost a conflict.
        already: How many were known here, or are older than what the same reviewer says here.
        missing: How many have no item or no class here.
        conflicts: The items that it contradicts.
    """

    applied: int = 0
    already: int = 0
    missing: int = 0
    conflicts: tuple[Conflict, ...] = ()


def preview_patch(project: ProjectData, file: Path, conflicts: OnConflict | str = OnConflict.KEEP) -> Applied:
    """What `apply_patch` would do, in the same words; nothing is recorded."""
    merge, missing = _merged(project, read_lines(file), _Choice.of(conflicts, {}))
    return merge.result(missing, set())


def apply_patch(
    project: ProjectData,
    file: Path,
    conflicts: OnConflict | str = OnConflict.KEEP,
    chosen: Mapping[str, OnConflict | str] | None = None,
) -> Applied:
    """Record the verdicts of a patch for the items of the same content, as one batch that one undo takes back.

    Verdicts keep their reviewer and their time; one without a time stays without. What a reviewer says already is not recorded
    again, nor what they said before that. A verdict that loses a conflict stays known as what its reviewer says.

    Args:
        project: The project.
        file: What `export` wrote as a patch.
        conflicts: Where a verdict stands that says something else than the patch: "keep" it, "take" the patch's, or let the
            "newest" of the two hold.
        chosen: The same for single items, by their keys.

    Raises:
        BadcaseError: Where it is no patch, or says nothing of an item that was chosen for; nothing is recorded then.
    """
    lines, choice = read_lines(file), _Choice.of(conflicts, chosen or {})
    with project.journal.one_action():
        news = project.journal.catch_up()
        merge, missing = _merged(project, lines, choice)
        if idle := sorted(set(choice.chosen) - merge.keys):
            raise BadcaseError(_("the patch says nothing of this item"), where=str(file), got=", ".join(idle))
        if merge.judgments:
            in_order = sorted(merge.judgments, key=lambda one: one[0])
            project.journal.record_all([judgment for _line, judgment in in_order])
    return merge.result(missing, news)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which verdict holds in a conflict: on certain items, and on all others."""

    way: OnConflict
    chosen: Mapping[str, OnConflict]

    @classmethod
    def of(cls, way: OnConflict | str, chosen: Mapping[str, OnConflict | str]) -> _Choice:
        for one in (way, *chosen.values()):
            if one not in list(OnConflict):
                words = " | ".join(OnConflict)
                raise BadcaseError(_("there is no such way with conflicts"), where="conflicts", expected=words, got=one)
        return cls(OnConflict(way), {key: OnConflict(one) for key, one in chosen.items()})


def _merged(project: ProjectData, lines: list[PatchLine], choice: _Choice) -> tuple[_Merge, int]:
    """What is to be recorded of a patch, and how many of its lines have no match."""
    found, merge = list(statements(project, lines, project.journal.me)), _Merge(project, choice)
    for item, said in _by_item([one for one in found if one is not None]).items():
        merge.item(item, said)
    return merge, found.count(None)


def _by_item(found: list[Statement]) -> dict[int, list[Statement]]:
    """What each reviewer said last, in the order of the patch."""
    last: dict[int, dict[tuple[str, bool], Statement]] = {}
    for one in found:
        of_item = last.setdefault(one.item, {})
        of_item.pop((one.who, one.opinion), None)
        of_item[one.who, one.opinion] = one
    return {item: list(said.values()) for item, said in last.items()}


class _Merge:
    """What is to be recorded of a patch, item by item."""

    def __init__(self, project: ProjectData, choice: _Choice) -> None:
        self.project, self.choice = project, choice
        self.judgments: list[tuple[int, Judgment]] = []  # with their place in the patch
        self.conflicts: list[Conflict] = []
        self.keys: set[str] = set()  # of the items that it speaks of
        self.applied = self.already = 0
        self._known: dict[tuple[int, str], tuple[datetime, Says]] = {}  # what each reviewer says here, and since when
        self._standing: dict[int, ReviewerVerdict] = {}
        for one in project.journal.standing():
            self._known[one.item, one.who] = recorded(one.at), says(project, one.item, one.verdict, one.label)
            if one.decides:
                self._standing[one.item] = one

    def item(self, item: int, said: list[Statement]) -> None:
        """Take in what a patch says of one item, at most once by each reviewer and as an opinion once more."""
        stood, key = self._standing.get(item), self.project.items.key(item)
        self.keys.add(key)
        patch = next((one for one in reversed(said) if not one.opinion), None)
        conflict = stood is not None and patch is not None and self._says(stood) != patch.says
        holds = patch is not None and (stood is None or (conflict and self._wins(patch, stood)))
        if conflict:
            assert stood is not None and patch is not None
            self.conflicts.append(Conflict(item, key, self._stood(stood), self._patch(patch), holds))
        for one in said:
            decides, before = holds and one is patch, self._known.get((item, one.who))
            new = before is None or (before[1] != one.says and before < (one.at, one.says))
            if decides or new:
                self._record(one, one.at, one.says, decides=decides)
            if new:
                self._known[item, one.who] = one.at, one.says
            elif decides and before is not None and before[1] != one.says:  # the label follows what they said before
                self._record(one, *before, decides=False)
            if decides or one is not patch or not conflict:
                self.applied += decides or new
                self.already += not (decides or new)

    def _record(self, one: Statement, at: datetime, what: Says, *, decides: bool) -> None:
        self.judgments.append((one.line, Judgment(one.item, *what, who=one.who, at=_written(at), decides=decides)))

    def result(self, missing: int, news: set[int]) -> Applied:
        """What came of it; `missing` lines had no match, and of items `news` another process had recorded something."""
        items = frozenset(one.item for _line, one in self.judgments) | news
        return Applied(
            self._title(missing),
            frozenset({Area.LABELS}) if items else frozenset(),
            items,
            applied=self.applied,
            already=self.already,
            missing=missing,
            conflicts=tuple(self.conflicts),
        )

    def _wins(self, patch: Statement, stood: ReviewerVerdict) -> bool:
        way = self.choice.chosen.get(self.project.items.key(patch.item), self.choice.way)
        return way is OnConflict.TAKE or (way is OnConflict.NEWEST and patch.at > recorded(stood.at))

    def _says(self, one: ReviewerVerdict) -> Says:
        return says(self.project, one.item, one.verdict, one.label)

    def _stood(self, one: ReviewerVerdict) -> Side:
        return self._side(self._says(one), one.who, one.at)

    def _patch(self, one: Statement) -> Side:
        return self._side(one.says, one.who, _written(one.at))

    def _side(self, what: Says, who: str, at: str) -> Side:
        verdict, label = what
        return Side(verdict, self.project.classes[label] if label >= 0 else "", who, at)

    def _title(self, missing: int) -> str:
        title = plural("{n} verdict applied", "{n} verdicts applied", self.applied).format(n=self.applied)
        taken = sum(one.taken for one in self.conflicts)
        if taken:
            title += plural(", {n} in place of another", ", {n} in place of others", taken).format(n=taken)
        if left := len(self.conflicts) - taken:
            title += plural(
                ", {n} contradicts what stands and was left", ", {n} contradict what stands and were left", left
            ).format(n=left)
        if missing:
            title += _(", {n} without a match").format(n=missing)
        return title


def _written(at: datetime) -> str:
    """A time as the journal keeps it; "" where nobody knows it, and never that of applying."""
    return "" if at == NEVER else at.isoformat(timespec="milliseconds")
