"""The door to the readers: a quick look at a data set, and its import into a project folder."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.files import write_whole
from badcase.items.columns import ROLES, Choice, Columns, choose_columns, is_embedded_image, strings
from badcase.items.content import Contents, gather_images, gather_texts
from badcase.items.items import EXTRA, FILE, META
from badcase.items.kinds import Kind, SetAside
from badcase.items.labels import Labelling, read_labels
from badcase.items.locate import read_rows
from badcase.items.rows import Rows
from badcase.items.splits import Splits, make_splits
from badcase.items.twins import image_twins, text_twins
from badcase.language import _, plural
from badcase.progress import Job, Progress

_SAMPLE = 20
_TWIN_KEYS = 0.5  # share of repeated keys above which a column is no key at all


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the preview, as the data set wrote it."""

    key: str
    content: str
    label: str
    split: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a quick look found. `choices` holds, for each role that is open, the columns to choose from."""

    data: str
    format: str
    kind: Kind | None
    columns: Columns
    choices: dict[str, list[str]]
    count: int
    classes: tuple[str, ...]
    samples: list[Sample]
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made; the items themselves are in items.arrow. gold (n,) bool."""

    classes: tuple[str, ...]
    source: dict[str, Any]
    set_aside: list[SetAside]
    kind: Kind
    n: int
    gold: npt.NDArray[np.bool_]
    notes: list[str]


def understand(data: str | Path, **named: str | None) -> Understanding:
    """Look at a data set and import nothing. named: columns for the roles text, image, label, split, key, group, time."""
    rows = read_rows(data)
    choice = choose_columns(rows, named)
    columns = choice.columns
    classes: tuple[str, ...] = ()
    if columns.label is not None:
        classes = read_labels(rows, columns).classes
    keys = _keys(rows, columns)[0]
    head = rows.table.slice(0, _SAMPLE)
    shown = [_shown(head, name) for name in (columns.image or columns.text, columns.label, columns.split)]
    return Understanding(
        data=str(data),
        format=rows.format,
        kind=_kind(columns),
        columns=columns,
        choices={role: list(names) for role, names in choice.open.items()},
        count=len(rows.table),
        classes=classes,
        samples=[Sample(keys[at] or "", *row) for at, row in enumerate(zip(*shown, strict=True))],
        sentences=_sentences(rows, choice, classes),
    )


def import_items(data: str | Path, into: Path, *, seed: int = 0, **named: str | None) -> Job[Imported]:
    """Import a data set: write `into`/items.arrow whole, and embedded images to `into`/media.

    named as for `understand`. One bad item is set aside and never stops the import; BadcaseError where the data set as
    a whole has no single reading, fewer than two classes, or nothing usable.
    """
    yield Progress(_("Reading"))
    rows = read_rows(data)
    choice = choose_columns(rows, named)
    _settled(choice)
    columns = choice.columns
    labelling = read_labels(rows, columns)
    keys, notes = _keys(rows, columns)
    usable, bad = _usable(rows, keys, labelling, columns)
    if columns.image is not None:
        found = yield from gather_images(rows, columns, usable, into / "media")
    else:
        found = gather_texts(rows, columns.text or "", usable)
    bad += [_aside(rows, keys, at, error) for at, error in found.bad]
    if not found.rows:
        first = min(bad, key=lambda item: item.row, default=None)
        raise BadcaseError(
            _("no item of the data can be used"),
            where=first.where if first else str(data),
            got=first.what if first else "",
            hint=first.remedy if first else "",
        )
    yield Progress(_("Looking for duplicates"))
    twins = image_twins(found.fingerprints, found.thumbs()) if columns.image else text_twins(found.content)
    groups = _codes(rows, columns.group, found)
    time = None if columns.time is None else _times(rows, columns.time)[found.rows]
    written = None if columns.split is None else [_split(value) for value in _at(rows, columns.split, found)]
    given = labelling.given[found.rows]
    splits = make_splits(written, given, twins, groups, time, np.random.default_rng(seed))
    yield Progress(_("Writing"))
    table = _table(rows, columns, found, [keys[at] for at in found.rows], given, splits, twins, groups, time)
    embedded = columns.image is not None and is_embedded_image(rows.table[columns.image])
    _write(table, into, columns, rows, embedded=embedded)
    set_aside = sorted([*rows.bad, *bad], key=lambda item: item.row)
    return Imported(
        classes=labelling.classes,
        source=_source(rows, columns, labelling),
        set_aside=set_aside,
        kind=Kind.IMAGE if columns.image else Kind.TEXT,
        n=len(table),
        gold=splits.gold,
        notes=[*_sentences(rows, choice, labelling.classes), *notes, *splits.notes, *_remarks(found, twins, set_aside)],
    )


