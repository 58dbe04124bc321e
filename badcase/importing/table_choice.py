"""Which tables of a folder tell the labels, where several lie there, and why the others do not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped
from badcase.importing.column_roles import has_image_column, label_columns
from badcase.importing.column_values import strings
from badcase.importing.image_layouts import layout_reader
from badcase.importing.labels.label_set_reader import list_columns
from badcase.importing.media.media_columns import with_media
from badcase.importing.media.media_finder import MediaFinder
from badcase.importing.media.path_spellings import split_word
from badcase.importing.read_options import ReadOptions
from badcase.importing.readers import table_reader
from badcase.importing.rows import TableRows, joined
from badcase.items.lfs_pointers import LONGEST, is_pointer, never_fetched
from badcase.items.roots import Root
from badcase.items.splits import split_named
from badcase.out_of_memory import OutOfMemory

_FIRST = ("labels", "metadata", "annotations", "data", "train")
_SHARD = re.compile(r"[-_.]?(part)?[-_.]?(\d{3,}|\d+[-_]of[-_]\d+)$")

Named = Mapping[str, str | None]
Reader = Callable[[Root, str, ReadOptions], TableRows]


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Tables of the same columns that tell labels; `sure` says how plainly their names call the label columns so: 0, 1 or 2."""

    names: tuple[str, ...]
    rows: TableRows
    labels: tuple[str, ...]
    sure: int

    @property
    def title(self) -> str:
        return ", ".join(self.names)

    def count(self) -> int:
        """The rows that have their image, or all rows of texts."""
        return max((one.count() for one in self.rows.joins.values()), default=len(self.rows.table))


@dataclass(frozen=True, slots=True)
class LabelTables:
    """All that tell labels, and for every other table why it does not.

    Attributes:
        errors: What is wrong with those that could not be read.
        unjoined: Those of the others that have a label column by its name, and no column that names the images.
    """

    found: list[LabelTable]
    unused: dict[str, str]
    errors: list[BadcaseError]
    unjoined: list[LabelTable] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """One sentence for each table that was left out."""
        return tuple(_("{name} was left out: {why}.").format(name=name, why=why) for name, why in self.unused.items())


def label_tables(
    root: Root, tables: Sequence[str], finder: MediaFinder, options: ReadOptions, named: Named, *, images: bool
) -> LabelTables:
    """Read every table of a tree (names in it), and find those that tell the labels of images, or of texts where none are."""
    made = LabelTables([], {}, [])
    for group in sorted(_same_columns(tables), key=_preference):
        try:
            rows, left_out = _read_group(root, group, options, named)
        except OutOfMemory:  # says nothing of the table
            raise
        except BadcaseError as error:
            made.errors.append(error)
            made.unused[", ".join(group)] = str(error).removeprefix(f"{error.where}: ")
            continue
        made.unused.update(left_out)
        names = tuple(part.name for part in rows.parts)
        if images:
            rows = with_media(rows, finder, ids=True)
        why, labels, sure = _judged(rows, named, images=images)
        if why:
            made.unused[", ".join(names)] = why
            called, sure = label_columns(rows)
            if images and sure and not any(one.count() for one in rows.joins.values()):
                made.unjoined.append(LabelTable(names, replace(rows, joins={}), tuple(called), sure))
        else:
            made.found.append(LabelTable(names, rows, labels, sure))
    return _distinguished(made)


def the_one(tables: LabelTables, root: Root) -> LabelTable | None:
    """The one that tells the labels; BadcaseError where there are several."""
    if len(tables.found) < 2:
        return tables.found[0] if tables.found else None
    several = [
        _("{name} ({n} of {all} rows)").format(name=one.title, n=grouped(one.count()), all=grouped(len(one.rows.table)))
        for one in tables.found
    ]
    name = tables.found[0].names[0]
    option = f"--data {root.location / name}" + (f" --images {root.location}" if tables.found[0].rows.joins else "")
    hint = (
        _("Name the one that is meant: {option}") if root.location.is_dir() else _("Unpack it, and name the one that is meant.")
    )
    raise BadcaseError(
        _("several tables could tell the labels"),
        where=str(root.location),
        expected=_("one of {names}").format(names=", ".join(several)),
        hint=hint.format(option=option),
    )


