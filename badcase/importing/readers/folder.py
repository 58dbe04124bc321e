"""Images or texts in class folders, with train, val and test folders above them or not."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.importing.text_files.encodings import files_notes, read_texts
from badcase.items.file_kinds import begins_like_an_image, head_of, shows_something, unreadable
from badcase.items.images import ending_of
from badcase.items.kinds import SetAside
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


def _contents(root: Root, names: Sequence[str]) -> tuple[list[bytes], dict[str, str]]:
    """The bytes of the files that can be read, and why the others cannot, by name."""
    raws, unread = [], {}
    for name in names:
        try:
            raws.append(root.read(name))
        except OSError as error:
            if is_out_of_memory(error):
                raise
            unread[name] = _("the file cannot be read: {why}").format(why=error.strerror or error)
    return raws, unread


def read_class_folders(root: Root, names: Sequence[str], options: ReadOptions = NOTICED) -> TableRows:
    """Every image of a tree as a row, or else every text file: its path, its class folder, the split folder if there is one.

    What shows something and cannot be read is set aside; what is neither image nor text is told in one sentence.
    """
    files = [name for name in names if _is_picture(root, name)]
    texts = not files
    files = files or [name for name in names if is_text_name(name)]
    base = _common_folder(_without_strays(files) if texts else files)
    kept: list[tuple[str, str, str | None]] = []
    content: list[str] = []
    raws, unread = _contents(root, files if texts else [])
    read = list(read_texts(raws, options.encoding)) if texts else []
    sources = iter(read)
    number: list[int] = []
    bad: list[SetAside] = list(root.problems())
    for at, name in enumerate(files, 1):
        if name in unread:
            bad.append(SetAside(at, name, name, unread[name], _("Check the file and its permissions.")))
            continue
        folders, source = name[len(base) :].split("/")[:-1], next(sources, None)
        split = folders.pop(0) if folders and split_named(folders[0]) is not None else None
        if not folders:
            what, remedy = _("the file is not in a class folder"), _("Move it into the folder of its class.")
            bad.append(SetAside(at, name, name, what, remedy))
            continue
        if not texts and (told := unreadable(name)) is not None:
            bad.append(SetAside(at, name, name, *told))
            continue
        if source is not None:
            try:
                content.append(source.decode(source.text).rstrip("\r\n"))
            except UnicodeDecodeError:
                what = _("a byte that is not {encoding}").format(encoding=source.encoding)
                bad.append(SetAside(at, name, name, what, _("Save the file in one encoding, best UTF-8.")))
                continue
        kept.append((name, folders[0], split))
        number.append(at)
    if not kept:
        raise _nothing_kept(root, bad)
    paths, labels, splits = zip(*kept, strict=True)
    columns = {"file" if texts else "image": pa.array(paths, pa.large_string())}
    columns |= {"text": pa.array(content, pa.large_string())} if texts else {}
    columns |= {"label": pa.array(labels, pa.large_string())}
    columns |= {"split": pa.array(splits, pa.large_string())} if any(splits) else {}
    return TableRows(
        "folder",
        root,
        (SourcePart("", len(files)),),
        pa.table(columns),
        np.asarray(number, np.int64),
        bad,
        details={"base": base},
        key="file" if texts else None,
        notes=(
            *([] if options.encoding else files_notes(files, read)),
            *_lost_classes(base, bad, set(labels)),
            *_empty_folders(root, base, {split for split in splits if split}, names),
            *_others(names, files),
        ),
        joins={} if texts else {"image": JoinedMedia(root, paths)},
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
