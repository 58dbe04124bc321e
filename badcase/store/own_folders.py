"""The numbered folders of a project: what the database calls them must be a name in their place, and no way out of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.size_bounds import check_written

_READ_WHOLE = (".json", ".jsonl", ".toml", ".md")  # arrays are mapped, and their shapes looked at


def own_folder(parent: Path, name: object) -> Path:
    """The folder of this name in `parent`; it need not exist.

    Raises:
        BadcaseError: The name is no number, as those that the program gives, or one of the two is a link, or something in it:
            what is read, written and removed there would be somebody else's.
    """
    folder = parent / str(name)
    numbered = str(name).isascii() and str(name).isdecimal()
    if not numbered or parent.is_symlink() or folder.is_symlink():
        raise BadcaseError(
            _("the project names a folder that is not its own"),
            where=str(parent if numbered and parent.is_symlink() else folder),
            expected=_("a folder with a number as its name, and no link"),
            hint=_("Put the folder itself where the link is. Of a project that a stranger made, ask for a patch instead."),
        )
    with suppress(OSError), os.scandir(folder) as entries:
        links = (entry.path for entry in entries if entry.is_symlink() and not entry.name.startswith("ranking-"))  # a cache
        if (link := next(links, None)) is not None:
            raise BadcaseError(
                _("a folder of the project holds a link"),
                where=link,
                expected=_("files of its own"),
                hint=_("Put the file itself where the link is. Of a project that a stranger made, ask for a patch instead."),
            )
    return folder


def refuse_odd_files(project: Path) -> None:
    """BadcaseError where a project folder holds what no program of ours puts there and what a reader would wait for forever.

    That are pipes, sockets and devices, links to them, and texts that are nearly all holes. Images that a table held are read
    one by one, with their own check.
    """
    pending = [project]
    while pending:
        folder = pending.pop()
        with suppress(PermissionError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file() and entry.name.endswith(_READ_WHOLE):
                    check_written(Path(entry.path))
                if entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists()):
                    continue
                if not entry.is_dir():
                    raise BadcaseError(
                        _("the project holds what is neither a file nor a folder"),
                        where=entry.path,
                        expected=_("regular files"),
                        hint=_("Look at what it is; the project opens once it is removed."),
                    )
                if folder != project or entry.name in ("predictions", "runs"):
                    pending += [] if entry.is_symlink() else [Path(entry.path)]
