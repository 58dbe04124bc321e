"""Images or texts in class folders, with train, val and test folders above them or not."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.importing.text_files.encodings import SourceText, files_notes, read_texts
from badcase.items.file_kinds import begins_like_an_image, head_of, shows_something, unreadable
from badcase.items.images import ending_of
from badcase.items.kinds import Kind, SetAside
from badcase.items.roots import FolderRoot, Root
from badcase.items.source import SourcePart
from badcase.items.splits import split_named
from badcase.out_of_memory import is_out_of_memory

_TOLD = 3  # names of files that a sentence lists
_LITTER = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})  # what systems leave behind
# Endings that are no image's whatever the file begins with, so that it need not be opened.
_NO_PICTURES = frozenset(
    (
        ".txt",
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".ndjson",
        ".md",
        ".rst",
        ".html",
        ".htm",
        ".xml",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
        ".cfg",
        ".log",
        ".py",
        ".ipynb",
        ".m",
        ".r",
        ".sh",
        ".db",
        ".sqlite",
        ".npy",
        ".npz",
        ".pkl",
        ".pickle",
        ".pt",
        ".pth",
        ".ckpt",
        ".safetensors",
        ".onnx",
        ".h5",
        ".hdf5",
        ".parquet",
        ".arrow",
        ".feather",
        ".xlsx",
        ".xls",
        ".doc",
        ".docx",
        ".zip",
        ".gz",
        ".bz2",
        ".xz",
        ".7z",
        ".rar",
        ".tar",
        ".tgz",
        ".mat",
        ".lock",
        ".url",
        ".lnk",
        ".bin",
        ".tfrecord",
    )
)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a tree that may be items.

    Attributes:
        names: Every image, or where there is none every text file.
        texts: Whether they are texts.
        read: For texts, how each that could be read was read.
        content: By name, the text of each that is one; for images the names that can be read, with "".
        bad: The others, and what else is wrong in the tree.
    """

    names: list[str]
    texts: bool
    read: list[SourceText]
    content: dict[str, str]
    bad: list[SetAside]


def _files(root: Root, names: Sequence[str], options: ReadOptions, kind: Kind | None = None) -> _Files:
    """The files that are of a kind; None for images where there are any, else texts."""
    files = [] if kind is Kind.TEXT else [name for name in names if _is_picture(root, name)]
    texts = kind is Kind.TEXT or (kind is None and not files)
    files = [name for name in names if is_text_name(name)] if texts else files
    bad: list[SetAside] = list(root.problems())
    if not texts:
        told = {name: unreadable(name) for name in files}
        bad += [SetAside(at, name, name, *why) for at, name in enumerate(files, 1) if (why := told[name]) is not None]
        return _Files(files, texts, [], {name: "" for name in files if told[name] is None}, bad)
    raws: dict[str, bytes] = {}
    numbers = {name: at for at, name in enumerate(files, 1)}
    for name, at in numbers.items():
        try:
            raws[name] = root.read(name)
        except OSError as error:
            if is_out_of_memory(error):
                raise
            what = _("the file cannot be read: {why}").format(why=error.strerror or error)
            bad.append(SetAside(at, name, name, what, _("Check the file and its permissions.")))
    read, content = list(read_texts(list(raws.values()), options.encoding)), {}
    for name, source in zip(raws, read, strict=True):
        try:
            content[name] = source.decode(source.text).rstrip("\r\n")
        except UnicodeDecodeError:
            what = _("a byte that is not {encoding}").format(encoding=source.encoding)
            bad.append(SetAside(numbers[name], name, name, what, _("Save the file in one encoding, best UTF-8.")))
    return _Files(files, texts, read, content, bad)


def read_class_folders(root: Root, names: Sequence[str], options: ReadOptions = NOTICED) -> TableRows:
    """Every image of a tree as a row, or else every text file: its path, its class folder, the split folder if there is one.

    What shows something and cannot be read is set aside; what is neither image nor text is told in one sentence.
    """
    files = _files(root, names, options)
    base = _common_folder(_without_strays(files.names) if files.texts else files.names)
    kept: list[tuple[str, str, str | None]] = []
    number: list[int] = []
    bad = files.bad
    for at, name in enumerate(files.names, 1):
        folders = name[len(base) :].split("/")[:-1]
        split = folders.pop(0) if folders and split_named(folders[0]) is not None else None
        if not folders:
            what, remedy = _("the file is not in a class folder"), _("Move it into the folder of its class.")
            bad = [*(one for one in bad if one.key != name), SetAside(at, name, name, what, remedy)]
        elif name in files.content:
            kept.append((name, folders[0], split))
            number.append(at)
    if not kept:
        raise _nothing_kept(root, bad)
    paths, labels, splits = zip(*kept, strict=True)
    rows = _rows(root, files, paths, number, options)
    table = rows.table.append_column("label", pa.array(labels, pa.large_string()))
    if any(splits):
        table = table.append_column("split", pa.array(splits, pa.large_string()))
    notes = (
        *rows.notes,
        *_lost_classes(base, bad, set(labels)),
        *_empty_folders(root, base, {split for split in splits if split}, names),
        *_others(names, files.names),
    )
    return replace(rows, table=table, bad=bad, details={"base": base}, notes=notes)


