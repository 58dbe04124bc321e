"""The door to the readers: a quick look at a data set, and its import into a project folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.column_roles import ROLES, ColumnRoles, RoleChoice
from badcase.importing.column_values import is_embedded_image, strings
from badcase.importing.content import Contents, gather_images, gather_texts, small_picture
from badcase.importing.gathered import Gathered, together
from badcase.importing.keys import row_keys, set_aside_row, usable_rows
from badcase.importing.labels.label_set_reader import list_columns, read_label_sets
from badcase.importing.labels.labelling import Labelling, read_labels
from badcase.importing.labels.one_hot import OneHot, choose_with_one_hot
from badcase.importing.labels.one_hot_reader import read_one_hot
from badcase.importing.locate import read_rows
from badcase.importing.media.media_columns import names_in, with_named
from badcase.importing.media.media_finder import MediaFinder
from badcase.importing.pool import read_pool
from badcase.importing.read_options import ReadOptions
from badcase.importing.rows import TableRows
from badcase.importing.set_aside import lost_classes, set_aside_sentences
from badcase.importing.times import row_times
from badcase.importing.writing import item_table, source_of, write_items
from badcase.items.a_few import a_few_of_each
from badcase.items.images import is_inline_image
from badcase.items.kinds import UNLABELLED, Kind, SetAside, Split
from badcase.items.label_sets import set_matrix
from badcase.items.source import Source
from badcase.items.splits import make_splits
from badcase.items.twins.image_twins import image_twins
from badcase.items.twins.text_twins import text_twins
from badcase.multilabel_matrix import rarest_label
from badcase.progress import Job, Progress

_SAMPLE = 20
_UNSEEN = 5  # classes without a training item that are named


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the preview, as the data set wrote it."""

    key: str
    content: str
    label: str
    split: str
    picture: bytes | None = None  # a small PNG, where it was asked for and can be made


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a quick look found.

    `choices` holds, for each role that is open, the columns to choose from; `others`, for a role that has its column, those
    that could have it instead.
    """

    data: str
    format: str
    kind: Kind | None
    columns: ColumnRoles
    choices: dict[str, list[str]]
    count: int
    classes: tuple[str, ...]
    samples: list[Sample]
    sentences: list[str]
    others: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made; the items themselves are in items.arrow, marked with `identity`. gold (n,) bool."""

    classes: tuple[str, ...]
    source: Source
    set_aside: list[SetAside]
    kind: Kind
    n: int
    identity: str
    gold: npt.NDArray[np.bool_]
    notes: list[str]


def understand(data: str | Path, *, task: str = "multiclass", pictures: int = 0, **how: Any) -> Understanding:
    """Look at a data set, import nothing.

    Args:
        data: What `read_rows` takes.
        task: "multilabel" where an item may have any number of labels.
        pictures: How many pixels a side at most the pictures of the first images have; 0 for none.
        **how: Columns for the roles text, image, label, split, key, group, time, and what `ReadOptions` has; what is not
            said is noticed. `label` may be several columns, each of which says yes or no of one label.
    """
    options, named = _said(how)
    rows, choice, one_hot = _read(data, options, named, task)
    columns = choice.columns
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    if columns.label is not None:
        labelling = labelling_of(rows, columns, task, options, one_hot)
        classes, notes = _named(labelling), labelling.notes
    keys = row_keys(rows, columns)[0]
    head = rows.table.slice(0, _SAMPLE)
    contents, labels, splits = (
        _shown(head, name) for name in (columns.image or columns.text, columns.names or columns.label, columns.split)
    )
    return Understanding(
        data=str(data),
        format=rows.format,
        kind=_kind(columns),
        columns=columns,
        choices={role: list(names) for role, names in choice.open.items()},
        count=len(rows.table),
        classes=classes,
        samples=[
            Sample(keys[at] or "", content, label, split, small_picture(rows, columns, at, pictures))
            for at, (content, label, split) in enumerate(zip(contents, labels, splits, strict=True))
        ],
        sentences=[*_sentences(rows, choice, classes), *notes],
        others={role: list(names) for role, names in choice.others.items()},
    )


