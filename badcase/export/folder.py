"""The items as files in class folders under train, validation and test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from badcase.export.corrections import excluded
from badcase.i18n import _
from badcase.items.kinds import Kind, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_folder_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_STEP = 200


def export_folder(project: ProjectData, out: Path) -> Job[int]:
    """Write split/class/name for every item that is not excluded; a text becomes a .txt file named by its key."""
    items = project.items
    kept = np.flatnonzero(~excluded(project))
    folders = _unique([safe_name(name) for name in project.classes])
    taken: set[str] = set()
    with write_folder_whole(out) as temporary:
        for done, i in enumerate(map(int, kept)):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(kept), _("files"))
            if items.kind is Kind.IMAGE:
                name, content = Path(items.text(i)).name, items.media(i).open_bytes()
            else:
                name, content = f"{safe_name(items.key(i))}.txt", items.text(i).encode("utf-8", "surrogatepass")
            place = f"{Split(int(items.split[i])).name.lower()}/{folders[project.labels[i]]}/{safe_name(name)}"
            if place.lower() in taken:
                place = str(Path(place).with_stem(f"{Path(place).stem}-{i}"))
            taken.add(place.lower())
            (temporary / place).parent.mkdir(parents=True, exist_ok=True)
            (temporary / place).write_bytes(content)
    return len(kept)


def safe_name(name: str) -> str:
    """The name as one that every file system takes: no separators, no reserved marks, no dot in front."""
    safe = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", name).strip().lstrip(".").rstrip(". ")
    return safe[:120] or "_"


def _unique(names: list[str]) -> list[str]:
    """Names made different where replacing marks made two the same."""
    unique: list[str] = []
    for name in names:
        while name.lower() in {other.lower() for other in unique}:
            name += "_"
        unique.append(name)
    return unique
