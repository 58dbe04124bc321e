"""Locating a data set: from what a person names (a file, a folder, a zip, a tar, a hub id) to its rows."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.column_roles import has_text_column
from badcase.importing.column_values import strings
from badcase.importing.image_layouts.unread import label_files
from badcase.importing.media.media_columns import names_in, with_media
from badcase.importing.media.media_finder import MediaFinder
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.readers import TABLES, lone_reader, table_reader
from badcase.importing.readers.conversions import conversion
from badcase.importing.readers.folder import is_text_name, read_class_folders
from badcase.importing.readers.hf import is_saved_dataset, read_saved_dataset
from badcase.importing.readers.hub import fetch, is_hub_id
from badcase.importing.rows import TableRows
from badcase.importing.table_choice import LabelTable, LabelTables, Named, label_tables, reader_of, the_one
from badcase.items.file_kinds import begins_like_an_image, head_of, shows_something, unreadable
from badcase.items.images import HEIF, SUFFIXES, ending_of, is_image_name
from badcase.items.roots import FolderRoot, Root, is_archive, open_root
from badcase.items.tar_root import is_packed_tar

_DEPTH = 2  # folders between the top of a data set and its tables
_STORAGE = frozenset(
    (
        "images",
        "image",
        "imgs",
        "img",
        "data",
        "files",
        "media",
        "photos",
        "pictures",
        "pics",
        "raw",
        "masks",
        "train",
        "test",
        "val",
        "all",
        "jpg",
        "png",
    )
)
_SAMPLE = 1000
_LAYOUTS = ("coco", "fiftyone", "list", "map")  # whose files lie in a folder beside that of the images
_BESIDE = frozenset(("annotations", "labels", "meta", "metadata", "lists", "splits", "tables", "csv"))
_ONE_EACH = 100  # .txt or .json files in one folder, of which more are one for each item
_NOBODY: Mapping[str, str | None] = {}


def read_rows(data: str | Path, options: ReadOptions = NOTICED, named: Named = _NOBODY) -> TableRows:
    """The rows of a data set; BadcaseError where there is nothing that can be read, or several readings.

    Args:
        named: The columns that a person named for the roles.
    """
    if is_hub_id(str(data)):
        return _with_files(read_saved_dataset(fetch(str(data))), options, named)
    path = Path(data).expanduser().absolute()
    if not path.exists():
        raise BadcaseError(_("there is nothing at this path"), where=str(path), hint=_("Check the path."))
    if path.is_dir():
        if is_saved_dataset(path):
            return _with_files(read_saved_dataset(path), options, named)
        return _read_tree(FolderRoot(path), options, named)
    if not path.is_file():
        raise BadcaseError(
            _("this is neither a file nor a folder"), where=str(path), hint=_("A pipe, a socket or a device is never opened.")
        )
    if is_packed_tar(path.name):
        hint = _("Unpack it and name the folder: mkdir FOLDER && tar -xf {name} -C FOLDER").format(name=path.name)
        raise BadcaseError(_("a packed tar cannot be read in place"), where=str(path), hint=hint)
    root = FolderRoot(path.parent)
    if (reader := reader_of(root, path.name) or lone_reader(root, path.name)) is not None:
        return _lone(reader(root, path.name, options), options, named)
    if is_archive(path.name):
        return _read_tree(open_root(path), options, named)
    raise BadcaseError(
        _("this kind of file cannot be read"),
        where=str(path),
        expected=_("a folder, a .zip, a .tar, or one of {endings}").format(endings=" ".join(TABLES)),
        hint=conversion(path.name),
    )


def _lone(rows: TableRows, options: ReadOptions, named: Named) -> TableRows:
    """A single table; the folder around it is looked through only where it is no table of texts."""
    rows = replace(rows, lone=True)
    made = _with_files(rows, options, named)
    if named.get("text") or named.get("image"):
        return made
    folder = rows.root.location
    if options.images is None and (rows.format in _LAYOUTS or folder.name.lower() in _BESIDE) and not _found(made):
        above = with_media(rows, MediaFinder(FolderRoot(folder.parent)), ids=not has_text_column(rows))
        made = above if _found(above) else made
    return made


def _with_files(rows: TableRows, options: ReadOptions, named: Named) -> TableRows:
    """The rows with the files that their columns name, unless a person said which column is the content."""
    if named.get("text") or named.get("image"):
        return rows
    ids = options.images is not None or not has_text_column(rows)
    return with_media(rows, MediaFinder(rows.root, options.images), ids=ids)


def _found(rows: TableRows) -> bool:
    return any(joined.count() for joined in rows.joins.values())


def _read_tree(root: Root, options: ReadOptions, named: Named) -> TableRows:
    names = root.names()
    finder = MediaFinder(root, options.images, names)
    images = options.images is not None or any(shows_something(name) for name in names) or _bare_images(root, names)
    near = _tables(root, names, images=images)
    images = images or (bool(near) and len(finder.packed) > 0)
    tables = label_tables(root, near, finder, options, named, images=images)
    folders = _class_folders(root, names, options, images=images, tables=tables, named=named)
    if isinstance(folders, TableRows):
        return folders
    if (one := the_one(tables, root)) is not None:
        return _told(one, tables)
    if images and not (others := label_tables(root, near, finder, options, named, images=False)).found:
        raise folders or _nothing(root)
    if images and (one := the_one(others, root)) is not None:
        return _told(one, others)
    raise folders or _unusable(root, tables)


def _bare_images(root: Root, names: Sequence[str]) -> bool:
    """Whether some of the files without an ending are images by their first bytes."""
    return any(begins_like_an_image(_head(root, name)) for name in names if not ending_of(name))


def _head(root: Root, name: str) -> bytes:
    try:
        return head_of(root, name)
    except OSError:
        return b""


def _told(one: LabelTable, tables: LabelTables) -> TableRows:
    """The rows of the table that was taken, with what is to say of the others."""
    return replace(one.rows, notes=(*one.rows.notes, *tables.notes()))


def _class_folders(
    root: Root, names: Sequence[str], options: ReadOptions, *, images: bool, tables: LabelTables, named: Named
) -> TableRows | BadcaseError | None:
    """The class folders, where they tell the labels rather than a table; else why they do not."""
    texts = any(is_text_name(name) and "/" in name for name in names)
    if not (images or (texts and not tables.found and not tables.unused)):
        return None
    asked = named.get("label") == "label" and not any("label" in one.rows.table.column_names for one in tables.found)
    if tables.found and not asked and (not images or any(one.sure for one in tables.found)):
        return None
    try:
        rows = read_class_folders(root, names, options)
    except BadcaseError as error:
        some = any(is_image_name(name) and unreadable(name) is None for name in names)
        return _one_folder(root, names, set(), tables) if some else error
    classes = {value for value in strings(rows.table["label"]) if value}
    if tables.found and not asked:
        if len(classes) < 2 or _only_store(classes) or not _names_folders(tables.found[0].rows):
            return None
        raise _two_readings(root, tables.found[0], classes)
    if images and len(classes) < 2 and not (len(classes) == 1 and named.get("label")):
        return _one_folder(root, names, classes, tables)
    unjoined = next((one for one in tables.unjoined if 2 * one.count() >= len(rows.table)), None)
    if images and unjoined is not None and not asked:
        raise _not_joined(root, unjoined, classes)
    notes = tuple(
        _("{name} lies beside the class folders and was not used: {why}.").format(name=n, why=why)
        for n, why in tables.unused.items()
    )
    return replace(rows, notes=(*rows.notes, *notes))


def _names_folders(rows: TableRows) -> bool:
    """Whether a table writes the folders of its images too; where it writes names alone, they only hold the images."""
    column = next(iter(rows.joins), None)
    sample = [value for value in names_in(rows.table[column].slice(0, _SAMPLE)) if value] if column else []
    return sum("/" in value or "\\" in value for value in sample) * 2 > len(sample)


def _only_store(classes: set[str]) -> bool:
    """Whether folders are called as those are that only hold the images: images_1 and images_2, 000 and 001."""
    plain = {"".join(letter for letter in name.lower() if letter.isalpha()) for name in classes}
    return (
        len(plain) == 1 or plain <= _STORAGE or all(any(word in _STORAGE for word in name.lower().split("_")) for name in classes)
    )


def _two_readings(root: Root, table: LabelTable, classes: set[str]) -> BadcaseError:
    label = table.labels[0]
    return BadcaseError(
        _("both a table and the folders could tell the labels"),
        where=str(root.location),
        expected=_("the column {column} of {table} ({n} rows), or the folders {folders}").format(
            column=label, table=table.title, n=table.count(), folders=", ".join(sorted(classes)[:5])
        ),
        hint=_("Name the one that is meant: --label {column}, or --label label for the folders.").format(column=label),
    )


def _not_joined(root: Root, table: LabelTable, classes: set[str]) -> BadcaseError:
    """A table has a label for each image, in rows that no column joins to them: the folders may only store these."""
    return BadcaseError(
        _("a table tells labels, and no column of it names the images"),
        where=str(root.location),
        expected=_("a column of {table} with the file of each image, or the folders {folders} as classes").format(
            table=table.title, folders=", ".join(sorted(classes)[:5])
        ),
        got=", ".join(table.rows.table.column_names),
        hint=_("Write the path of each image into a column `file` of the table, or say --label label for the folders."),
    )


def _one_folder(root: Root, names: Sequence[str], classes: set[str], tables: LabelTables) -> BadcaseError:
    """All images lie in one folder, and nothing that can be read tells their labels."""
    unread = {**label_files(root, names), **tables.unused}
    listed = "; ".join(f"{name}: {why}" for name, why in unread.items())
    hint = _("Put each image into a folder named by its class, or a labels.csv (file, label) beside them.")
    what = _("nothing tells the labels: the images lie in no class folders")
    if classes:
        what = _("nothing tells the labels: all images lie in one folder, {folder}").format(folder=next(iter(classes)))
    return BadcaseError(what, where=str(root.location), got=listed, hint=hint)


def _unusable(root: Root, tables: LabelTables) -> BadcaseError:
    if not tables.unused:
        return _nothing(root)
    if len(tables.unused) == len(tables.errors) == 1:
        return tables.errors[0]  # which has a remedy of its own
    return BadcaseError(
        _("no table here tells labels"),
        where=str(root.location),
        got="; ".join(f"{name}: {why}" for name, why in tables.unused.items()),
        hint=_("Name the table with --data, and its columns with --text or --image and --label."),
    )


def _nothing(root: Root) -> BadcaseError:
    return BadcaseError(
        _("there are neither images nor a table with labels here"),
        where=str(root.location),
        expected=_("images or .txt files in class folders, or one of {endings}").format(endings=" ".join(TABLES)),
        hint=_inside(root) or _("Name the folder, zip or table that holds the data."),
    )


def _inside(root: Root) -> str:
    """What to do where the data may lie in an archive in the folder; "" where there is none."""
    names = root.names()
    if isinstance(root, FolderRoot) and (found := [name for name in names if is_archive(name)]):
        return _("Name the archive that holds the data: --data {path}").format(path=root.location / found[0])
    packed = next((name for name in names if is_archive(name) or is_packed_tar(name)), "")
    return packed and _("Unpack {name}, and name the folder that comes out.").format(name=packed)


def _tables(root: Root, names: Sequence[str], *, images: bool) -> list[str]:
    """The files that could tell labels: near the top, and none of those that lie beside each image."""
    others = [name for name in names if not is_image_name(name)]
    depth = min((name.count("/") for name in names), default=0)
    near = [name for name in others if name.count("/") <= depth + _DEPTH]
    files = {name.lower() for name in names} if near else set()
    endings = {ending_of(name) for name in files} & (SUFFIXES | HEIF) if near else set()
    apart = [name for name in near if not any(posixpath.splitext(name.lower())[0] + ending in files for ending in endings)]
    many = Counter((posixpath.dirname(name), ending_of(name)) for name in apart)
    each = {place for place, n in many.items() if n > _ONE_EACH and place[1] in (".txt", ".json")}
    left = [name for name in apart if (posixpath.dirname(name), ending_of(name)) not in each]
    # A list of files in a text file names images.
    find = {
        name: table_reader(name, root) if ending_of(name) == ".txt" and not images else reader_of(root, name) for name in left
    }
    return [name for name, reader in find.items() if reader is not None]