def _settled(choice: Choice) -> None:
    """Refuse an import while a role has several readings."""
    for role, names in choice.open.items():
        if {"image", "text"} <= set(choice.open):
            what = _("the data could be images or texts")
        elif len(names) > 1:
            what = _("several columns could be the {role}").format(role=role)
        else:
            what = _("no column is clearly the {role}").format(role=role)
        raise BadcaseError(
            what, where=role, expected=_("one of {names}").format(names=", ".join(names)),
            hint=_("Name it with {options}.").format(options=_(" or ").join(f"--{open} COLUMN" for open in choice.open)),
        )  # fmt: skip


def _kind(columns: Columns) -> Kind | None:
    if columns.image is not None:
        return Kind.IMAGE
    return Kind.TEXT if columns.text is not None else None


def _sentences(rows: Rows, choice: Choice, classes: Sequence[str]) -> list[str]:
    n = len(rows.table)
    what = {
        Kind.IMAGE: plural("{n} image", "{n} images", n),
        Kind.TEXT: plural("{n} text", "{n} texts", n),
        None: plural("{n} row", "{n} rows", n),
    }[_kind(choice.columns)].format(n=n)
    names = ", ".join(part.name for part in rows.parts if part.name)
    place = rows.root.location.name
    found = _("Found {what} in {place} ({tables}).") if names and names != place else _("Found {what} in {place}.")
    sentences = [found.format(what=what, place=place, tables=names), *choice.sentences]
    if classes:
        sentences.append(plural("{n} class.", "{n} classes.", len(classes)).format(n=len(classes)))
    return sentences


def _shown(table: pa.Table, column: str | None) -> list[str]:
    if column is None or is_embedded_image(table[column]):
        return [""] * len(table)
    return [value or "" for value in strings(table[column])]


