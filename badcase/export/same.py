"""The data set as it came, with the corrections in: a table file, a folder, a zip, a tar, or a saved Hugging Face set."""

from __future__ import annotations

import json
import os
import posixpath
import shutil
import struct
import zipfile
import zlib
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.export.corrections import corrections, excluded, for_source, respelled
from badcase.export.file_names import safe_name
from badcase.export.matching import SourceRows, match_rows
from badcase.export.rewriters import rewrite
from badcase.export.tar_members import write_tar
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.items.roots import FolderRoot, Root, ZipRoot, fingerprint, inside, member_name, open_root
from badcase.items.source import SourcePart
from badcase.items.tar_root import TarRoot
from badcase.progress import Job, Notice, Progress
from badcase.store.atomic_files import write_folder_whole, write_whole
from badcase.trust.named_places import is_named, not_named

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_STEP = 200
# What a member of a zip raises that is damaged, encrypted or packed in a way that is not known.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, struct.error)


def export_same(project: ProjectData, out: Path, found: SourceRows | None = None) -> Job[int]:
    """Write the format that came in, with corrections in the rows that were found; returns the number of files."""
    found = found or match_rows(project, for_source(project).tolist())
    source = project.source
    root = open_root(source.location)
    known = None if is_named(project.path, source.location) else _Known(project, root)
    tables = {} if source.format == "folder" else _tables(project, root, found, known)
    if source.lone:
        (written,) = tables.values()
        with write_whole(out) as temporary:
            temporary.write_bytes(written)
        return 1
    moved = _moved(project, root, found) if source.format == "folder" else {}
    if isinstance(root, ZipRoot):
        return (yield from _zip(root, out, tables, moved, known))
    if isinstance(root, TarRoot):
        return (yield from write_tar(root, out, tables, moved, known))
    return (yield from _folder(root, out, tables, moved, known, set(_names(project))))


def _tables(project: ProjectData, root: Root, found: SourceRows, known: _Known | None) -> dict[str, bytes]:
    """The table files by name, corrected, and what else of a saved data set depends on them."""
    wanted = corrections(project, found)
    files: dict[str, bytes] = {}
    before = 0
    for part in found.parts:
        within = wanted.within(before, part.rows)
        raw = root.read(part.name)
        if blake2b(raw, digest_size=16).hexdigest() != part.digest:
            raise BadcaseError(_("the source changed while it was read"), where=part.name, hint=_("Export again."))
        if known is not None:
            known.require_table(part)
        files[part.name] = rewrite(part.name, raw, project.source, within)
        before += part.rows
        if within and project.source.format == "hf":
            # The library keys its caches by this mark, so other content needs another one.
            name = posixpath.join(posixpath.dirname(part.name), "state.json")
            state = json.loads(files.get(name) or root.read(name))
            state["_fingerprint"] = blake2b(files[part.name], digest_size=8).hexdigest()
            files[name] = json.dumps(state, indent=2).encode()
    return files


class _Known:
    """What a project can prove to know of a source that nobody named for it on this computer: what it was made from."""

    def __init__(self, project: ProjectData, root: Root) -> None:
        self._project, self._root = project, root
        self._digests = {part.name: part.digest for part in project.source.parts if part.digest}
        self._marks = dict(zip(_names(project), project.items.fingerprints[:], strict=True))

    def require_table(self, part: SourcePart) -> None:
        if self._digests.get(part.name) != part.digest:
            raise not_named(self._project.path, self._root.location, part.name)

    def require(self, name: str, raw: bytes) -> None:
        """BadcaseError for bytes that are none of an item, as they are now."""
        if self._marks.get(name) != fingerprint(raw):
            raise not_named(self._project.path, self._root.location, name)


def _names(project: ProjectData) -> list[str]:
    """(n,) what the file of each item is called in its folder."""
    names = project.items.texts() if project.kind is Kind.IMAGE else project.items.keys
    return list(names[:])


