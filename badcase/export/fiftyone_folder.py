"""FiftyOne's image classification data set: labels.json beside a folder data, or beside data.json, which says where files lie."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from badcase.export.destination import Destination, Media
from badcase.export.file_names import FreeNames, safe_name
from badcase.export.tables import kept_items
from badcase.i18n import _
from badcase.items.kinds import UNLABELLED, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_folder_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_STEP = 200


def export_fiftyone(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """Labels by the name of each file without its ending; `splits`, which FiftyOne skips, says the split of each."""
    items, kept = project.items, kept_items(project).tolist()
    names = FreeNames(stems=True)
    files = [names.take(safe_name(PurePosixPath(items.text(i).replace("\\", "/")).name)) for i in kept]
    stems = [str(PurePosixPath(name).with_suffix("")) for name in files]
    with write_folder_whole(out) as temporary:
        if to.media is Media.NONE:
            paths = yield from to.paths(kept)
            _write(temporary / "data.json", dict(zip(stems, paths, strict=True)))
        else:
            to.folder = temporary / "data"
            to.folder.mkdir()
            for done, (i, name) in enumerate(zip(kept, files, strict=True)):
                if done % _STEP == 0:
                    yield Progress(_("Writing"), done, len(kept), _("files"))
                to.put(i, name)
        said = zip(stems, project.checked_labels[kept].tolist(), strict=True)
        labels = {stem: label for stem, label in said if label != UNLABELLED}
        splits = {stem: Split(int(items.split[i])).name.lower() for stem, i in zip(stems, kept, strict=True)}
        keys = {stem: items.key(i) for stem, i in zip(stems, kept, strict=True)}
        _write(temporary / "labels.json", {"classes": list(project.classes), "labels": labels, "splits": splits, "keys": keys})
    return 1 + (to.written or 1)


def fiftyone_remarks(_project: ProjectData, _to: Destination) -> list[str]:
    return [_("FiftyOne has no splits in this format: labels.json tells them under `splits`.")]


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
