"""Update a project to its data as they are now, and turn an update back; whole or not at all, whenever the program is ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.export.matching import source_path
from badcase.i18n import _, grouped, plural
from badcase.importing.column_roles import ColumnRoles
from badcase.importing.pool import read_pool
from badcase.importing.read_options import ReadOptions
from badcase.importing.writing import write_table
from badcase.items import Items
from badcase.items.kinds import SetAside
from badcase.items.places import MovablePlace
from badcase.items.source import Source
from badcase.progress import Job, Progress
from badcase.store.checks.identity import before_name, fresh_name
from badcase.store.project_data import ProjectData
from badcase.updating.item_planning import COUNTED, ItemChanges, Planning
from badcase.updating.next_table import is_same, next_table
from badcase.updating.rows_now import RowsNow, rows_now
from badcase.updating.update_preview import UpdatePreview, update_preview


@dataclass(frozen=True, slots=True)
class DataUpdate:
    """What an update of the data does, or did.

    Attributes:
        revision: Of the data afterwards; the same as before where nothing differs.
        listed: Keys of items: added, changed (another content under a key that was known: an item of its own, which waits), moved
            (the same content under another key), gone, relabelled, conflicts (those of them that a person had judged otherwise),
            unlabelled (new ones without a label), reencoded (the same image in other bytes).
        again: Whether the data were the source once more, and not more data.
        notes: What a person should know.
        preview: Rows of each list and what becomes of verdicts and gold; None once it is done.
    """

    revision: int
    listed: Mapping[str, Sequence[str]]
    again: bool
    notes: Sequence[str]
    preview: UpdatePreview | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many each list has."""
        return {name: len(keys) for name, keys in self.listed.items()}


def updating(
    project: ProjectData, data: str | Path | None = None, unlabelled: Sequence[str | Path] = (), *, dry_run: bool = False
) -> Job[DataUpdate]:
    """Bring a project to its data as they are now.

    Args:
        project: The project.
        data: The labelled data as they are now, or more of them; None for the source where it is, or for none where only
            `unlabelled` is named.
        unlabelled: Places of more items without a label, as for `read_pool`.
        dry_run: Change nothing.

    Raises:
        BadcaseError: Where something cannot be read; nothing has changed then.
    """
    if not dry_run:
        project.require_writing()
    with TemporaryDirectory(prefix="badcase-") as apart:
        media = Path(apart) if dry_run else project.path / "media"
        plan, now = Planning(project), None
        notes: list[str] = []
        if data is not None or not unlabelled:
            place = source_path(project) if data is None else Path(data).expanduser().absolute()
            if not place.exists():
                raise BadcaseError(_("there is nothing at this path"), where=str(place), hint=_("Check the path."))
            yield Progress(_("Reading"))
            now = yield from rows_now(project, place, media)
            notes += now.gathered.notes
            plan.take_rows(now, place.name, is_source=_lies_at(project, place))
        columns = ColumnRoles(**project.taxonomy.imported.columns)
        options = ReadOptions.settled(project.taxonomy.imported)
        for one in unlabelled:
            known = set(zip(project.items.keys[:], project.items.fingerprints[:], strict=True))
            pool = yield from read_pool(one, project.kind, columns, options, known, media)
            notes += pool.notes
            plan.take_pool(pool, Path(one).name)
        yield Progress(_("Looking for duplicates"))
        changes = plan.result()
        if is_same(changes.table, project.items.table) and not _source_changed(project, now, changes):
            return DataUpdate(project.items.revision, changes.listed, changes.again, notes)
        made = DataUpdate(project.items.revision + 1, changes.listed, changes.again, notes)
        new_sets = now.new_sets if now is not None else ()
        if dry_run:
            return replace(made, preview=update_preview(project, changes, new_sets))
        yield Progress(_("Writing"))
        source, aside = (now.source, now.gathered.bad) if now is not None and changes.again else (None, None)
        _record(project, changes, made.counts, source, new_sets, aside)
    return made


