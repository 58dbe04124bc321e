"""UpdatedProject: a project and its data as they go on, which become more, other and fewer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from badcase.mending.journal_backups import back_up_journal
from badcase.progress import Job, finish_telling
from badcase.ranking.ranked_project import RankedProject
from badcase.trust.named_places import name_places

if TYPE_CHECKING:
    from badcase.drift.of_project import DataDrift
    from badcase.store.changes import Changes
    from badcase.updating.update import DataUpdate

Places: TypeAlias = str | Path | Sequence[str | Path]


class UpdatedProject(RankedProject):
    """What a project holds, its queue, and how it follows its data; `Project` is made of one and the other verbs."""

    def update(self, data: str | Path | None = None, *, unlabelled: Places = (), dry_run: bool = False) -> DataUpdate:
        """Bring the project to its data as they are now, or add more data.

        Args:
            data: The labelled data as they are now, or more of them; None for the source where it is.
            unlabelled: A place of more items without a label, or several.
            dry_run: Count and list, and change nothing.

        Returns:
            What came of it: `counts`, and `listed` with the keys of the items.

        Raises:
            BadcaseError: Where something cannot be read; nothing has changed then.
        """
        return finish_telling(self.updating(data, unlabelled=unlabelled, dry_run=dry_run))

    def updating(self, data: str | Path | None = None, *, unlabelled: Places = (), dry_run: bool = False) -> Job[DataUpdate]:
        """`update` as a job; one that is stopped has changed nothing."""
        from badcase.updating.update import updating

        pools = [unlabelled] if isinstance(unlabelled, str | Path) else list(unlabelled)
        known, before = set(self.items.every_place()), self.items.revision
        made = yield from updating(self, data, pools, dry_run=dry_run)
        named = [place for place in self.items.every_place() if place not in known]
        if data is not None:
            named.append(self.source.location)
        if named and not dry_run:
            name_places(self.path, *named)
        if self.items.revision != before:
            back_up_journal(self.path, updated=True)
        return made

    def undo_update(self) -> DataUpdate | None:
        """Take the newest update of the data back; items that it brought stay as gone. None where there was none."""
        self.require_writing()
        from badcase.updating.update import undo_update

        made = undo_update(self)
        if made is not None:
            back_up_journal(self.path, updated=True)
        return made

    @property
    def conflicts(self) -> list[int]:
        """The items whose label was changed in the data after a verdict that stands and says otherwise; a verdict settles it."""
        from badcase.updating.update import conflicts

        return conflicts(self)

    @property
    def newest_arrivals(self) -> int:
        """The newest revision of the data that brought items which are still there; 0 where there is none."""
        from badcase.drift.compared_parts import newest_arrivals

        return newest_arrivals(self)

    def settle(self, keep: Sequence[int] = (), take: Sequence[int] = ()) -> Changes:
        """Settle conflicts, as one batch of verdicts.

        Args:
            keep: Items whose verdict stands, though the data say otherwise.
            take: Items that get the label which the data have now.
        """
        self.require_writing()
        from badcase.updating.settling import settle

        return settle(self, keep, take)

    def drift(self, revision: int | None = None) -> DataDrift:
        """What is new about the items that an update brought: how far they lie from the old, and where.

        Args:
            revision: Of the data; None for the newest that brought items which are still there.

        Raises:
            BadcaseError: Where no update brought any, or no prediction with features covers them.
        """
        return finish_telling(self.drifting(revision))

    def drifting(self, revision: int | None = None) -> Job[DataDrift]:
        """`drift` as a job."""
        from badcase.drift.of_project import drifting

        return drifting(self, revision)
