"""Which columns of a table name the files around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped
from badcase.importing.column_roles import has_text_column, named_like_image, reads_like_text
from badcase.importing.column_values import is_embedded_image, is_string, strings
from badcase.importing.media.joined_media import JoinedMedia
from badcase.importing.media.media_finder import MediaFinder
from badcase.importing.media.path_spellings import as_written
from badcase.importing.rows import TableRows
from badcase.items.images import is_image_name

_SAMPLE = 1000
_MOST = 0.5  # share of the values that have to lead to files
_NEARLY = 0.9
_KEYS = ("key", "id", "uid", "index")


def with_media(rows: TableRows, finder: MediaFinder, *, ids: bool) -> TableRows:
    """The rows with every column that names files joined to them.

    Args:
        ids: Whether columns count whose values do not end like the names of images: then the files around are looked through.
    """
    columns = [name for name in rows.table.column_names if _can_name_files(rows.table[name])]
    paths = {name: join(rows, name, finder) for name in columns if _share_of_names(rows.table[name]) > _MOST}
    fitting = {name: joined for name, joined in paths.items() if _fits(rows, name, joined, finder)}
    if not fitting and ids and finder.count():
        found = {
            name: join(rows, name, finder)
            for name in columns
            if name not in paths and _could_be_ids(rows.table[name], name, len(rows.parts))
        }
        fitting = _distinguished({name: joined for name, joined in found.items() if _fits(rows, name, joined, finder)})
    return replace(rows, joins=_called_images(fitting or paths))


def with_named(rows: TableRows, column: str | None, finder: MediaFinder) -> TableRows:
    """The same with the column that was taken as the image column; the folders that it is found in have to be one choice.

    Raises:
        BadcaseError: Two folders hold the files that it names.
    """
    if column is None or is_embedded_image(rows.table[column]):
        return rows
    if column not in rows.joins:
        rows = replace(rows, joins={**rows.joins, column: join(rows, column, finder)})
    joined = rows.joins[column]
    if joined.rivals:
        listed = ", ".join(
            _("{folder} ({n} of {all})").format(folder=folder or ".", n=grouped(n), all=grouped(len(rows.table)))
            for folder, n in joined.rivals
        )
        first = joined.rivals[0][0]
        raise BadcaseError(
            _("several folders hold images with the names in {column}").format(column=column),
            where=rows.parts[0].name,
            expected=_("one of {names}").format(names=listed),
            hint=_("Name the one that is meant: --images {folder}").format(folder=finder.root.location / first),
        )
    return replace(rows, notes=(*rows.notes, *joined.sentences))


def join(rows: TableRows, column: str, finder: MediaFinder) -> JoinedMedia:
    """The file of each row, by one column."""
    ends = np.cumsum([part.rows for part in rows.parts])
    part_of = np.searchsorted(ends, rows.number, side="left")
    return finder.join(column, names_in(rows.table[column]), rows.parts, part_of.tolist())


def names_in(column: pa.ChunkedArray) -> list[str | None]:
    """The names of files that a column holds: texts, numbers, or structs with a path."""
    if pa.types.is_struct(column.type):
        column = pa.chunked_array([chunk.field("path") for chunk in column.chunks], column.type.field("path").type)
    return strings(column)


def _can_name_files(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if is_embedded_image(column):
        return False
    if pa.types.is_struct(kind):
        return kind.get_field_index("path") >= 0 and is_string(pa.chunked_array([], kind.field("path").type))
    return is_string(column) or bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _share_of_names(column: pa.ChunkedArray) -> float:
    sample = [value for value in names_in(column.slice(0, _SAMPLE)) if value]
    return sum(is_image_name(as_written(value)) for value in sample) / len(sample) if sample else 0.0


def _could_be_ids(column: pa.ChunkedArray, name: str, tables: int) -> bool:
    """Whether the values tell the rows of each table apart, as the names of files do."""
    values = [value for value in names_in(column) if value]
    if not values or (is_string(column) and reads_like_text(column)):
        return False
    return len(set(values)) * 2 * tables > len(values) or (named_like_image(name) and len(set(values)) > 2)


def _fits(rows: TableRows, column: str, joined: JoinedMedia, finder: MediaFinder) -> bool:
    """Whether most rows have their file, or most files around have their row: of a large set a part may be here."""
    given = sum(bool(value) for value in names_in(rows.table[column]))
    if joined.count() > _MOST * given or has_text_column(rows):
        return joined.count() > _MOST * given
    return len({name for name in joined.names if name}) > max(_MOST * finder.count(), 2)


def _distinguished(found: dict[str, JoinedMedia]) -> dict[str, JoinedMedia]:
    """Of columns that lead to the same files one; none that leads to clearly fewer, or is less plainly called than another."""
    if any(named_like_image(name) for name in found):
        found = {name: joined for name, joined in found.items() if named_like_image(name)}
    most = max((joined.count() for joined in found.values()), default=0)
    kept: dict[str, JoinedMedia] = {}
    for name, joined in found.items():
        if joined.count() >= _NEARLY * most and not any(_same_files(joined.names, other.names) for other in kept.values()):
            kept[name] = joined
    return kept


def _called_images(found: dict[str, JoinedMedia]) -> dict[str, JoinedMedia]:
    """Without the keys beside a column that is called as images are, and without what only repeats the files of another."""
    if any(named_like_image(name) for name in found):
        found = {name: joined for name, joined in found.items() if name.lower().rpartition(".")[2] not in _KEYS}
    kept: dict[str, JoinedMedia] = {}
    for name in sorted(found, key=lambda name: (-found[name].count(), not named_like_image(name))):
        names = found[name].names
        if not any(names) or not any(_repeats(names, other.names) for other in kept.values()):
            kept[name] = found[name]
    return {name: joined for name, joined in found.items() if name in kept}


def _repeats(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=True) if a)


def _same_files(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=True) if a and b)