def read_files(root: Root, names: Sequence[str], kind: Kind, options: ReadOptions = NOTICED) -> TableRows:
    """Every image or every text file of a tree as a row, whatever folders they are in; no column says a label.

    Raises:
        BadcaseError: Where there is none of the kind.
    """
    files = _files(root, names, options, kind)
    numbers = {name: at for at, name in enumerate(files.names, 1)}
    if not files.content and files.bad:
        raise _nothing_kept(root, files.bad)
    if not files.content:
        what = _("there is no image here") if kind is Kind.IMAGE else _("there is no text file here")
        expected = _("images") if kind is Kind.IMAGE else _(".txt files, or one table of texts")
        raise BadcaseError(what, where=str(root.location), expected=expected, hint=_("Name the folder or table that holds them."))
    return _rows(root, files, list(files.content), [numbers[name] for name in files.content], options)


def _rows(root: Root, files: _Files, paths: Sequence[str], number: Sequence[int], options: ReadOptions) -> TableRows:
    columns = {"file" if files.texts else "image": pa.array(paths, pa.large_string())}
    if files.texts:
        columns["text"] = pa.array([files.content[name] for name in paths], pa.large_string())
    return TableRows(
        "folder",
        root,
        (SourcePart("", len(files.names)),),
        pa.table(columns),
        np.asarray(number, np.int64),
        files.bad,
        key="file" if files.texts else None,
        notes=() if options.encoding else tuple(files_notes(files.names, files.read)),
        joins={} if files.texts else {"image": JoinedMedia(root, paths)},
    )


def _is_picture(root: Root, name: str) -> bool:
    """Whether a file shows something, by its ending, or by its first bytes where the ending tells nothing."""
    ending = ending_of(name)
    if shows_something(name) or ending in _NO_PICTURES:
        return ending not in _NO_PICTURES
    try:
        return begins_like_an_image(head_of(root, name))
    except OSError:
        return False


def _nothing_kept(root: Root, bad: Sequence[SetAside]) -> BadcaseError:
    told = [one for one in bad if unreadable(one.key) is not None]
    if told:
        return BadcaseError(
            _("no image here can be read"), where=str(root.location), got=f"{told[0].key}: {told[0].what}", hint=told[0].remedy
        )
    return BadcaseError(
        _("there is neither a table with labels nor folders named after classes"),
        where=str(root.location),
        hint=_("Put each image or text into a folder named by its class, or a labels.csv (file, label) beside them."),
    )


def _lost_classes(base: str, bad: Sequence[SetAside], there: set[str]) -> list[str]:
    """A sentence for each class folder all of whose files were set aside."""
    lost: Counter[str] = Counter()
    for one in bad:
        folders = one.key.removeprefix(base).split("/")[:-1]
        folders = folders[1:] if folders and split_named(folders[0]) is not None else folders
        if folders and folders[0] not in there and one.key.startswith(base):
            lost[folders[0]] += 1
    return [
        plural(
            "Class {name} has no item: its only file was set aside.",
            "Class {name} has no item: all its {n} files were set aside.",
            n,
        ).format(name=name, n=grouped(n))
        for name, n in lost.items()
    ]


def _empty_folders(root: Root, base: str, splits: set[str], names: Sequence[str]) -> list[str]:
    """One sentence on folders beside those of the classes that hold no file at all."""
    if not isinstance(root, FolderRoot):
        return []
    held = {"/".join(parts[:depth]) for parts in (name.split("/") for name in names) for depth in range(1, len(parts))}
    places = [base, *(f"{base}{split}/" for split in sorted(splits))]
    empty = [
        f"{place}{folder.name}"
        for place in places
        for folder in sorted((root.location / place).iterdir())
        if folder.is_dir()
        and not folder.name.startswith(".")
        and f"{place}{folder.name}" not in held
        and not any(folder.iterdir())
    ]
    if not empty:
        return []
    listed = ", ".join(empty[:_TOLD]) + (" …" if len(empty) > _TOLD else "")
    text = plural("{n} folder is empty, and no class: {names}.", "{n} folders are empty, and no classes: {names}.", len(empty))
    return [text.format(n=grouped(len(empty)), names=listed)]


def _others(names: Sequence[str], files: Sequence[str]) -> list[str]:
    """One sentence on the files that are no items."""
    read = set(files)
    others = [name for name in names if name not in read and posixpath.basename(name).lower() not in _LITTER]
    if not others:
        return []
    listed = ", ".join(others[:_TOLD]) + (" …" if len(others) > _TOLD else "")
    text = plural("{n} other file was not read: {names}.", "{n} other files were not read: {names}.", len(others))
    return [text.format(n=grouped(len(others)), names=listed)]


def is_text_name(name: str) -> bool:
    return name.lower().endswith(".txt")


def _without_strays(names: Sequence[str]) -> Sequence[str]:
    """The files whose folder holds no folder with files: a readme.txt beside the class folders is of no class."""
    above = {"/".join(parts[:depth]) for name in names for parts in [name.split("/")[:-1]] for depth in range(len(parts))}
    return [name for name in names if posixpath.dirname(name) not in above]


def _common_folder(names: Sequence[str]) -> str:
    """The folders that every file lies under and that tell nothing, with a slash behind; "" for none."""
    if not names:
        return ""
    common = posixpath.commonpath([posixpath.dirname(name) for name in names])
    parts = common.split("/") if common else []
    # One folder that holds files itself is their class, not a wrapper around the classes.
    if any(posixpath.dirname(name) == common for name in names):
        parts = parts[:-1]
    for at, part in enumerate(parts):
        if split_named(part) is not None:
            parts = parts[:at]
            break
    return "/".join(parts) + "/" if parts else ""
