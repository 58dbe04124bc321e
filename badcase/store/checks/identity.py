"""Whether the files of a project belong together: each part carries a mark that the database notes, made with it.

A prediction set and the folder of a run carry a mark each; rankings and what else lies in a set's folder belong to that.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Items
from badcase.items.items import FILE
from badcase.items.regular_files import open_regular
from badcase.store.atomic_files import take_place, write_whole
from badcase.store.checks.damage import damaged, told
from badcase.store.database import Store

NAME = "identity"  # the setting
REVISIONS = "data_revisions"  # the setting that has an entry for each update of the data
RUNS_MARKED = "runs_marked"  # the setting that says that every run of the project has its mark
_OF_RUN = "belongs_to.json"  # in the folder of a run
_MARK_BYTES = 4096  # more than one has


@dataclass(frozen=True, slots=True)
class RunMark:
    """Whose the folder of a run is. needed: whether one without a mark is refused; those of older projects had none."""

    project: str
    run: int
    started: str
    needed: bool

    def write(self, folder: Path) -> None:
        """Mark a folder, which is on the disk then."""
        with write_whole(folder / _OF_RUN) as temporary:
            temporary.write_text(json.dumps(self._said), encoding="utf-8")

    def adopt(self, folder: Path) -> None:
        """Mark one that has no mark yet."""
        if not (folder / _OF_RUN).exists():
            self.write(folder)

    @property
    def _said(self) -> dict[str, object]:
        return {"project": self.project, "run": self.run, "started": self.started}

    def require(self, folder: Path) -> None:
        """BadcaseError where a folder is that of another run; one that is gone or empty holds nothing of anybody."""
        try:
            with open_regular(folder / _OF_RUN) as file:
                found = json.loads(file.read(_MARK_BYTES))
        except FileNotFoundError:
            found = None
        except (OSError, ValueError, RecursionError) as error:
            found = str(error)
        if found == self._said or (found is None and not (self.needed and _holds_files(folder))):
            return
        raise BadcaseError(
            _("this folder is that of another run, or of another project"),
            where=str(folder),
            expected=json.dumps(self._said),
            got=_("no mark") if found is None else told(found)[:200],
            hint=_("Put the folder of this run there, or remove it: the run stays in the list. Nothing was changed."),
        )


def _holds_files(folder: Path) -> bool:
    """Whether anything is in a folder, but for what is being written."""
    return folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())


def fresh_name(revision: int) -> str:
    """What the items of a revision of the data are called until they take the place of those before them."""
    return f"items-{revision}.arrow"


def before_name(revision: int) -> str:
    """What the items are called that an update took the place of, to be turned back."""
    return f"before-{revision}.arrow"


def data_revision(store: Store) -> int:
    """The revision of the data that the database is about: 1 after the import."""
    return 1 + len(store.setting(REVISIONS, []))


def open_items(folder: Path, store: Store | None) -> Items:
    """The items that the database is about: those of an update that was killed before they had their place have another name.

    store: None where the database cannot be read.
    """
    fresh = None if store is None else folder / fresh_name(data_revision(store))
    return Items.open(folder, FILE if fresh is None or not fresh.is_file() else fresh.name)


def settle_items(folder: Path, store: Store) -> None:
    """Let the items that the database is about take their place, unless the system forbids it while others read the old ones.

    An update counts from the moment in which the database notes it; this is what may be left to do then.
    """
    fresh = folder / fresh_name(data_revision(store))
    if fresh.is_file():
        with suppress(OSError):
            take_place(fresh, folder / FILE)


def sweep_items(folder: Path, revision: int) -> None:
    """Remove what updates left that were never noted, and what was kept to turn older ones back."""
    for pattern, kept in ((fresh_name, fresh_name(revision)), (before_name, before_name(revision))):
        stem, ending = pattern(0).split("0")
        for path in folder.glob(f"{stem}*{ending}"):
            if path.name != kept and path.name.removeprefix(stem).removesuffix(ending).isdecimal():
                path.unlink(missing_ok=True)


def require_same_project(store: Store, items: Items) -> None:
    """DamagedError where the database and the items are of two projects, however alike these are, or of two revisions."""
    if items.revision != (known := data_revision(store)):
        raise damaged(
            store.path,
            NAME,
            what=_("project.db and items.arrow are of two revisions of the data"),
            expected=known,
            got=items.revision,
        )
    noted: str | None = store.setting(NAME)
    if not is_of(items, noted):
        raise damaged(
            store.path,
            NAME,
            what=_("project.db and items.arrow are of two projects"),
            expected=items.identity,
            got=noted or _("no mark"),
        )


def is_of(items: Items, noted: str | None) -> bool:
    """Whether a database that notes this mark, None for none, is about these items."""
    return noted == items.identity or (noted is None and not items.are_marked)


def note_project(store: Store, items: Items) -> None:
    """Note whose items the database is about, where it was made before databases did."""
    if store.setting(NAME) is None:
        store.set_settings([(NAME, items.identity)])
