"""Lists of images and their labels, one a line, as ImageNet tools, MMPretrain and CVAT write them: "images/0.jpg 3".

The names of the classes stand in a file beside the list or above it, one a line. Source:
https://mmpretrain.readthedocs.io/en/latest/user_guides/dataset_prepare.html#customdataset
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace

import numpy as np

from badcase.i18n import _
from badcase.importing.image_layouts.labelled_files import LABEL, LABELS, labelled_files
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.importing.text_files.encodings import read_text
from badcase.items.images import HEIF, SUFFIXES
from badcase.items.kinds import SetAside
from badcase.items.roots import Root

CLASS_FILES = ("synsets.txt", "classes.txt", "class_names.txt", "labels.txt", "categories.txt", "names.txt", "classnames.txt")
_ENDINGS = "|".join(re.escape(ending[1:]) for ending in sorted(SUFFIXES | HEIF))
_LINE = re.compile(rf"\s*(?P<file>[^\t]*?\.(?:{_ENDINGS}))(?:[ \t]+|[ \t]*[,;][ \t]*)(?P<labels>\S(?:.*\S)?)\s*", re.IGNORECASE)
_LOOKED_AT = 200  # lines that tell what a file is
_MOST = 0.9  # share of them that are a file and a label


@dataclass(frozen=True, slots=True)
class ListedImage:
    """One line: the file, its labels as they are written, and where these stand in the text."""

    file: str
    labels: tuple[str, ...]
    start: int
    end: int


def is_image_list(root: Root, name: str) -> bool:
    """Whether most lines of a text file are the name of an image and a label."""
    if posixpath.basename(name).lower() in CLASS_FILES:
        return False
    try:
        head = root.head(name, 200_000).decode("utf-8", "replace").splitlines()[:_LOOKED_AT]
    except OSError:
        return False
    lines = [line for line in head if _counts(line)]
    return bool(lines) and sum(_LINE.fullmatch(line) is not None for line in lines) >= _MOST * len(lines)


def read_image_list(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """One row a line; numbers are places in the file of class names, where there is one."""
    source = read_text(root.read(name), options.encoding)
    lines = listed_images(source.text)
    found = [(row, line) for row, line in enumerate(lines, 1) if line is not None]
    names, said = class_names(root, name)
    labels = [[source.decode(label) for label in line.labels] for _row, line in found]
    named = bool(names) and all(label.isdecimal() and int(label) < len(names) for one in labels for label in one)
    rows = labelled_files("list", root, name, [source.decode(line.file) for _row, line in found], labels, {})
    what, remedy = _("the line is not the name of an image and a label"), _("Mend or remove this line.")
    bad = [
        SetAside(row, str(row), _("{name}, row {row}").format(name=name, row=row), what, remedy)
        for row, line in enumerate(lines, 1)
        if line is None
    ]
    note = _("Class names of {name} from {classes}.").format(name=name, classes=said)
    return replace(
        rows,
        parts=(replace(rows.parts[0], rows=len(lines)),),
        number=np.asarray([row for row, _line in found], np.int64),
        bad=bad,
        class_names=dict.fromkeys((LABEL, LABELS), names) if named else {},
        notes=(*rows.notes, *([note] if named else [])),
    )


def listed_images(text: str) -> list[ListedImage | None]:
    """Every line that counts, in order; None for one that is something else."""
    made: list[ListedImage | None] = []
    at = 0
    for line in text.splitlines(keepends=True):
        if _counts(line):
            match = _LINE.fullmatch(line)
            if match is None:
                made.append(None)
            else:
                labels = match["labels"]
                numbers = labels.replace(",", " ").split()
                several = tuple(numbers) if all(one.lstrip("-").isdecimal() for one in numbers) else (labels,)
                made.append(ListedImage(match["file"], several, at + match.start("labels"), at + match.end("labels")))
        at += len(line)
    return made


def class_names(root: Root, name: str) -> tuple[list[str], str]:
    """The class names that belong to a list, and the file that has them; none where there is no such file."""
    folder = posixpath.dirname(name)
    for place in dict.fromkeys((folder, posixpath.dirname(folder), posixpath.join(folder, "meta"))):
        for file in CLASS_FILES:
            beside = posixpath.join(place, file)
            if root.has(beside):
                source = read_text(root.read(beside))
                lines = [source.decode(line).strip() for line in source.text.splitlines()]
                return [line for line in lines if line], beside
    return [], ""


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