def import_items(
    data: str | Path,
    into: Path,
    *,
    unlabelled: Sequence[str | Path] = (),
    seed: int = 0,
    task: str = "multiclass",
    few: bool = False,
    **how: Any,
) -> Job[Imported]:
    """Import a data set: write items.arrow whole, and embedded images to media.

    One bad item is set aside and never stops the import.

    Args:
        data: What `read_rows` takes.
        into: The folder that gets items.arrow and media.
        unlabelled: Places of more items, without a label, as for `read_pool`.
        seed: Decides the splits that the data set lacks, and gold.
        task: "multilabel" where an item may have any number of labels.
        few: Only a few items of every class, to look at the data with a model.
        **how: As for `understand`.

    Raises:
        BadcaseError: Where the data set as a whole has no single reading, fewer than two classes, or nothing usable.
    """
    options, named = _said(how)
    yield Progress(_("Reading"))
    rows, choice, one_hot = _read(data, options, named, task)
    _settled(choice, rows.table, rows.notes)
    columns = choice.columns
    labelling = labelling_of(rows, columns, task, options, one_hot)
    main = yield from _gathered(rows, columns, labelling, into / "media", few=few)
    places, kind = [main], Kind.IMAGE if columns.image else Kind.TEXT
    for place in unlabelled:
        known = {known for one in places for known in zip(one.keys, one.found.fingerprints, strict=True)}
        places.append((yield from read_pool(place, kind, columns, options, known, into / "media")))
    yield Progress(_("Looking for duplicates"))
    found = together(places)
    twins = text_twins(found.content) if found.seen is None else image_twins(found.fingerprints, found.seen["thumb"])
    more = len(twins) - len(main.keys)
    groups = _codes(rows, columns.group, main.found, more)
    time = None if columns.time is None else np.append(row_times(rows, columns.time)[main.found.rows], [np.nan] * more)
    written = None if columns.split is None else [_split(value) for value in _at(rows, columns.split, main.found)]
    given = np.concatenate([one.given for one in places])
    rng = np.random.default_rng(seed)
    splits = make_splits(written and [*written, *[None] * more], _strata(labelling, given), twins, groups, time, rng)
    yield Progress(_("Writing"))
    table = item_table(places, splits.split, twins, groups, time)
    set_aside = sorted([*rows.bad, *(bad for one in places for bad in one.bad)], key=lambda item: item.row)
    return Imported(
        classes=labelling.classes,
        source=source_of(rows, columns, labelling, options),
        set_aside=set_aside,
        kind=kind,
        n=len(table),
        identity=write_items(table, into, places),
        gold=splits.gold,
        notes=[
            *_sentences(rows, choice, _named(labelling)),
            *labelling.notes,
            *(note for one in places for note in one.notes),
            *splits.notes,
            *_unseen(labelling, given, splits.split),
            *_unlabelled(given),
            *_remarks(found, twins),
            *set_aside_sentences(set_aside),
            *lost_classes(labelling, given),
        ],
    )


def _gathered(rows: TableRows, columns: ColumnRoles, labelling: Labelling, media: Path, *, few: bool) -> Job[Gathered]:
    """The items of the labelled data; BadcaseError where not one row can be used."""
    keys, notes = row_keys(rows, columns)
    usable, bad = usable_rows(rows, keys, labelling, columns)
    if few:
        usable = [usable[at] for at in a_few_of_each(labelling.given[usable], len(labelling.classes))] if usable else []
    if columns.image is not None:
        found = yield from gather_images(rows, columns, usable, media)
    else:
        found = gather_texts(rows, columns.text or "", usable)
    bad += [set_aside_row(rows, keys, at, error) for at, error in found.bad]
    if not found.rows:
        first = min(bad, key=lambda item: item.row, default=None)
        raise BadcaseError(
            _("the data set has no usable item"),
            where=first.where if first else rows.where(1),
            got=first.what if first else "",
            hint=first.remedy if first else "",
        )
    return Gathered(rows, columns, found, [keys[at] or "" for at in found.rows], labelling.given[found.rows], bad, notes)


_READERS: dict[str, Callable[[TableRows, ColumnRoles, ReadOptions], Labelling]] = {
    "multiclass": read_labels,
    "multilabel": read_label_sets,
}
TASKS = tuple(_READERS)


def _read(
    data: str | Path, options: ReadOptions, named: Mapping[str, Any], task: str
) -> tuple[TableRows, RoleChoice, OneHot | None]:
    """The rows with the files that their image column names, the columns of all roles, and those that are a label each."""
    rows = read_rows(data, options, _one_each(named))
    if task == "multiclass" and rows.details.get("several") and not named.get("label"):
        raise BadcaseError(
            _("items have several labels each"),
            where=rows.parts[0].name,
            got=_("{n} of {all} rows").format(n=rows.details["several"], all=len(rows.table)),
            hint=_("Read them as such: --task multilabel."),
        )
    rows, choice, one_hot = choose_with_one_hot(rows, _with_list(rows, named, task), task)
    return with_named(rows, choice.columns.image, MediaFinder(rows.root, options.images)), choice, one_hot