def undo_update(project: ProjectData) -> DataUpdate | None:
    """Take the newest update of the data back, or bring one back that was taken back; None where there was none.

    Items that it brought stay as items that are gone, with what people said of them.
    """
    path = project.path / before_name(project.items.revision)
    if not path.is_file():
        return None
    before, items = Items.open(project.path, path.name), project.items
    m, n = len(before), len(items)
    gone = np.append(before.gone, np.ones(n - m, np.bool_))
    made: dict[str, Any] = {
        "given": np.append(before.kept_given, items.kept_given[m:]),
        "said": np.append(before.said, items.said[m:]),
        "gone": gone,
        "place": np.append(before.places, items.places[m:]),
    }
    if items.time is not None and before.time is not None:
        made["time"] = np.append(before.time, items.time[m:])
    group = project.taxonomy.source.columns.get("group") if items.groups is not None else None
    table = next_table([before.table, items.table.slice(m)], np.arange(n), made, group)
    twins = np.append(before.twins, np.arange(m, n))
    table = table.append_column("split", pa.array(items.split)).append_column("twins", pa.array(twins))
    meta = {**before.meta, "revision": items.revision + 1} | ({"more": items.meta["more"]} if "more" in items.meta else {})
    keys = {
        "gone": [items.key(i) for i in np.flatnonzero(gone & ~items.gone).tolist()],
        "added": [items.key(i) for i in np.flatnonzero(~gone & items.gone).tolist()],
    }
    changes = ItemChanges(table, meta, {name: keys.get(name, []) for name in COUNTED}, again=True)
    counts = {name: len(one) for name, one in changes.listed.items()}
    last = project.data_revisions[-1]
    _record(project, changes, counts, Source.of(last["source"]), (), None, undoes=True, places=last["places"])
    return DataUpdate(project.items.revision, changes.listed, True, [])


def sentences(made: DataUpdate, *, dry_run: bool = False) -> list[str]:
    """What an update counted, for people."""
    words = {
        "added": plural("{n} new", "{n} new", made.counts["added"]),
        "changed": plural("{n} changed", "{n} changed", made.counts["changed"]),
        "moved": plural("{n} moved", "{n} moved", made.counts["moved"]),
        "gone": plural("{n} gone", "{n} gone", made.counts["gone"]),
        "relabelled": plural("{n} relabelled", "{n} relabelled", made.counts["relabelled"]),
        "reencoded": plural("{n} encoded anew", "{n} encoded anew", made.counts["reencoded"]),
    }
    said = ", ".join(text.format(n=grouped(made.counts[name])) for name, text in words.items() if made.counts[name])
    head = _("Data revision {n}: {what}") if not dry_run else _("This would be data revision {n}: {what}")
    lines = [head.format(n=made.revision, what=said or _("nothing new"))]
    if n := made.counts["conflicts"]:
        text = plural(
            "{n} label was changed in the data after somebody had judged it; the verdict stands until you decide.",
            "{n} labels were changed in the data after somebody had judged them; the verdicts stand until you decide.",
            n,
        )
        lines.append(text.format(n=grouped(n)))
    return lines


def conflicts(project: ProjectData) -> list[int]:
    """The items whose label was changed in the data after a verdict that stands and says otherwise."""
    items = project.items
    newest = {one.item: one.seq for one in project.journal.standing() if one.decides}
    other = project.taxonomy.view.told(items.said) != project.checked_labels
    against = np.flatnonzero((items.said != items.given) & other & ~items.gone).tolist()
    since = project.data_revisions[-1]["journal"] if project.data_revisions else 0
    return [i for i in against if newest.get(i, 0) <= since]


# --- writing --------------------------------------------------------------------------------------------------------


def _lies_at(project: ProjectData, place: Path) -> bool:
    """Whether a path is that of the source of a project."""
    try:
        return place.resolve() == source_path(project).resolve()
    except BadcaseError:
        return False


def _source_changed(project: ProjectData, now: RowsNow | None, changes: ItemChanges) -> bool:
    return now is not None and changes.again and now.source.plain() != project.taxonomy.imported.plain()


def _record(
    project: ProjectData,
    changes: ItemChanges,
    counts: Mapping[str, int],
    source: Source | None,
    new_sets: Sequence[str],
    aside: Sequence[SetAside] | None,
    *,
    undoes: bool = False,
    places: Mapping[str, Any] | None = None,
) -> None:
    """Write the next items beside those of before; they hold from the moment in which the database says so.

    Args:
        project: The project.
        changes: The next items.
        counts: For the history.
        source: How the labelled data were read; None where that stays.
        new_sets: Sets of labels that become classes.
        aside: What could not be read of the source; None where that stays.
        undoes: Whether this takes an update back.
        places: Where the data lie; None for where the source says.
    """
    items, revision = project.items, project.items.revision + 1
    write_table(items.table, project.path / before_name(revision), items.meta)
    write_table(changes.table, project.path / fresh_name(revision), changes.meta)
    with project.one_step():
        for name in new_sets:
            project.taxonomy.id_of(name)
        before = project.taxonomy.imported
        entry: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": project.journal.me,
            "journal": project.revision,
            "counts": dict(counts),
            "items": len(items),  # before it: those that it brought come behind them
            "undoes": undoes,
            "source": before.plain(),
            "places": project.setting("places", {}),
        }
        settings: dict[str, Any] = {}
        if source is not None:
            k = len(project.taxonomy.stored_classes)
            written = source.written if all(len(one) == k for one in source.written.values()) else before.written
            settings["source"] = replace(source, written=written).plain()
            settings["places"] = places or {"source": MovablePlace.of(source.location, project.path).plain()}
        project.note_data_revision(entry, settings, aside)
    project.take_up_items()
