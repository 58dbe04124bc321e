"""items.arrow, written whole, and the note of where everything came from that an export needs."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from badcase.importing.column_roles import ROLES, ColumnRoles
from badcase.importing.column_values import is_embedded_image
from badcase.importing.gathered import Gathered
from badcase.importing.labels.labelling import Labelling
from badcase.importing.read_options import ReadOptions
from badcase.importing.rows import TableRows, concatenated
from badcase.items.item_table import EXTRA, MEASURE, META, THUMB_BYTES
from badcase.items.items import FILE
from badcase.items.kinds import Kind
from badcase.items.roots import digest_of
from badcase.items.source import Source
from badcase.store.atomic_files import write_whole


def item_table(
    places: Sequence[Gathered],
    split: npt.NDArray[np.int8],
    twins: npt.NDArray[np.int64],
    groups: npt.NDArray[np.int64] | None,
    time: npt.NDArray[np.float64] | None,
) -> pa.Table:
    """The columns of items.arrow for the items of several places, one after the other."""
    table = concatenated([place_table(one) for one in places])
    made = {name: table[name] for name in table.column_names if not name.startswith(EXTRA)}
    made |= {"split": pa.array(split), "twins": pa.array(twins)}
    if len(places) > 1:
        made["place"] = pa.array(np.repeat(np.arange(len(places), dtype=np.int16), [len(one.keys) for one in places]))
    if groups is not None:
        made["group"] = pa.array(groups)
    if time is not None:
        made["time"] = pa.array(time)
    return pa.table(made | {name: table[name] for name in table.column_names if name.startswith(EXTRA)})


def place_table(place: Gathered) -> pa.Table:
    """The columns that the items of one place have by themselves."""
    rows, columns, found, text = place.rows, place.columns, place.found, pa.large_string()
    made: dict[str, pa.Array] = {
        "key": pa.array(place.keys, text),
        "row": pa.array(rows.number[found.rows]),
        "given": pa.array(place.given),
        "fingerprint": found.fingerprints.column(),
        "content": pa.array(found.content, text),
    }
    if found.seen is not None:
        made["width"], made["height"] = (pa.array(np.ascontiguousarray(found.seen[side])) for side in ("width", "height"))
        made["format"] = pa.array(found.seen["format"].astype(str), text)
        thumbs = np.ascontiguousarray(found.seen["thumb"])  # tell an image that was encoded anew from another one
        made["thumb"] = pa.Array.from_buffers(pa.binary(THUMB_BYTES), len(thumbs), [None, pa.py_buffer(thumbs)])
    measures = found.measures()
    made |= {MEASURE + name: pa.array(np.ascontiguousarray(measures[name])) for name in measures.dtype.names or ()}
    roles = {getattr(columns, role) for role in (*ROLES, "names")} - {None, columns.group, columns.time}
    others = [name for name in rows.table.column_names if name not in roles and not is_embedded_image(rows.table[name])]
    kept = rows.table.select(others).take(pa.array(found.rows, pa.int64()))
    made |= {EXTRA + name: kept[name].combine_chunks() for name in others}
    return pa.table(made)


def write_items(table: pa.Table, into: Path, places: Sequence[Gathered]) -> str:
    """Write the items of an import; returns the mark that they carry."""
    identity = secrets.token_hex(16)
    first, *more = [media_place(one, into) for one in places]
    kind = Kind.IMAGE if places[0].columns.image else Kind.TEXT
    meta = {"kind": kind, **first, "identity": identity} | ({"more": more} if more else {})
    write_table(table, into / FILE, meta)
    return identity


def write_table(table: pa.Table, path: Path, meta: Mapping[str, Any]) -> None:
    """Write one record batch, so that every column is one array in the mapped file."""
    table = table.replace_schema_metadata({META: json.dumps(meta)}).combine_chunks()
    with write_whole(path) as temporary, pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=max(1, len(table)))


def media_place(place: Gathered, into: Path) -> dict[str, str]:
    """Where the images of a place lie, and for texts their table; those that a table held lie in the project."""
    column = place.columns.image
    if column is not None and is_embedded_image(place.rows.table[column]):
        return {"root": "", "beside": "media"}
    joined = place.rows.joins.get(column or "")
    location = (joined.root if joined is not None else place.rows.root).location  # images may lie apart from their table
    return {"root": str(location), "beside": os.path.relpath(location, into)}


def source_of(rows: TableRows, columns: ColumnRoles, labelling: Labelling, options: ReadOptions) -> Source:
    """Everything an export needs to write the same data set again."""
    return Source(
        rows.format,
        rows.root.location,
        tuple(replace(part, digest=digest_of(rows.root, part.name)) if part.name else part for part in rows.parts),
        asdict(columns),
        labelling.written,
        dict(rows.details),
        rows.lone,
        labelling.several,
        options.plain(),
    )