def reader_of(root: Root, name: str) -> Reader | None:
    """The reader of a table, or of what tells the labels in a layout of its own; None where a file is neither."""
    if (found := layout_reader(root, name) or table_reader(name, root)) is None:
        return None
    with suppress(OSError):  # told where it is read
        if root.stored(name) <= LONGEST and is_pointer(root.head(name, LONGEST)):
            return _never_fetched
    return found


def _never_fetched(root: Root, name: str, _options: ReadOptions) -> TableRows:
    raise never_fetched(f"{root.location}: {name}")


def _same_columns(tables: Sequence[str]) -> list[list[str]]:
    """Tables that belong together: train, val and test of one folder, one table for each split folder, numbered parts."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name in tables:
        folder, file = posixpath.split(name)
        stem, _point, ending = file.partition(".")
        if split_named(stem) is not None:
            key = (folder, "." + ending)
        elif (word := split_word(stem)) is not None:
            key = (folder, f"{stem[: stem.index(word)]}#.{ending}")
        elif split_named(posixpath.basename(folder)) is not None:
            key = (posixpath.dirname(folder), file)
        elif _SHARD.search(stem):
            key = (folder, f"{_SHARD.sub('#', stem)}.{ending}")
        else:
            key = ("", name)
        groups.setdefault(key, []).append(name)
    return list(groups.values())


def _preference(group: Sequence[str]) -> tuple[int, str]:
    stem = posixpath.basename(group[0]).split(".", 1)[0].lower()
    return (_FIRST.index(stem) if stem in _FIRST else len(_FIRST) - (len(group) > 1), group[0])


def _read_group(root: Root, names: Sequence[str], options: ReadOptions, named: Named) -> tuple[TableRows, dict[str, str]]:
    parts, splits = [], []
    for name in names:
        reader = reader_of(root, name)
        assert reader is not None
        parts.append(reader(root, name, options))
        folder, file = posixpath.split(name)
        words = (split_word(file.split(".", 1)[0]), posixpath.basename(folder))
        splits.append(next((word for word in words if word and split_named(word) is not None), None))
    parts = _named_alike(root, names, parts, options)
    left_out = unlabelled(parts, named)
    kept = [at for at in range(len(parts)) if at not in left_out]
    told = {names[at]: why for at, why in left_out.items()}
    if len(kept) == 1 and left_out:
        splits[kept[0]] = None  # the only part that is left is no split of its own
    if len(kept) == 1 and splits[kept[0]] is None:
        return parts[kept[0]], told
    return (joined([parts[at] for at in kept], [splits[at] for at in kept]) if len(parts) > 1 else parts[0]), told


def _named_alike(root: Root, names: Sequence[str], parts: list[TableRows], options: ReadOptions) -> list[TableRows]:
    """The tables, of which those without a header are read again with the column names of one that has it, of as many columns."""
    how = [part.details.get("tables", {}).get(name, {}) for name, part in zip(names, parts, strict=True)]
    headed = [at for at, one in enumerate(how) if one.get("header")]
    if not headed or options.tables:
        return parts
    columns = parts[headed[0]].table.column_names
    for at, one in enumerate(how):
        if one.get("header") is not False or len(parts[at].table.column_names) != len(columns):
            continue
        settled = replace(options, tables={names[at]: {**one, "columns": columns}})
        said = _("{name} has no header: its columns are called as those of {other}.").format(
            name=names[at], other=names[headed[0]]
        )
        reader = reader_of(root, names[at])
        assert reader is not None
        again = reader(root, names[at], settled)
        tables = {names[at]: {**again.details["tables"][names[at]], "columns": columns}}
        parts[at] = replace(again, details={**again.details, "tables": tables}, notes=(*again.notes, said))
    return parts


def unlabelled(parts: Sequence[TableRows], named: Named) -> dict[int, str]:
    """The parts (their places) that have no label where another has, and why: the rows that a contest wants predicted."""
    if len(parts) < 2:
        return {}
    wanted = named.get("label")
    common = set.intersection(*(set(part.table.column_names) for part in parts))
    extra: list[str] = [wanted] if wanted else []
    for part in parts if not wanted else ():
        by_name, sure = label_columns(part)
        extra += [name for name in by_name if name not in extra and (name not in common or sure > 0)]
    extra = [name for name in extra if name not in common] or extra
    found = {at: _without_labels(part, extra) for at, part in enumerate(parts)} if extra else {}
    left_out = {at: why for at, why in found.items() if why}
    return left_out if len(left_out) < len(parts) else {}


def _without_labels(part: TableRows, labels: Sequence[str]) -> str:
    there = [name for name in labels if name in part.table.column_names]
    if not there:
        return _("it has no column {column}").format(column=labels[0])
    if len(part.table) and all(set(strings(part.table[name])) <= {None, "", "-1"} for name in there):
        return _("its column {column} is empty").format(column=there[0])
    return ""


def _judged(rows: TableRows, named: Named, *, images: bool) -> tuple[str, tuple[str, ...], int]:
    """Why a table tells no labels ("" where it does), its label columns, and how plainly they are called so."""
    for role in ("label", "image", "text"):
        column = named.get(role)
        if column and column not in rows.table.column_names:
            columns = ", ".join(rows.table.column_names)
            return _("it has no column {column} among {columns}").format(column=column, columns=columns), (), 0
    if images and not named.get("text"):
        found = max((one.count() for one in rows.joins.values()), default=0)
        if named.get("image"):
            found = 1  # whoever names the column is told of each file that is missing
        elif not has_image_column(rows):
            return _("no column of it names the images"), (), 0
        if rows.joins and not found:
            column = next(iter(rows.joins))
            return _("none of the {n} files in its column {column} is here").format(n=len(rows.table), column=column), (), 0
    image = named.get("image") or next(iter(rows.joins), None)
    labels, sure = label_columns(rows, image)
    if not labels and (labels := list_columns(rows)):
        sure = 1
    if not labels and not named.get("label"):
        return _("no column of it can be the label"), (), 0
    said = named.get("label")
    return ("", (said,), 2) if said else ("", tuple(labels), sure)


def _distinguished(tables: LabelTables) -> LabelTables:
    """Without samples of what a contest wants to be sent, what another table says too, and what is less plainly a label."""
    found: list[LabelTable] = []
    plainest = max((one.sure for one in tables.found), default=0)
    best = max((one for one in tables.found if one.sure == plainest), key=LabelTable.count, default=None)
    for one in tables.found:
        stem = posixpath.basename(one.names[0]).lower()
        if len(tables.found) > 1 and "submission" in stem:
            tables.unused[one.title] = _("its name says that it shows how predictions are sent in")
        elif (other := next((other for other in found if _says_the_same(one.rows, other.rows)), None)) is not None:
            tables.unused[one.title] = _("it says the same as {name}").format(name=other.title)
        elif best is not None and one.sure < plainest and one.count() <= best.count():
            why = _("{name} tells the labels more plainly; name the other with --data to take it")
            tables.unused[one.title] = why.format(name=best.title)
        else:
            found.append(one)
    return replace(tables, found=found or tables.found)


def _says_the_same(one: TableRows, other: TableRows) -> bool:
    names = one.table.column_names
    if names != other.table.column_names or len(one.table) != len(other.table):
        return False
    return all(str(one.table[name].type) and strings(one.table[name]) == strings(other.table[name]) for name in names)
