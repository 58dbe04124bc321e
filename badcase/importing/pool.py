"""Items without a label that lie apart from the labelled data: a table, image or text files, or folders and archives of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.column_roles import ColumnRoles, choose_columns
from badcase.importing.column_values import is_embedded_image
from badcase.importing.content import gather_images, gather_texts
from badcase.importing.gathered import Gathered
from badcase.importing.keys import row_keys, set_aside_row
from badcase.importing.locate import read_rows
from badcase.importing.read_options import ReadOptions
from badcase.importing.readers.folder import is_text_name, read_files
from badcase.importing.rows import TableRows
from badcase.importing.table_choice import reader_of
from badcase.importing.text_files.encodings import read_text
from badcase.items.file_kinds import shows_something
from badcase.items.kinds import UNLABELLED, Kind
from badcase.items.roots import FolderRoot, Root, is_archive, open_root
from badcase.items.source import SourcePart
from badcase.progress import Job


def read_pool(
    place: str | Path, kind: Kind, like: ColumnRoles, options: ReadOptions, known: Collection[tuple[str, str]], media: Path
) -> Job[Gathered]:
    """Gather the items of a place; one that is there already, by its key and its content, is not taken again.

    Args:
        place: A table, an image, a text file of one text a line, or a folder or archive of such files.
        kind: What items are.
        like: The columns of the labelled data, which are taken where the table has them too.
        options: How the data are to be read.
        known: Key and fingerprint of each item that there is.
        media: The folder that gets embedded images.

    Raises:
        BadcaseError: Where nothing there is of the kind, or a table has no column that is sure to be it.
    """
    path = Path(place).expanduser().absolute()
    if not path.exists():
        raise BadcaseError(_("there is nothing at this path"), where=str(path), hint=_("Check the path."))
    rows = _rows(path, kind, like, options)
    columns = _columns(rows, kind, like)
    keys, notes = row_keys(rows, columns)
    taken = {key for key, _print in known}
    bad = list(rows.bad)
    usable = list(range(len(keys)))
    if kind is Kind.IMAGE:
        found = yield from gather_images(rows, columns, usable, media)
    else:
        found = gather_texts(rows, columns.text or "", usable)
    bad += [set_aside_row(rows, keys, at, error) for at, error in found.bad]
    numbered = keys == [str(number) for number in rows.number]  # they have no key of their own
    kept, called, again = [], [], 0
    for at, row in enumerate(found.rows):
        key = keys[row] or str(rows.number[row])
        key = f"{path.name}/{key}" if numbered else key
        if (key, found.fingerprints[at]) in known:
            again += 1
            continue
        while key in taken:
            key = f"{path.name}/{key}"
        taken.add(key)
        kept.append(at)
        called.append(key)
    if again:
        text = plural(
            "{n} item of {name} is among the data already, and is left out.",
            "{n} items of {name} are among the data already, and are left out.",
            again,
        )
        notes.append(text.format(n=grouped(again), name=path.name))
    bad = [replace(one, row=0) for one in bad]  # rows are those of the labelled data
    none = np.full(len(kept), UNLABELLED, np.int32)
    said = plural("{n} item without a label from {name}.", "{n} items without a label from {name}.", len(kept))
    notes = [said.format(n=grouped(len(kept)), name=path.name), *rows.notes, *notes]
    return Gathered(rows, columns, found.part(kept), called, none, bad, notes)


def _rows(path: Path, kind: Kind, like: ColumnRoles, options: ReadOptions) -> TableRows:
    if path.is_dir() or (path.is_file() and is_archive(path.name)):
        root = open_root(path)
        names = root.names()
        if any(shows_something(name) if kind is Kind.IMAGE else is_text_name(name) for name in names):
            return read_files(root, names, kind, options)
        tables = [name for name in names if reader_of(root, name) is not None]
        if len(tables) == 1 and isinstance(root, FolderRoot):
            return _rows(path / tables[0], kind, like, options)
        return read_files(root, names, kind, options)  # says what is missing
    root = FolderRoot(path.parent)
    if kind is Kind.IMAGE and shows_something(path.name):
        return read_files(root, [path.name], kind, options)
    if kind is Kind.TEXT and is_text_name(path.name):
        return _lines(root, path.name, options)
    content = like.text if kind is Kind.TEXT else like.image
    try:
        return read_rows(path, options, {str(kind): content})
    except BadcaseError:
        return read_rows(path, options)


def _lines(root: Root, name: str, options: ReadOptions) -> TableRows:
    """A text file as one text a line; empty lines are none."""
    source = read_text(root.read(name), options.encoding)
    lines = source.decode(source.text).splitlines()
    number = [at for at, line in enumerate(lines, 1) if line.strip()]
    table = pa.table({"text": pa.array([lines[at - 1] for at in number], pa.large_string())})
    return TableRows("lines", root, (SourcePart(name, len(lines)),), table, np.asarray(number, np.int64), lone=True)


def _columns(rows: TableRows, kind: Kind, like: ColumnRoles) -> ColumnRoles:
    """The column of the content: called as in the labelled data, the only one, or the one that is sure to be it."""
    names = rows.table.column_names
    wanted = like.text if kind is Kind.TEXT else like.image
    content = wanted if wanted in names else names[0] if len(names) == 1 else None
    if content is None:
        choice = choose_columns(rows, {})
        content = getattr(choice.columns, str(kind))
    if content is None or (kind is Kind.IMAGE and content not in rows.joins and not is_embedded_image(rows.table[content])):
        raise BadcaseError(
            _("no column can be the {role}").format(role=str(kind)),
            where=", ".join(part.name for part in rows.parts if part.name) or str(rows.root.location),
            expected=wanted or str(kind),
            got=", ".join(names),
            hint=_("Name the column as it is named in the labelled data."),
        )
    key = like.key if like.key in names else rows.key
    return replace(ColumnRoles(key=key), **{str(kind): content})
