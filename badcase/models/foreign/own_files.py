"""The files of a model's folder: whole ones, and what it names of them lies below it, never out at a file of the person's."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.whole_files import require_whole


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


def require_readable(source: str | Path) -> None:
    """Look at each file of a model before any is read.

    Args:
        source: Its folder or file; what is neither is left to the loader.

    Raises:
        BadcaseError: One is a pipe, a socket or a device, or only a part of it is there.
    """
    for path in (Path(source), *Path(source).rglob("*")):
        if path.exists() and not path.is_file() and not path.is_dir():
            hint = _("Put the file itself there.")
            raise BadcaseError(_("this is a pipe, a socket or a device, which is never opened"), where=str(path), hint=hint)
        require_whole(path)
