"""Which column plays which role: what a person named, else the one reading that names and contents allow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.arrow_types import is_binary, is_list
from badcase.importing.column_values import (
    SAMPLE,
    can_be_label,
    is_embedded_image,
    is_string,
    plain_values,
    same_classes,
    strings,
)
from badcase.importing.rows import TableRows
from badcase.items.images import is_image_name
from badcase.items.splits import split_named

ROLES = ("text", "image", "label", "split", "key", "group", "time")
# Columns by the name that people give them, the plainest first.
_TEXT = (
    "text",
    "sentence",
    "content",
    "review",
    "utterance",
    "question",
    "document",
    "body",
    "message",
    "comment",
    "tweet",
    "query",
    "title",
    "headline",
)
_IMAGE = (
    "image",
    "file",
    "filename",
    "file_name",
    "path",
    "filepath",
    "file_path",
    "image_path",
    "img_path",
    "image_file",
    "image_name",
    "img",
)
_LABEL = (
    "label",
    "class",
    "category",
    "target",
    "labels",
    "y",
    "intent",
    "topic",
    "sentiment",
    "class_name",
    "label_name",
    "classname",
    "annotation",
)
_OF_MODELS = ("prediction", "predictions", "suggestion", "suggestions")  # what stands below these says what a model thinks
_SPLIT = ("split", "set", "subset", "partition", "fold")
_OTHER = ("id", "key", "index", "uid", "url", "date", "time", "name")  # beside those of the roles


@dataclass(frozen=True, slots=True)
class ColumnRoles:
    """The chosen column of each role; `names` is a second column that spells the classes of `label` one to one."""

    text: str | None = None
    image: str | None = None
    label: str | None = None
    names: str | None = None
    split: str | None = None
    key: str | None = None
    group: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """The columns, and for a role with several readings (or none) the columns a person can choose from.

    `others` holds, for a role that has its column, the other columns that could have it; `hint`, what a person could do
    beside naming one of those that are open.
    """

    columns: ColumnRoles
    open: Mapping[str, Sequence[str]] = field(default_factory=dict)
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    hint: str = ""


def is_usual_name(name: str) -> bool:
    """Whether people call a column so: `text`, `label`, `id` and their like, `comment_text` too."""
    plain = name.strip().lower()
    kind = plain.rpartition("_")[2] if " " not in plain else plain
    return kind in _TEXT or plain in (*_IMAGE, *_SPLIT, *_OTHER) or _named_like_label(plain)


def named_like_image(name: str) -> bool:
    """Whether a column is called as those are that name images."""
    plain = name.lower()
    return plain in _IMAGE or any(word in plain for word in ("image", "img", "file", "photo", "picture", "path"))


def has_image_column(rows: TableRows) -> bool:
    """Whether some column holds images or the paths of images."""
    return bool(_image_candidates(rows))


def has_text_column(rows: TableRows) -> bool:
    """Whether some column holds texts."""
    return bool(_text_candidates(rows))


def label_columns(rows: TableRows, image: str | None = None) -> tuple[list[str], int]:
    """The columns that can be the label and hold two values at least, and how plainly the names say so: 0, 1 or 2."""
    found = [name for name in label_candidates(rows, ColumnRoles(image=image)) if _tells_apart(rows.table[name])]
    found += [rows.roles["label"]] if rows.roles.get("label") not in (None, *found) else []
    plain = any(name in rows.class_names or name.lower() in _LABEL for name in found)
    return found, plain + any(name in rows.class_names or _named_like_label(name) for name in found)


def _tells_apart(column: pa.ChunkedArray) -> bool:
    return len({value for value in strings(column) if value and value.strip()}) > 1


def choose_columns(rows: TableRows, named: Mapping[str, str | None]) -> RoleChoice:
    """Columns for every role; BadcaseError where a named column is not there."""
    if not len(rows.table):
        raise _no_rows(rows)
    content = {"text", "image"}
    chosen = {role: name for role, name in named.items() if name}
    if content <= set(chosen):
        raise BadcaseError(
            _("items are texts or images, not both"),
            where=_("text and image"),
            got=f"{chosen['text']}, {chosen['image']}",
            hint=_("Name one of the two columns."),
        )
    for role, name in chosen.items():
        if name not in rows.table.column_names:
            raise BadcaseError(
                _("there is no such column"),
                where=role,
                expected=_("one of {names}").format(names=", ".join(rows.table.column_names)),
                got=name,
                hint=_("Name a column of the table."),
            )
    _fits(rows, chosen)
    open: dict[str, Sequence[str]] = {}
    others: dict[str, Sequence[str]] = {}
    sentences: list[str] = []
    for role, name in rows.roles.items():
        if role not in chosen and not (role in content and content & set(chosen)):
            chosen[role] = name
    if not content & set(chosen):
        _choose_content(rows, chosen, open)
    if rows.key is not None:
        chosen.setdefault("key", rows.key)
    if "split" not in chosen and (split := _split_column(rows)):
        chosen["split"] = split
    if "label" not in chosen:
        _choose_label(rows, chosen, open, others)
    if label := chosen.get("label"):
        names = _names_column(rows, label, chosen.values())
        if names:
            chosen["names"] = names
        template = _("Label column: {label} (names from {names}).") if names else _("Label column: {label}.")
        sentences.append(template.format(label=label, names=names))
    for columns in others.values():
        sentences.append(_("Other columns could be labels too: {names}.").format(names=", ".join(columns)))
    unread = "text" in open and "image" not in open and not _text_candidates(rows)
    hint = _("Where a column names images, say where they lie: --images FOLDER.") if unread else ""
    if open and rows.format == "csv" and len(rows.table.column_names) == 1:
        raise _one_column(rows)
    return RoleChoice(ColumnRoles(**chosen), open, others, tuple(sentences), hint)


def _fits(rows: TableRows, named: Mapping[str, str]) -> None:
    """Refuse a column of images or texts that can hold neither."""
    for role, needed in (("image", _("paths of images, or their bytes")), ("text", _("texts"))):
        column = rows.table[named[role]] if role in named else None
        if column is None or is_string(column) or (role == "image" and is_embedded_image(column)):
            continue
        if not (pa.types.is_nested(column.type) or is_binary(column.type)):
            continue  # numbers name images, too
        raise BadcaseError(
            _("the column cannot be the {role}").format(role=role),
            where=named[role],
            expected=needed,
            got=column.type,
            hint=_("Name another column with --{role}, or write it in this form.").format(role=role),
        )


def _no_rows(rows: TableRows) -> BadcaseError:
    where = ", ".join(part.name for part in rows.parts if part.name) or rows.root.location.name
    if rows.bad:
        return BadcaseError(rows.bad[0].what, where=rows.bad[0].where, hint=rows.bad[0].remedy)
    return BadcaseError(_("the table has no rows"), where=where, hint=_("Choose a table with items below its header."))


def _one_column(rows: TableRows) -> BadcaseError:
    return BadcaseError(
        _("the table has one column, and no label beside what is labelled"),
        where=", ".join(part.name for part in rows.parts),
        expected=_("columns with commas, semicolons, tabs or bars between them"),
        got=rows.table.column_names[0],
        hint=_("Where another sign parts them, say so in a first line of the file: sep=^"),
    )


def _choose_content(rows: TableRows, chosen: dict[str, str], open: dict[str, Sequence[str]]) -> None:
    images = [name for name in _image_candidates(rows) if name != chosen.get("label")]
    texts = [name for name in _text_candidates(rows) if name != chosen.get("label")]
    if len(images) == 1 and texts[:1] not in (["text"], ["sentence"]):
        chosen["image"] = images[0]
    elif not images and len(texts) == 1:
        chosen["text"] = texts[0]
    else:
        if images:
            open["image"] = images
        if texts or not images:
            written = [name for name in rows.table.column_names if is_string(rows.table[name])]
            open["text"] = texts or [name for name in written if name not in (chosen.get("label"), "label")] or written


def _choose_label(
    rows: TableRows, chosen: dict[str, str], open: dict[str, Sequence[str]], others: dict[str, Sequence[str]]
) -> None:
    candidates = label_candidates(rows, ColumnRoles(**chosen))
    if "label" in candidates:
        chosen["label"] = "label"
        different = [name for name in candidates if name != "label" and not same_classes(rows.table, "label", name)]
        if different:
            others["label"] = different
        return
    readings: list[str] = []
    for name in candidates:
        if not any(same_classes(rows.table, name, other) for other in readings):
            readings.append(name)
    if len(readings) == 1:
        chosen["label"] = readings[0]
    else:
        open["label"] = readings or _lists_of_labels(rows, chosen) or rows.table.column_names


def _lists_of_labels(rows: TableRows, chosen: Mapping[str, str]) -> list[str]:
    """The columns of lists without a role, each of which tells labels where nothing plain does."""
    free = [name for name in rows.table.column_names if name not in chosen.values()]
    return [name for name in free if is_list(rows.table[name].type) and _is_nested(rows.table[name])]


def _image_candidates(rows: TableRows) -> list[str]:
    table = rows.table
    embedded = [name for name in table.column_names if is_embedded_image(table[name])]
    return (
        embedded
        or list(rows.joins)
        or [name for name in table.column_names if is_string(table[name]) and _share(table[name], is_image_name) > 0.5]
    )


def _text_candidates(rows: TableRows) -> list[str]:
    table = rows.table
    texts = [name for name in table.column_names if is_string(table[name]) and not is_embedded_image(table[name])]
    by_name = [name for name in texts if name.lower().rpartition(".")[2] in _TEXT]  # of `data.text` the last part
    first = [name for name in by_name if name.lower() == "text"]
    if first or by_name:
        return first or by_name
    return [name for name in texts if reads_like_text(table[name]) and not _share(table[name], is_image_name) > 0.5]


def reads_like_text(column: pa.ChunkedArray) -> bool:
    """Whether most of a column's values are prose, and most of them differ."""
    sample = [value for value in strings(column.slice(0, SAMPLE)) if value]
    # Chinese says in 8 characters what takes English 20; identifiers have no spaces and are ASCII.
    prose = sum(" " in value or not value.isascii() for value in sample)
    return bool(sample) and prose * 2 > len(sample) and len(set(sample)) * 2 > len(sample)


