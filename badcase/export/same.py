"""The data set as it came, with the corrections in: a table file, a folder, a zip, a tar, or a saved Hugging Face set."""

from __future__ import annotations

import json
import posixpath
import shutil
import zipfile
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.export.corrections import changed, corrections, excluded
from badcase.export.matching import SourceRows, match_rows
from badcase.export.rewriters import rewrite
from badcase.export.tar_members import write_tar
from badcase.i18n import _
from badcase.items.roots import FolderRoot, Root, ZipRoot, member_name, open_root
from badcase.items.tar_root import TarRoot
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_folder_whole, write_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_STEP = 200


def export_same(project: ProjectData, out: Path, found: SourceRows | None = None) -> Job[int]:
    """Write the format that came in, with corrections in the rows that were found; returns the number of files."""
    found = found or match_rows(project, np.flatnonzero(changed(project) | excluded(project)).tolist())
    source = project.source
    root = open_root(source.location)
    tables = {} if source.format == "folder" else _tables(project, root, found)
    if source.lone:
        (written,) = tables.values()
        with write_whole(out) as temporary:
            temporary.write_bytes(written)
        return 1
    moved = _moved(project, root, found) if source.format == "folder" else {}
    if isinstance(root, ZipRoot):
        return (yield from _zip(root, out, tables, moved))
    if isinstance(root, TarRoot):
        return (yield from write_tar(root, out, tables, moved))
    return (yield from _folder(root, out, tables, moved))


def _tables(project: ProjectData, root: Root, found: SourceRows) -> dict[str, bytes]:
    """The table files by name, corrected, and what else of a saved data set depends on them."""
    wanted = corrections(project, found)
    files: dict[str, bytes] = {}
    before = 0
    for part in found.parts:
        within = wanted.within(before, part.rows)
        raw = root.read(part.name)
        if blake2b(raw, digest_size=16).hexdigest() != part.digest:
            raise BadcaseError(_("the source changed while it was read"), where=part.name, hint=_("Export again."))
        files[part.name] = rewrite(part.name, raw, project.source, within)
        before += part.rows
        if within and project.source.format == "hf":
            # The library keys its caches by this mark, so other content needs another one.
            name = posixpath.join(posixpath.dirname(part.name), "state.json")
            state = json.loads(files.get(name) or root.read(name))
            state["_fingerprint"] = blake2b(files[part.name], digest_size=8).hexdigest()
            files[name] = json.dumps(state, indent=2).encode()
    return files


def _moved(project: ProjectData, root: Root, found: SourceRows) -> dict[str, str | None]:
    """For class folders: the new name of each file whose label changed, None for an excluded one."""
    base = project.source.details["base"]
    gone = excluded(project)
    moved: dict[str, str | None] = {}
    taken = set(root.names())
    written = project.source.written["label"]
    for i, name in sorted(found.names.items()):
        label = found.labels[i]
        if gone[i] or label == project.checked_labels[i]:
            moved |= {name: None} if gone[i] else {}
            continue
        folders = name[len(base) :].split("/")
        folders[folders[:-1].index(written[label])] = written[project.checked_labels[i]]
        new = base + "/".join(folders)
        while new in taken:
            stem, ending = posixpath.splitext(new)
            new = f"{stem}-{project.classes[label]}{ending}"
        taken.add(new)
        moved[name] = new
    return moved


def _zip(root: ZipRoot, out: Path, tables: dict[str, bytes], moved: dict[str, str | None]) -> Job[int]:
    files = 0
    with write_whole(out) as temporary, zipfile.ZipFile(root.location) as old, zipfile.ZipFile(temporary, "w") as new:
        new.comment = old.comment
        members = old.infolist()
        for done, info in enumerate(members):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(members), _("files"))
            name = member_name(info)
            target = moved.get(name, name)
            if target is None:
                continue
            content = tables[name] if name in tables else old.read(info)
            if target != name:
                info.filename = target
            new.writestr(info, content)
            files += not info.is_dir()
    return files


def _folder(root: Root, out: Path, tables: dict[str, bytes], moved: dict[str, str | None]) -> Job[int]:
    assert isinstance(root, FolderRoot)
    files = 0
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
                shutil.copy2(root.location / name, temporary / target)
            files += 1
    return files
