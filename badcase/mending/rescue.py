"""The journal out of what is left of it: the database as far as it can be read, its raw pages, and the backups."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.export.patch import PatchItem, patch_lines
from badcase.i18n import _
from badcase.items import Items
from badcase.items.label_sets import NO_LABEL, SEPARATOR
from badcase.mending.journal_backups import FOLDER, backup_files, read_backup
from badcase.mending.journal_pages import COLUMNS, scanned_rows
from badcase.mending.project_folder import require_project
from badcase.mending.snapshot import SQL_ERRORS, database_snapshot
from badcase.store.atomic_files import write_whole
from badcase.store.checks.identity import NAME as IDENTITY
from badcase.store.checks.identity import is_of
from badcase.store.checks.row_rules import RULES
from badcase.store.classes.class_edit import ClassEdit
from badcase.store.classes.class_state import ClassState
from badcase.store.journal_reader import ReviewerVerdict
from badcase.store.journal_rows import GOLD
from badcase.store.verdicts import Act, Verdict

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rescued:
    """What a rescue wrote.

    Attributes:
        path: The patch.
        verdicts: How many verdicts stand in it.
        entries: How many entries of the journal were found.
        missing: How many there were beside them, as far as the numbers tell.
        unnamed: How many verdicts are of items or classes of which nothing is known any more.
    """

    path: Path
    verdicts: int
    entries: int
    missing: int
    unnamed: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a journal: its sound entries, oldest first, the classes by their ids, what the items are."""

    entries: list[Row]
    classes: dict[int, str]
    items: dict[int, PatchItem]

    @property
    def missing(self) -> int:
        """How many entries there were beside them, as far as the numbers tell."""
        return (self.entries[-1]["seq"] if self.entries else 0) - len(self.entries)


def rescue(folder: Path, out: Path, *, overwrite: bool = False) -> Rescued:
    """Write what can be read of a journal as a patch, which `apply` takes in another project of the same data.

    Args:
        folder: Of the project, in which nothing is changed.
        out: The patch to write.
        overwrite: Whether it may take the place of what is there.
    """
    if out.exists() and not overwrite:
        hint = _("Choose another name, or replace it with --overwrite.")
        raise BadcaseError(_("there is something at this path already"), where=str(out), hint=hint)
    require_project(folder)
    found = find_journal(folder)
    (header, *lines), unnamed = _patch_lines(found)
    if not lines:
        raise BadcaseError(
            _("no verdict was found"),
            where=str(folder),
            expected=_("entries in project.db, its log, or {folder}").format(folder=FOLDER),
            hint=_("A copy of the project, or a patch that was exported before, may have them."),
        )
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for line in (header, *lines):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return Rescued(out, len(lines), len(found.entries), found.missing, unnamed)


def find_journal(folder: Path) -> Found:
    """All that can be read of the journal of a project, of whatever is left; nothing is changed."""
    rows: dict[int, Row] = {}
    classes: dict[int, str] = {}
    items: dict[int, PatchItem] = {}
    known: Items | None = None
    for path in reversed(backup_files(folder)):
        with suppress(BadcaseError):
            backup = read_backup(path)
            rows |= {row["seq"]: row for row in backup.rows("journal") if isinstance(row.get("seq"), int)}
            classes |= {row["id"]: row["name"] for row in backup.rows("classes")}
            items |= backup.items
    with suppress(BadcaseError):
        known = Items.open(folder)
    if known is None or _is_about(folder, known):
        scanned, named = scanned_rows(folder)
        read, told = _read_rows(folder)
        rows, classes = rows | scanned | read, classes | named | told
    if known is not None:
        about = {row.get("item") for row in rows.values()}
        judged = [i for i in about if isinstance(i, int) and 0 <= i < len(known)]
        items |= {i: PatchItem(known.key(i), known.fingerprint(i), int(known.given[i])) for i in judged}
    return Found(sound_entries(rows.values()), classes, items)


def _is_about(folder: Path, items: Items) -> bool:
    """Whether the database is about these items, as far as it can be read: entries of another one would hit any of them."""
    with database_snapshot(folder) as copy, suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(copy)) as database:
        found = database.execute("SELECT value FROM settings WHERE name = ?", (IDENTITY,)).fetchone()
        return is_of(items, None if found is None else json.loads(found[0]))
    return True