def _moved(project: ProjectData, root: Root, found: SourceRows) -> dict[str, str | None]:
    """For class folders: the new name of each file whose label changed, None for an excluded one."""
    base = project.source.details["base"]
    gone = excluded(project)
    moved: dict[str, str | None] = {}
    taken = set(root.names())
    written, named = project.taxonomy.imported.written["label"], _class_folders(project)
    other, told = respelled(project), project.taxonomy.view.told_one
    for i, name in sorted(found.names.items()):
        label = found.labels[i]
        if gone[i] or (told(label) == project.checked_labels[i] and not other[label]):
            moved |= {name: None} if gone[i] else {}
            continue
        folders = name[len(base) :].split("/")
        if written[label] not in folders[:-1]:
            raise BadcaseError(_("the file does not lie in the folder of its class"), where=name, expected=str(written[label]))
        folders[folders[:-1].index(written[label])] = named[project.checked_labels[i]]
        new = name[: len(base)] + "/".join(folders)
        while new in taken:
            stem, ending = posixpath.splitext(new)
            new = f"{stem}-{safe_name(project.taxonomy.stored_classes[label])}{ending}"
        taken.add(new)
        moved[name] = new
    return moved


def _class_folders(project: ProjectData) -> list[str]:
    """(k,) the folder of each class: as the source has it, and a safe name where that is not the name of one folder."""
    names = [str(value) for value in project.source.written["label"]]
    taken = {name for name in names if _is_folder_name(name)}
    for at, name in enumerate(names):
        if not _is_folder_name(name):
            names[at] = safe_name(name)
            while names[at] in taken:
                names[at] += "_"
            taken.add(names[at])
    return names


def _is_folder_name(name: str) -> bool:
    return inside("", name) == name.strip() and not set(name) & set("/\\") and name != "." and len(os.fsencode(name)) <= 255


def _zip(root: ZipRoot, out: Path, tables: dict[str, bytes], moved: dict[str, str | None], known: _Known | None) -> Job[int]:
    files = 0
    with write_whole(out) as temporary, zipfile.ZipFile(root.location) as old, zipfile.ZipFile(temporary, "w") as new:
        new.comment = old.comment
        members = [info for info in old.infolist() if info.filename]
        for done, info in enumerate(members):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(members), _("files"))
            name = member_name(info)
            target = moved.get(name, name)
            if target is None:
                continue
            try:
                content = tables[name] if name in tables else old.read(info)
            except _UNREADABLE as error:
                yield Notice(_("{name} cannot be read from the zip and is left out: {error}").format(name=name, error=error))
                continue
            if known is not None and name not in tables and not info.is_dir():
                known.require(name, content)
            if target != name:
                info.filename = target
            new.writestr(info, content)
            files += not target.endswith("/")
    return files


def _folder(
    root: Root, out: Path, tables: dict[str, bytes], moved: dict[str, str | None], known: _Known | None, items: set[str]
) -> Job[int]:
    """A link that leads out of the folder and is no item stays a link: what it leads to is not of the data."""
    assert isinstance(root, FolderRoot)
    files, home = 0, os.path.realpath(root.location) + os.sep
    names = root.every_name()
    with write_folder_whole(out) as temporary:
        for done, name in enumerate(names):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(names), _("files"))
            target = moved.get(name, name)
            if target is None:
                continue
            (temporary / target).parent.mkdir(parents=True, exist_ok=True)
            if name in tables:
                (temporary / target).write_bytes(tables[name])
            else:
                if known is not None:
                    known.require(name, root.read(name))
                away = name not in items and not os.path.realpath(root.location / name).startswith(home)
                if away and not (root.location / name).is_symlink():
                    continue  # below a link to a folder elsewhere, and no item
                shutil.copy2(root.location / name, temporary / target, follow_symlinks=not away)
            files += 1
    return files
