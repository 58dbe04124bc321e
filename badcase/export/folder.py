"""The items as files in class folders under train, validation and test."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from badcase.export.destination import Destination
from badcase.export.file_names import FreeNames, safe_name
from badcase.export.tables import kept_items
from badcase.i18n import _, grouped, plural
from badcase.items.kinds import UNLABELLED, Kind, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_folder_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_STEP = 200


def export_folder(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """Write split/class/name for every labelled item that is not excluded; a text becomes a .txt file named by its key."""
    items = project.items
    kept = kept_items(project)
    kept = kept[project.checked_labels[kept] != UNLABELLED]
    folders = class_folders(project.classes)
    names = FreeNames()
    with write_folder_whole(out) as temporary:
        to.folder = temporary
        for done, i in enumerate(map(int, kept)):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(kept), _("files"))
            image = items.kind is Kind.IMAGE
            name = safe_name(PurePosixPath(items.text(i)).name) if image else f"{safe_name(items.key(i))}.txt"
            place = names.take(f"{Split(int(items.split[i])).name.lower()}/{folders[project.checked_labels[i]]}/{name}")
            if image:
                to.put(i, place)
            else:
                (temporary / place).parent.mkdir(parents=True, exist_ok=True)
                (temporary / place).write_bytes(items.text(i).encode("utf-8", "surrogatepass"))
    return len(kept)


def class_folders(classes: tuple[str, ...]) -> list[str]:
    """A folder for each class, safe and different from all others."""
    names = FreeNames()
    return [names.take(safe_name(name)) for name in classes]


def folder_remarks(project: ProjectData, _to: Destination) -> list[str]:
    """The classes whose folders are called otherwise, and how many items are of none."""
    pairs = zip(project.classes, class_folders(project.classes), strict=True)
    said = _("The class {name} is in the folders called {folder}.")
    n = int((project.checked_labels[kept_items(project)] == UNLABELLED).sum())
    without = plural("{n} item without a label is left out.", "{n} items without a label are left out.", n)
    remarks = [said.format(name=name, folder=folder) for name, folder in pairs if name != folder]
    return remarks + [without.format(n=grouped(n))] * bool(n)
