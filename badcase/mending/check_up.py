"""A project looked at whole: each part sound, damaged, or to be made again. Nothing is changed here, and no lock is needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _, marked, plural
from badcase.items import Items, Kind
from badcase.mending.file_faults import file_fault
from badcase.mending.journal_backups import FOLDER, backup_files, read_backup
from badcase.mending.project_folder import require_project, what_is_at
from badcase.mending.snapshot import DATABASE, database_snapshot
from badcase.progress import Job, Progress
from badcase.store.checks.damage import DamagedError
from badcase.store.checks.identity import open_items, require_same_project
from badcase.store.checks.row_rules import RULES
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.database import SETTINGS, Store
from badcase.store.journal import Journal
from badcase.store.opening.lock import hold
from badcase.store.prediction_sets import PredictionSet
from badcase.store.project_data import ProjectData
from badcase.store.run_table import RunRow, RunState, RunTable

_CACHES = ("dynamics.npz", "item_loss.npy")  # of a run: what is looked up where it is, and not needed
_ANY = 1 << 62
CHOSEN = {"current_predictions": "prediction_sets", "current_run": "runs"}  # what is in use, and the table that it is a row of
_OLD = 600.0  # seconds after which nobody writes to a temporary file
_SHOWN = 3  # keys of items in a finding


class Soundness(StrEnum):
    """How one part of a project stands."""

    SOUND = "sound"
    MENDABLE = "mendable"  # damaged or left over; it can be made again or removed at no loss
    DAMAGED = "damaged"


class Cure(StrEnum):
    """What mending does to a part."""

    REMOVE = "remove"  # a file or folder that nothing depends on, or that is made again
    DROP_ROWS = "drop rows"  # of a table, those that are not what they must be
    DROP_SETTING = "drop setting"
    DROP_RUN = "drop run"  # from the list
    DROP_PREDICTIONS = "drop predictions"  # from the list: the model is asked again
    CLOSE_RUN = "close run"  # that nobody works on


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """One part of a project that was looked at.

    Attributes:
        part: Its name for people.
        state: How it stands.
        found: What was found, in words.
        remedy: The way back; "" where it is sound.
        cure: What mending would do; None where it would not help.
        subject: What the cure is about: a path in the project, a table, the name of a setting, a number.
    """

    part: str
    state: Soundness
    found: str
    remedy: str = ""
    cure: Cure | None = None
    subject: str = ""


def check_up(folder: Path, *, media: bool = False) -> Job[list[CheckedPart]]:
    """Look at all that a project holds.

    Args:
        folder: Of the project.
        media: Also compare each image with what it was at the import.
    """
    require_project(folder)
    found: list[CheckedPart] = []
    with database_snapshot(folder) as copy:
        store, told = _open(folder, copy)
        found.append(told)
        try:
            for name, look, needs in _PARTS:
                yield Progress(_(name))
                if store is not None or not needs:
                    try:
                        for part in look(folder, store):  # type: ignore[arg-type]  # what needs it gets it
                            found.append(part)
                    except OSError as error:
                        found.append(_refused(error, _(name)))
        finally:
            if store is not None:
                store.close()
    if media:
        found += yield from _media(folder)
    return found


def _open(folder: Path, copy: Path) -> tuple[Store | None, CheckedPart]:
    """The database of a project, of a copy, which tells of itself by its own name; None where a page of it is damaged."""
    if not (folder / DATABASE).is_file():
        found = _("{what}, not a file").format(what=what_is_at(folder / DATABASE))
        return None, CheckedPart(DATABASE, Soundness.DAMAGED, found, _back(folder))
    try:
        store = Store(copy, check=False)
        store.path = folder / DATABASE
        said = [str(line) for (line,) in store.rows("PRAGMA integrity_check(20)") if line != "ok"]
    except (BadcaseError, OSError) as error:
        said = [str(error).replace(str(copy), str(folder / DATABASE))]
        store = None
    if store is not None and not said:
        with suppress(BadcaseError, OSError):  # items that cannot be read are told as a part of their own
            items = open_items(folder, store)
            try:
                require_same_project(store, items)
            except DamagedError as error:
                said = [str(error)]
    if said:
        if store is not None:
            store.close()
        return None, CheckedPart(DATABASE, Soundness.DAMAGED, "; ".join(said[:3]), _back(folder))
    return store, CheckedPart(DATABASE, Soundness.SOUND, _("every page can be read"))


def _settings(folder: Path, store: Store) -> Iterator[CheckedPart]:
    for name in ("source", *SETTINGS):
        try:
            value = store.setting(name)
            if value is None and name == "source":  # every project has one
                raise store.damage("settings", name, got=_("nothing"))
            if (
                (table := CHOSEN.get(name))
                and value is not None
                and not store.rows(f"SELECT 1 FROM {table} WHERE id = ?", (value,))
            ):
                raise store.damage("settings", name, expected=_("a row of the table {name}").format(name=table), got=value)
        except BadcaseError as error:
            needed = name in ("task", "identity", "source", "places", "journal_missing")
            remedy = _back(folder) if needed else _("It is dropped, and made again where it is needed.")
            cure = None if needed else Cure.DROP_SETTING
            yield CheckedPart(_("settings"), Soundness.DAMAGED if needed else Soundness.MENDABLE, str(error), remedy, cure, name)


def row_bounds(folder: Path, store: Store) -> dict[str, int]:
    """How many items n and classes k rows may speak of: any number where items or classes are damaged, which is told of those."""
    bounds = {"n": _ANY, "k": _ANY}
    with suppress(BadcaseError):
        items = open_items(folder, store)
        bounds["n"] = len(items)
        store.require("classes")
        k = Taxonomy(store, store.setting("task", "multiclass")).stored_count
        items.require_classes(k)
        bounds["k"] = k
    return bounds


def _rows(folder: Path, store: Store) -> Iterator[CheckedPart]:
    bounds = row_bounds(folder, store)
    for table, rule in RULES.items():
        query = f"SELECT COUNT(*) FROM {table} WHERE ({rule.condition}) IS NOT TRUE"
        bad, name = store.rows(query, bounds)[0][0], _("table {name}").format(name=table)
        if not bad:
            continue
        told = plural("{n} row is not what it must be", "{n} rows are not what they must be", bad).format(n=bad)
        if table in ("classes", "settings"):
            yield CheckedPart(name, Soundness.DAMAGED, told, _back(folder))
        else:
            yield CheckedPart(name, Soundness.DAMAGED, told, _("Mending drops them, the others stay."), Cure.DROP_ROWS, table)


def _items(folder: Path, store: Store) -> Iterator[CheckedPart]:
    try:
        items = open_items(folder, store)
    except BadcaseError as error:
        remedy = _("Restore items.arrow from a copy, or make a new project of the same data and apply what --rescue writes.")
        remedy = remedy if isinstance(error, DamagedError) else error.hint
        yield CheckedPart("items.arrow", Soundness.DAMAGED, str(error), remedy)
        return
    n = len(items)
    yield CheckedPart("items.arrow", Soundness.SOUND, plural("{n} item", "{n} items", n).format(n=n))


def _journal(folder: Path, store: Store) -> Iterator[CheckedPart]:
    """Classes and journal as a program that opens the project reads them."""
    try:
        items = open_items(folder, store)
    except BadcaseError:  # told as a part of its own
        return
    try:
        taxonomy = Taxonomy(store, store.setting("task", "multiclass"))
        items.require_classes(taxonomy.stored_count)
    except BadcaseError as error:
        yield CheckedPart(_("classes"), Soundness.DAMAGED, str(error), _back(folder))
        return
    try:
        journal = Journal(store, items.given, taxonomy)
    except BadcaseError as error:
        remedy = _("{back} Without one, mending keeps the entries that are sound.").format(back=_back(folder))
        yield CheckedPart(_("journal"), Soundness.DAMAGED, str(error), remedy, Cure.DROP_ROWS, "journal")
        return
    n = journal.counts().reviewed
    yield CheckedPart(_("journal"), Soundness.SOUND, plural("{n} item reviewed", "{n} items reviewed", n).format(n=n))


def _predictions(folder: Path, store: Store) -> Iterator[CheckedPart]:
    try:
        data = ProjectData(folder, store)
        store.require("prediction_sets")
    except BadcaseError as error:
        yield CheckedPart(
            _("predictions"), Soundness.DAMAGED, str(error), _("They are looked at once the parts above are sound.")
        )
        return
    for (number,) in store.rows("SELECT id FROM prediction_sets ORDER BY id"):
        name = _("prediction set {n}").format(n=number)
        try:
            made = data.predictions.get(number)
            made.check()
        except BadcaseError as error:
            remedy = _("It is taken off the list; then predict again: badcase predict {project}").format(project=folder)
            yield CheckedPart(name, Soundness.MENDABLE, str(error), remedy, Cure.DROP_PREDICTIONS, str(number))
        else:
            yield CheckedPart(name, Soundness.SOUND, _("every number can be read"))
            yield from _rankings(folder, data, made)


def _rankings(folder: Path, data: ProjectData, made: PredictionSet) -> Iterator[CheckedPart]:
    from badcase.ranking.saved_ranking import unreadable_rankings

    for path in unreadable_rankings(data, made):
        remedy = _("It is removed, and made again by the next ranking.")
        yield _removable(folder, path, _("a saved ranking that cannot be read"), remedy)


def _runs(folder: Path, store: Store) -> Iterator[CheckedPart]:
    table = RunTable(store, folder / "runs")
    try:
        store.require("runs")
    except BadcaseError as error:
        yield CheckedPart(_("runs"), Soundness.DAMAGED, str(error), _("They are looked at once the parts above are sound."))
        return
    for (number,) in store.rows("SELECT id FROM runs ORDER BY id"):
        name = _("run {number}").format(number=number)
        try:
            run = table.get(number)
        except BadcaseError as error:
            remedy = _("Mending drops it from the list; what it wrote stays.")
            yield CheckedPart(name, Soundness.DAMAGED, str(error), remedy, Cure.DROP_RUN, str(number))
            continue
        if run.state is RunState.RUNNING:
            remedy = _("Where no program works on it, mending says so in the list.")
            yield CheckedPart(name, Soundness.MENDABLE, _("it has not ended"), remedy, Cure.CLOSE_RUN, str(run.id))
        yield from _files(folder, run, name)


def _files(folder: Path, run: RunRow, name: str) -> Iterator[CheckedPart]:
    """What a run wrote."""
    try:
        run.mark.require(run.place)
    except BadcaseError as error:
        yield CheckedPart(name, Soundness.DAMAGED, str(error), error.hint)
        return
    if not run.place.is_dir():
        remedy = _("Restore {path} from a copy, or train again.").format(path=run.place)
        yield CheckedPart(name, Soundness.DAMAGED, _("its folder is gone"), remedy)
        return
    bad = [(path, why) for path in sorted(run.place.rglob("*")) if (why := file_fault(path))]
    if not bad:
        yield CheckedPart(name, Soundness.SOUND, _("every file can be read"))
    for path, why in bad:
        if path.name in _CACHES:
            yield _removable(folder, path, why, _("It is removed; rankings do without what the training saw."))
        else:
            remedy = _("Restore it from a copy, or train again.")
            yield CheckedPart(name, Soundness.DAMAGED, f"{path.relative_to(folder)}: {why}", remedy)


def _leftovers(folder: Path, store: Store) -> Iterator[CheckedPart]:
    for path in _left_behind(folder):
        yield _removable(folder, path, _("left by a program that was ended"), _("It is removed."))
    for path in backup_files(folder):
        try:
            read_backup(path)
        except BadcaseError as error:
            yield _removable(folder, path, str(error), _("It is removed; others are made as the work goes on."))


def _left_behind(folder: Path) -> Iterator[Path]:
    """Temporary files and folders that nobody holds any more."""
    for path in sorted(folder.rglob(".*.tmp")):
        if any(parent.name.endswith(".tmp") for parent in path.relative_to(folder).parents):
            continue
        if not path.is_dir():
            if time.time() - path.stat().st_mtime > _OLD:
                yield path
        elif (held := hold(path)) is not None:
            os.close(held)
            yield path


def _removable(folder: Path, path: Path, found: str, remedy: str) -> CheckedPart:
    place = path.relative_to(folder).as_posix()
    return CheckedPart(place, Soundness.MENDABLE, found, remedy, Cure.REMOVE, place)


def _media(folder: Path) -> Job[list[CheckedPart]]:
    """Each image beside what it was at the import."""
    from badcase.items.roots import fingerprint

    items = Items.open(folder)
    if items.kind is Kind.TEXT:
        return [CheckedPart(_("media"), Soundness.SOUND, _("texts are kept in items.arrow"))]
    gone: list[str] = []
    for i in range(len(items)):
        yield Progress(_("Media"), i, len(items), _("images"))
        try:
            if fingerprint(items.media(i).open_bytes()) != items.fingerprint(i):
                gone.append(items.key(i))
        except (BadcaseError, OSError):
            gone.append(items.key(i))
    if not gone:
        return [CheckedPart(_("media"), Soundness.SOUND, _("every image is what it was"))]
    told = plural("{n} image is gone or another: {keys}", "{n} images are gone or others: {keys}", len(gone))
    remedy = _("Put them back, or say where the data are now: badcase relocate {project} PATH").format(project=folder)
    return [CheckedPart(_("media"), Soundness.DAMAGED, told.format(n=len(gone), keys=", ".join(gone[:_SHOWN])), remedy)]


def _refused(error: OSError, name: str) -> CheckedPart:
    """What the system does not let be read, which may be sound."""
    remedy = _("Check the permissions of this file, or copy the project to a disk of this computer.")
    return CheckedPart(str(error.filename or name), Soundness.DAMAGED, error.strerror or str(error), remedy)


def _back(folder: Path) -> str:
    """The way back from a damaged database."""
    if backup_files(folder):
        return _("Take the newest backup of {folder}: badcase doctor {project} --restore").format(folder=FOLDER, project=folder)
    return _("Write what is left as a patch: badcase doctor {project} --rescue FILE").format(project=folder)


# What is looked at, in this order, with its name for people, and whether it needs a database that can be read.
_PARTS: tuple[tuple[str, Callable[[Path, Store], Iterator[CheckedPart]], bool], ...] = (
    (marked("Settings"), _settings, True),
    (marked("Tables"), _rows, True),
    (marked("Items"), _items, False),
    (marked("Journal"), _journal, True),
    (marked("Predictions"), _predictions, True),
    (marked("Runs"), _runs, True),
    (marked("Leftovers"), _leftovers, False),
)