def label_candidates(rows: TableRows, taken: ColumnRoles) -> list[str]:
    """The columns without a role that can be the label: those called so, else those whose values repeat."""
    table = rows.table
    used = {taken.text, taken.image, taken.split, taken.key, taken.group, taken.time}
    unused = [name for name in table.column_names if name not in used]
    free = [name for name in unused if can_be_label(table[name])]
    by_name = [name for name in free if name in rows.class_names or _named_like_label(name)]
    # Lists and records are labels only where nothing plain is called so: they are read, or refused by what they hold.
    by_name = by_name or [name for name in unused if _named_like_label(name) and _is_nested(table[name])]
    if by_name:
        return sorted(by_name, key=lambda name: _LABEL.index(name.lower()) if name.lower() in _LABEL else len(_LABEL))
    free = [name for name in free if name.lower() not in (*_TEXT, *_IMAGE, *_SPLIT, "id")]
    usual = [name for name in free if _repeats(table[name], 4)]
    # A few images of several classes: each class need not occur often beside a column that is known to name the images.
    return usual or [name for name in free if taken.image is not None and _repeats(table[name], 2)]


def _named_like_label(name: str) -> bool:
    plain = name.lower()
    if not {*_OF_MODELS}.isdisjoint(plain.split(".")[:-1]):
        return False
    return plain in _LABEL or plain.startswith(("label", "class_")) or plain.endswith(("_label", "_class", "label"))