def _one_each(named: Mapping[str, Any]) -> dict[str, str | None]:
    """The named columns, of several that are a label each the first: it tells which table is meant as well as all."""
    label = named.get("label")
    label = label if isinstance(label, str) or not label else label[0]
    return {**named, "label": label.split(",")[0].strip() if label else None}


def read_again(source: Source, place: Path, task: str) -> tuple[TableRows, ColumnRoles, OneHot | None]:
    """The rows of a source as they are now, read as at the import, with the files that they name.

    Args:
        source: What the import found.
        place: Where the source is.
        task: That of the project.

    Returns:
        The rows, the columns of all roles, and those that are a label each, where such are taken together.

    Raises:
        BadcaseError: Where there is nothing that can be read, or a column is gone.
    """
    options = ReadOptions.settled(source)
    named: dict[str, Any] = {role: source.columns.get(role) for role in ROLES}
    together = named["label"] not in source.written
    named["label"] = list(source.written) if together else named["label"]
    rows = read_rows(place, options, _one_each(named))
    read = {name for role, name in source.columns.items() if name and role != "label"}
    for name in sorted(read | set(source.written)):
        if name not in rows.table.column_names:
            raise BadcaseError(
                _("the source has changed since the import: a column is gone"),
                where=str(place),
                expected=name,
                got=", ".join(rows.table.column_names),
                hint=_("Name it as it was, or export to another format."),
            )
    columns, one_hot = ColumnRoles(**source.columns), None
    if together:
        rows, choice, one_hot = choose_with_one_hot(rows, named, task)
        columns = choice.columns
    return with_named(rows, columns.image, MediaFinder(rows.root, options.images)), columns, one_hot


def labelling_of(
    rows: TableRows, columns: ColumnRoles, task: str, options: ReadOptions, one_hot: OneHot | None = None
) -> Labelling:
    """The classes of rows and the given label of each."""
    return _READERS[task](rows, columns, options) if one_hot is None else read_one_hot(rows, one_hot, task)


def _said(how: Mapping[str, Any]) -> tuple[ReadOptions, dict[str, Any]]:
    """What a person said of the form of the data, and of its columns."""
    options = tuple(ReadOptions.__dataclass_fields__)
    columns = {name: value for name, value in how.items() if name not in options}
    if wrong := [name for name in columns if name not in ROLES]:
        raise BadcaseError(_("there is no such option"), where=wrong[0], expected=", ".join((*ROLES, *options)))
    return ReadOptions.of(how), columns


def _named(labelling: Labelling) -> tuple[str, ...]:
    """The classes, or the labels that sets are made of."""
    return labelling.classes if labelling.several is None else tuple(labelling.several.names)


def _with_list(rows: TableRows, named: Mapping[str, Any], task: str) -> Mapping[str, Any]:
    """Where nobody named the label column, the only one that holds lists is it."""
    lists = list_columns(rows) if task == "multilabel" and not named.get("label") else []
    return {**named, "label": lists[0]} if len(lists) == 1 else named


