"""What a model's folder names of its own files: a name below it, never a path that leads out to a file of the person's."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from badcase.errors import BadcaseError
from badcase.i18n import _


def inside(folder: str | Path, name: object) -> Path:
    """The file or folder of this name in a model's folder.

    Raises:
        BadcaseError: The name is none, or leads out of the folder.
    """
    if isinstance(name, str) and "\0" not in name:
        parts = PureWindowsPath(name)  # it splits at slashes of both kinds
        if ".." not in parts.parts and not parts.anchor and not PurePosixPath(name).is_absolute():
            return Path(folder) / name
    raise BadcaseError(
        _("this model names a file outside of its folder, which is not read"),
        where=str(folder),
        expected=_("a file in this folder"),
        got=name,
        hint=_("Put the file into the model's folder and name it there."),
    )
