"""The folder that a person names for a project which may be damaged: told apart from what is none at all."""

from __future__ import annotations

import os
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.items import FILE
from badcase.mending.journal_backups import FOLDER
from badcase.mending.snapshot import DATABASE


def require_project(folder: Path) -> None:
    """BadcaseError where nothing in a folder is of a project, or where there is no folder; nothing is opened."""
    if folder.is_dir() and any(os.path.lexists(folder / name) for name in (DATABASE, FILE, FOLDER)):
        return
    raise BadcaseError(
        _("this is not a badcase project"),
        where=str(folder),
        expected=_("a folder with project.db"),
        got=_("a folder without") if folder.is_dir() else what_is_at(folder),
        hint=_("Name the folder that `badcase new` made."),
    )


def what_is_at(path: Path) -> str:
    """What lies at a path, in words."""
    if not os.path.lexists(path):
        return _("nothing")
    if path.is_dir():
        return _("a folder")
    if path.is_file():
        return _("a file")
    return _("a pipe, a socket or a device") if path.exists() else _("a link that leads nowhere")