def _keys(rows: Rows, columns: Columns) -> tuple[list[str | None], list[str]]:
    """The key of every table row, and what there is to say about the choice."""
    table = rows.table
    by_row = [str(number) for number in rows.number]
    column = columns.key
    if column is None and columns.image is not None:
        if not is_embedded_image(table[columns.image]):
            return strings(table[columns.image]), []
        if pa.types.is_struct(table[columns.image].type):
            paths = strings(pa.chunked_array([chunk.field("path") for chunk in table[columns.image].chunks]))
            if None not in paths and len(set(paths)) == len(paths):
                return paths, []
    if column is None and "id" in table.column_names and "id" not in (columns.text, columns.label, columns.names):
        column = "id"
    if column is None:
        return by_row, []
    keys = strings(table[column])
    if len(set(keys)) >= len(keys) * (1 - _TWIN_KEYS):
        return keys, []
    if columns.key is None:
        return by_row, [_("The column id repeats itself, so the row number is the key.")]
    seen: set[str | None] = set()
    at = next(at for at, key in enumerate(keys) if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    raise BadcaseError(
        _("most keys are there more than once"),
        where=rows.where(int(rows.number[at])),
        expected=_("unique keys in {column}").format(column=column),
        got=keys[at],
        hint=_("Name another column with --key."),
    )


def _usable(
    rows: Rows, keys: Sequence[str | None], labelling: Labelling, columns: Columns
) -> tuple[list[int], list[SetAside]]:
    """The table rows with a key of their own and a known label; the others set aside."""
    usable: list[int] = []
    bad: list[SetAside] = []
    first: dict[str, int] = {}
    for at, key in enumerate(keys):
        if key is None or not key.strip():
            error = BadcaseError(_("the key is missing"), hint=_("Fill it in, or name another column with --key."))
        elif first.setdefault(key, at) != at:
            place = rows.where(int(rows.number[first[key]]))
            error = BadcaseError(
                _("the key {key} is there already ({place})").format(key=key, place=place),
                hint=_("Keep one of the two rows, or name another column with --key."),
            )
        elif labelling.given[at] < 0:
            what = _("unknown label") if labelling.raw[at] else _("no label")
            error = BadcaseError(what, got=labelling.raw[at] or "", hint=_("Fill in the label, or remove the row."))
        else:
            usable.append(at)
            continue
        bad.append(_aside(rows, keys, at, error))
    return usable, bad


def _aside(rows: Rows, keys: Sequence[str | None], at: int, error: BadcaseError) -> SetAside:
    number = int(rows.number[at])
    return SetAside(number, keys[at] or "", rows.where(number), str(error), error.hint)


def _at(rows: Rows, column: str, found: Contents) -> list[str | None]:
    return strings(rows.table[column].take(pa.array(found.rows, pa.int64())))


def _split(value: str | None) -> str | None:
    return value if value and value.strip() else None


def _codes(rows: Rows, column: str | None, found: Contents) -> npt.NDArray[np.int64] | None:
    """(n,) group ids; a row without a group is a group of its own."""
    if column is None:
        return None
    code: dict[str, int] = {}
    values = [value if value else f"\0{at}" for at, value in enumerate(_at(rows, column, found))]
    return np.array([code.setdefault(value, len(code)) for value in values], np.int64)


def _times(rows: Rows, column: str) -> npt.NDArray[np.float64]:
    """(rows,) sortable times: numbers as they are, dates in seconds, NaN where there is none."""
    values = rows.table[column].to_pylist()
    times = np.fromiter(map(_time, values), np.float64, len(values))
    if np.isnan(times).mean() > 0.5:
        raise BadcaseError(
            _("most values of the time column are no times"),
            where=column,
            expected=_("numbers or dates such as 2024-05-01 12:30"),
            got=next((value for value, time in zip(values, times, strict=True) if np.isnan(time)), ""),
            hint=_("Name another column with --time."),
        )
    return times


def _time(value: object) -> float:
    try:
        if isinstance(value, str):
            value = (
                float(value) if value.strip().replace(".", "", 1).isdecimal() else datetime.fromisoformat(value.strip())
            )
        if isinstance(value, datetime):
            return (value.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
        return float(datetime.fromisoformat(str(value)).timestamp() if hasattr(value, "isoformat") else value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def _remarks(found: Contents, twins: npt.NDArray[np.int64], set_aside: Sequence[SetAside]) -> list[str]:
    remarks = []
    animated = sum(one.animated for one in found.examined)
    if animated:
        text = plural(
            "{n} image is animated: its first frame is used.",
            "{n} images are animated: the first frame is used.",
            animated,
        )
        remarks.append(text.format(n=animated))
    again = int((twins != np.arange(len(twins))).sum())
    if again:
        remarks.append(
            plural("{n} item is a duplicate of another.", "{n} items are duplicates of others.", again).format(n=again)
        )
    if set_aside:
        n = len(set_aside)
        remarks.append(plural("{n} item was set aside.", "{n} items were set aside.", n).format(n=n))
    return remarks


def _table(
    rows: Rows,
    columns: Columns,
    found: Contents,
    keys: Sequence[str | None],
    given: npt.NDArray[np.int32],
    splits: Splits,
    twins: npt.NDArray[np.int64],
    groups: npt.NDArray[np.int64] | None,
    time: npt.NDArray[np.float64] | None,
) -> pa.Table:
    text = pa.large_string()
    made: dict[str, pa.Array] = {
        "key": pa.array(keys, text),
        "row": pa.array(rows.number[found.rows]),
        "given": pa.array(given),
        "split": pa.array(splits.split),
        "twins": pa.array(twins),
        "fingerprint": pa.array(found.fingerprints, text),
        "content": pa.array(found.content, text),
    }
    if groups is not None:
        made["group"] = pa.array(groups)
    if time is not None:
        made["time"] = pa.array(time)
    if found.examined:
        made["width"] = pa.array([one.width for one in found.examined], pa.int32())
        made["height"] = pa.array([one.height for one in found.examined], pa.int32())
        made["format"] = pa.array([one.format for one in found.examined], text)
    roles = {getattr(columns, role) for role in (*ROLES, "names")} - {None, columns.group, columns.time}
    kept = rows.table.take(pa.array(found.rows, pa.int64()))
    for name in kept.column_names:
        if name not in roles and not is_embedded_image(kept[name]):
            made[EXTRA + name] = kept[name].combine_chunks()
    return pa.table(made)


def _write(table: pa.Table, into: Path, columns: Columns, rows: Rows, *, embedded: bool) -> None:
    """One record batch, so that every column is one array in the mapped file."""
    location = rows.root.location
    meta = {
        "kind": Kind.IMAGE if columns.image else Kind.TEXT,
        "beside": "media" if embedded else os.path.relpath(location, into),
        "root": "" if embedded else str(location),
    }
    table = table.replace_schema_metadata({META: json.dumps(meta)}).combine_chunks()
    with write_whole(into / FILE) as temporary, pa.OSFile(str(temporary), "wb") as sink:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=max(1, len(table)))


def _source(rows: Rows, columns: Columns, labelling: Labelling) -> dict[str, Any]:
    """Everything an export needs to write the same data set again."""
    return {
        "format": rows.format,
        "location": str(rows.root.location),
        "parts": [asdict(part) for part in rows.parts],
        "columns": asdict(columns),
        "written": labelling.written,
        "details": dict(rows.details),
    }