def _read_rows(folder: Path) -> tuple[dict[int, Row], dict[int, str]]:
    """The same as `scanned_rows`, as far as SQLite can read the database."""
    rows: dict[int, Row] = {}
    classes: dict[int, str] = {}
    with database_snapshot(folder) as copy, suppress(*SQL_ERRORS), closing(sqlite3.connect(copy)) as database:
        with suppress(*SQL_ERRORS):
            database.row_factory = sqlite3.Row
            for row in database.execute("SELECT * FROM journal"):  # one of an older format has fewer columns
                rows[row["seq"]] = {name: row[name] for name in row.keys() if name in COLUMNS}  # noqa: SIM118
        database.row_factory = None
        with suppress(*SQL_ERRORS):
            classes = {i: name for i, name in database.execute("SELECT id, name FROM classes") if isinstance(name, str)}
    return rows, classes


def sound_entries(rows: Iterable[Row]) -> list[Row]:
    """The entries that can be what a person did, oldest first: each right by itself, each undo of what stood."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE TABLE journal (seq INTEGER PRIMARY KEY, {', '.join(COLUMNS[1:])})")
        for row in rows:
            with suppress(sqlite3.Error, OverflowError, UnicodeEncodeError):
                values = [row.get(name) for name in COLUMNS[:-2]] + [row.get("opinion") or 0, row.get("classes")]
                database.execute(f"INSERT INTO journal VALUES ({', '.join('?' * len(COLUMNS))})", values)
        bounds = {"n": 1 << 62, "k": 1 << 62}
        query = f"SELECT * FROM journal WHERE ({RULES['journal'].condition}) IS TRUE ORDER BY seq"
        kept = [dict(zip(COLUMNS, row, strict=True)) for row in database.execute(query, bounds)]
    return list(_in_order(kept))


def _in_order(rows: Iterable[Row]) -> Iterator[Row]:
    done, undone, known = set[int](), set[int](), set[int]()
    for row in rows:
        batch, action = row["batch"], row["action"]
        if action == Act.VERDICT:
            if batch in known and batch not in done:
                continue
            if batch not in known:
                undone.clear()
            known.add(batch)
            done.add(batch)
        elif batch not in (done if action == Act.UNDO else undone):
            continue
        else:
            before, after = (done, undone) if action == Act.UNDO else (undone, done)
            before.remove(batch)
            after.add(batch)
        yield row


def _told_classes(found: Found, standing: set[int]) -> dict[int, str]:
    """What each stored class is called after the changes that stand, as far as these can be read; label sets stay as they are."""
    names = [found.classes[i] for i in sorted(found.classes)]
    if any(SEPARATOR in name or name == NO_LABEL for name in names) or sorted(found.classes) != list(range(len(names))):
        return found.classes
    state = ClassState.imported(names)
    for row in found.entries:
        if row["classes"] is not None and row["batch"] in standing:
            with suppress(ValueError):
                state = state.after(ClassEdit.of(json.loads(row["classes"])))
    return {one.id: state.classes[at].name for one in state.classes if (at := state.live(one.id)) >= 0}


def _patch_lines(found: Found) -> tuple[list[Row], int]:
    """The header and lines of a patch with what stands, and how many verdicts nothing is known of."""
    standing = set[int]()
    for row in found.entries:
        (standing.discard if row["action"] == Act.UNDO else standing.add)(row["batch"])
    verdicts, unnamed = [], 0
    classes = _told_classes(found, standing)
    for row in found.entries:
        judges = row["action"] == Act.VERDICT and row["classes"] is None
        if judges and row["batch"] in standing and row["opinion"] != GOLD:  # no patch changes gold
            item = found.items.get(row["item"])
            label = row["label"] if row["label"] is not None else item.given if item is not None else -1
            if item is None or not {item.given, label} <= classes.keys():
                unnamed += 1
            else:
                said = Verdict(row["verdict"]), label, row["at"], not row["opinion"]
                verdicts.append(ReviewerVerdict(row["seq"], row["item"], row["who"], *said))
    return list(patch_lines(verdicts, classes, found.items.__getitem__)), unnamed