def _strata(labelling: Labelling, given: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """What splits are drawn evenly from: classes; of sets of labels, many of which are rare, the rarest label; -1 of no label."""
    if labelling.several is None:
        return given
    matrix = set_matrix(labelling.several.names, labelling.classes)[given]
    return np.where(given == UNLABELLED, UNLABELLED, rarest_label(matrix)).astype(np.int32)


def _unseen(labelling: Labelling, given: npt.NDArray[np.int32], split: npt.NDArray[np.int8]) -> list[str]:
    """What there is to say of labels that no training item has."""
    names = _named(labelling)
    has = np.eye(len(names), dtype=np.bool_) if labelling.several is None else set_matrix(names, labelling.classes)
    labelled = given != UNLABELLED
    everywhere, trained = (has[np.unique(given[part])].any(0) for part in (labelled, labelled & (split == Split.TRAIN)))
    only = np.flatnonzero(everywhere & ~trained)
    if not len(only) or not (split == Split.TRAIN).any():
        return []
    said = ", ".join(names[at] for at in only[:_UNSEEN]) + ", ..." * (len(only) > _UNSEEN)
    text = plural(
        "{n} class has no training item, only validation or test items: {names}.",
        "{n} classes have no training item, only validation or test items: {names}.",
        len(only),
    )
    return [text.format(n=grouped(len(only)), names=said)]


def _unlabelled(given: npt.NDArray[np.int32]) -> list[str]:
    """What there is to say of items without a label."""
    n = int((given == UNLABELLED).sum())
    text = plural(
        "{n} item has no label yet: `badcase rank PROJECT --queue label` lists what to label first.",
        "{n} items have no label yet: `badcase rank PROJECT --queue label` lists what to label first.",
        n,
    )
    return [text.format(n=grouped(n))] if n else []


def _settled(choice: RoleChoice, table: pa.Table, notes: Sequence[str]) -> None:
    """Refuse an import while a role has several readings; the notes say what the columns were taken for."""
    for role, names in choice.open.items():
        if not names:
            raise BadcaseError(
                _("no column can be the {role}").format(role=role),
                expected=_("a column of texts, of the names of images, or of images themselves"),
                got=", ".join(f"{field.name} ({field.type})" for field in table.schema),
                hint=" ".join([_("Write it in one of these forms."), *([choice.hint] if choice.hint else []), *notes]),
            )
        if {"image", "text"} <= set(choice.open):
            what = _("the data could be images or texts")
        else:
            what = _("it is not clear which column is the {role}").format(role=role)
        options = _(" or ").join(f"--{other} COLUMN" for other in choice.open)
        raise BadcaseError(
            what,
            where=role,
            expected=_("one of {names}").format(names=", ".join(names)),
            hint=" ".join(
                [_("Name it with {options}.").format(options=options), *([choice.hint] if choice.hint else []), *notes]
            ),
        )


def _kind(columns: ColumnRoles) -> Kind | None:
    if columns.image is not None:
        return Kind.IMAGE
    return Kind.TEXT if columns.text is not None else None


def _sentences(rows: TableRows, choice: RoleChoice, classes: Sequence[str]) -> list[str]:
    n = len(rows.table)
    what = {
        Kind.IMAGE: plural("{n} image", "{n} images", n),
        Kind.TEXT: plural("{n} text", "{n} texts", n),
        None: plural("{n} row", "{n} rows", n),
    }[_kind(choice.columns)].format(n=grouped(n))
    names = ", ".join(part.name for part in rows.parts if part.name)
    place = names if rows.lone else rows.root.location.name
    found = _("Found {what} in {place} ({tables}).") if names and not rows.lone else _("Found {what} in {place}.")
    sentences = [found.format(what=what, place=place, tables=names), *rows.notes, *choice.sentences]
    if classes:
        sentences.append(plural("{n} class.", "{n} classes.", len(classes)).format(n=grouped(len(classes))))
    return sentences


def _shown(table: pa.Table, column: str | None) -> list[str]:
    if column is None or is_embedded_image(table[column]):
        return [""] * len(table)
    return ["" if value is None or is_inline_image(value) else value for value in names_in(table[column])]


def _at(rows: TableRows, column: str, found: Contents) -> list[str | None]:
    return strings(rows.table[column].take(pa.array(found.rows, pa.int64())))


def _split(value: str | None) -> str | None:
    return value if value and value.strip() else None


def _codes(rows: TableRows, column: str | None, found: Contents, more: int) -> npt.NDArray[np.int64] | None:
    """(n + more,) group ids; a row without a group is a group of its own, and so is each of the items that come behind."""
    if column is None:
        return None
    code: dict[str, int] = {}
    values = [value if value else f"\0{at}" for at, value in enumerate(_at(rows, column, found))]
    ids = [code.setdefault(value, len(code)) for value in values]
    return np.array([*ids, *range(len(code), len(code) + more)], np.int64)


def _remarks(found: Contents, twins: npt.NDArray[np.int64]) -> list[str]:
    remarks = []
    animated = 0 if found.seen is None else int(found.seen["animated"].sum())
    if animated:
        text = plural(
            "{n} image is animated: its first frame is used.", "{n} images are animated: the first frame is used.", animated
        )
        remarks.append(text.format(n=grouped(animated)))
    again = int((twins != np.arange(len(twins))).sum())
    if again:
        remarks.append(
            plural("{n} item is a duplicate of another.", "{n} items are duplicates of others.", again).format(n=grouped(again))
        )
    return remarks
