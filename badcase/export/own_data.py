"""The guard of all that is written: never over the project, nor over the data that it reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_OURS = ("project.db", "items.arrow", "project.lock", "predictions", "runs", "thumbs", "media")


def check_not_own(project: ProjectData, out: Path, *, data_set: bool = False) -> None:
    """Refuse to write where it would harm the project or the data that it reads.

    Args:
        project: What is kept.
        out: The file or folder to be written; it need not exist.
        data_set: A data set is written. It may neither lie in a folder of data, where a reader would take it for a part of
            them, nor in that of the project, nor hold one of the two. A table or a report may be a new file there.

    Raises:
        BadcaseError: Where `out` is not to be written.
    """
    target = out.resolve()
    source, home = project.source, project.path.resolve()
    location = source.location.resolve()
    data = [location / part.name for part in source.parts] if source.lone else [location]
    ours = [home] if data_set else [home / name for name in _OURS]
    for paths, what in (
        (data, _("this path holds the data that the project reads")),
        (ours, _("this path is the project folder")),
    ):
        meets = any(target == path or path in target.parents or target in path.parents for path in paths)
        if meets and (data_set or target.exists()):
            raise BadcaseError(what, where=str(out), hint=_("Choose another place for the export."))
    if target.exists() and _holds_images(project, target):
        what = _("this path holds images that the project reads")
        raise BadcaseError(what, where=str(out), hint=_("Choose another place for the export."))


def _holds_images(project: ProjectData, target: Path) -> bool:
    """Whether a path is an image of the project, or a folder with one in it: a lone table's images lie anywhere beside it."""
    if project.kind is not Kind.IMAGE or not len(project.items):
        return False
    base, below = project.source.location.resolve(), f"{target}{os.sep}"
    paths = (os.path.normpath(base / text) for text in project.items.texts()[:])
    return any(path == str(target) or path.startswith(below) for path in paths)