def _is_nested(column: pa.ChunkedArray) -> bool:
    """Whether a column holds lists or records, which may each be a label."""
    return pa.types.is_nested(column.type) and not is_embedded_image(column) and column.null_count < len(column)


def _repeats(column: pa.ChunkedArray, often: int) -> bool:
    """Whether a column holds values that occur so often each, on average."""
    column = plain_values(column)
    distinct = pc.count_distinct(column).as_py()
    measured = pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)
    return bool(2 <= distinct <= max(2, len(column) // often)) and not measured


def _names_column(rows: TableRows, label: str, used: Collection[str]) -> str | None:
    """The column that spells the same classes one to one: `label_name` beside `label`, or the other way round.

    used: columns that are something else already.
    """
    stem = label.lower().removesuffix("_name").removesuffix("_id")
    wanted = {stem, *(f"{stem}_{end}" for end in ("name", "text", "id", "idx")), "class_name", "label_name", "classname"}
    named = [name for name in rows.table.column_names if name != label and name.lower() in wanted]
    if _are_numbers(rows.table[label]):  # they tell nobody anything: any column of words that spells them
        taken = set(used)
        free = [name for name in rows.table.column_names if name not in {label, *named, *taken} and is_string(rows.table[name])]
        named += [name for name in free if _are_words(rows.table[name])]
    return next((name for name in named if same_classes(rows.table, label, name)), None)


def _are_words(column: pa.ChunkedArray) -> bool:
    """Whether each value of a column of few is a word that could be the name of a class, and none a yes or no."""
    if _are_numbers(column) or not can_be_label(column):
        return False
    values = {(value or "").strip().lower() for value in pc.unique(plain_values(column)).to_pylist()}
    return all(sum(map(str.isalpha, value)) > 1 for value in values) and not values <= {"true", "false", "yes", "no"}


def _are_numbers(column: pa.ChunkedArray) -> bool:
    """Whether a column holds whole numbers, be it as text, and few different ones."""
    plain = plain_values(column)
    if not is_string(plain):
        return bool(pa.types.is_integer(plain.type))
    distinct = [value.strip() for value in pc.unique(plain).to_pylist() if value is not None] if can_be_label(column) else []
    return bool(distinct) and all(value.lstrip("-").isdecimal() for value in distinct if value)


def _split_column(rows: TableRows) -> str | None:
    named = (name for name in rows.table.column_names if name.lower() in _SPLIT and is_string(rows.table[name]))
    return next((name for name in named if _share(rows.table[name], _is_split) > 0.9), None)


def _is_split(value: str) -> bool:
    return split_named(value) is not None


def _share(column: pa.ChunkedArray, test: Callable[[str], bool]) -> float:
    sample = [value for value in strings(column.slice(0, SAMPLE)) if value]
    return sum(map(test, sample)) / len(sample) if sample else 0.0
