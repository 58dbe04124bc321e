"""The table in items.arrow: its columns, and what is checked of it before anything is read from it."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from badcase.i18n import _
from badcase.items import image_measures, text_measures
from badcase.items.images import THUMB
from badcase.items.kinds import Kind, Split

META = b"badcase"
MEASURE = "measure:"  # before the name of a measure of the image or text
EXTRA = "meta:"  # before the name of a column of the source that has no role
THUMB_BYTES = THUMB * THUMB
_TEXTS, _INTEGERS = ("key", "fingerprint", "content"), ("row", "given", "split", "twins")


def check_table(table: pa.Table) -> None:
    """Look at a table of items before it is used: one that is damaged may point anywhere in memory.

    Raises:
        ValueError: Where a column is missing, of another type, or holds what no item can have.
    """
    table.validate(full=True)
    meta = json.loads((table.schema.metadata or {}).get(META, b"null"))
    if not _is_place(meta) or not isinstance(meta.get("kind"), str):
        raise ValueError(_("no note of what the items are"))
    if not isinstance(meta.get("identity", ""), str):
        raise ValueError(_("no note of whose the items are"))
    if not isinstance(meta.get("revision", 1), int):
        raise ValueError(_("no note of the revision of the data"))
    image = Kind(meta["kind"]) is Kind.IMAGE
    more = meta.get("more", [])
    if not isinstance(more, list) or not all(_is_place(one) for one in more):
        raise ValueError(_("no note of where the items lie"))
    if more:
        _require(table, "place", pa.types.is_signed_integer)
        _require_between(table, "place", 0, len(more))
    if not len(table):
        raise ValueError(_("no items"))
    if len(set(table.column_names)) < table.num_columns:
        raise ValueError(_("two columns of one name"))
    for name in (*_TEXTS, *(("format",) if image else ())):
        _require(table, name, lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind))
    for name in (*_INTEGERS, *(("width", "height") if image else ())):
        _require(table, name, pa.types.is_signed_integer)
    if "gone" in table.column_names:
        _require(table, "gone", pa.types.is_boolean)
    if "said" in table.column_names:
        _require(table, "said", pa.types.is_signed_integer)
    if "thumb" in table.column_names:
        _require(table, "thumb", lambda kind: kind == pa.binary(THUMB_BYTES))
    for name in ({"group", "time"} | {name for name in table.column_names if name.startswith(MEASURE)}) & set(table.column_names):
        _require(table, name, lambda kind: pa.types.is_signed_integer(kind) or pa.types.is_floating(kind))
    _require_measures(table, image)
    _require_between(table, "split", min(Split), max(Split))
    _require_between(table, "twins", 0, len(table) - 1)
    _require_between(table, "row", 0, 1 << 62)
    for name in ("width", "height") if image else ():
        _require_between(table, name, 0, 1 << 31)


def _is_place(said: Any) -> bool:
    return isinstance(said, dict) and all(
        isinstance(said.get(name), str) and "\0" not in said[name] for name in ("root", "beside")
    )


def _require(table: pa.Table, name: str, fits: Any) -> None:
    if name not in table.column_names:
        raise ValueError(_("no column {name}").format(name=name))
    column = table.column(name)
    if not fits(column.type) or column.null_count:
        got = _("of {kind}, {n} empty").format(kind=column.type, n=column.null_count)
        raise ValueError(_("a column {name} {got}").format(name=name, got=got))


def _require_measures(table: pa.Table, image: bool) -> None:
    """All measures of a kind of item, or none of them."""
    names = {MEASURE + name for name in (image_measures if image else text_measures).RECORD.names or ()}
    missing = names - set(table.column_names)
    if missing and missing != names:
        raise ValueError(_("no column {name}").format(name=min(missing)))


def _require_between(table: pa.Table, name: str, low: int, high: int) -> None:
    found = pc.min_max(table.column(name)).as_py()
    if not low <= found["min"] <= found["max"] <= high:
        got = _("from {low} to {high}").format(low=found["min"], high=found["max"])
        raise ValueError(_("a column {name} {got}").format(name=name, got=got))
