"""The items as one new table: key, content, label, split, given label, verdict, and the source's other columns."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as parquet

from badcase.class_names import names_of
from badcase.export.column_types import csv_values, hf_feature, hf_metadata, json_values, plain_column
from badcase.export.corrections import excluded
from badcase.export.destination import Destination, Media
from badcase.i18n import _
from badcase.items.kinds import Kind, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

OWN = ("key", "image", "text", "label", "split", "given_label", "verdict")  # what the export's own columns are called
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])  # as Hugging Face data sets hold images
_BLOCK = 10_000
_IMAGES = 100  # images that are held at once, and lie in one row group
_PACKED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def kept_items(project: ProjectData) -> npt.NDArray[np.int64]:
    """The ids of the items that an export contains."""
    return np.flatnonzero(~excluded(project) & ~project.gone)


def item_table(project: ProjectData, images: Sequence[str] | None = None) -> pa.Table:
    """One row for each item that is not excluded.

    Args:
        project: Whose items.
        images: What the export calls the image of each row; None for texts.
    """
    items = project.items
    kept = kept_items(project)
    rows = pa.array(kept)
    splits = np.array([split.name.lower() for split in Split], object)
    verdicts = np.array(["", *(code.name.lower() for code in VerdictCode if code)], object)
    if items.kind is Kind.IMAGE:
        content = pa.array(images, pa.large_string())
    else:
        content = pa.array(items.texts()[:], pa.large_string()).take(rows)
    columns: dict[str, Any] = {
        "key": pa.array(items.keys[:], pa.large_string()).take(rows),
        ("image" if items.kind is Kind.IMAGE else "text"): content,
        "label": pa.array(names_of(project.classes, project.checked_labels[kept]), pa.string()),
        "split": pa.array(splits[items.split[kept]], pa.string()),
        "given_label": pa.array(names_of(project.classes, project.given[kept]), pa.string()),
        "verdict": pa.array(verdicts[project.checked_verdicts[kept]], pa.string()),
    }
    for name, called in other_columns(project, columns).items():
        columns[called] = items.metadata_column(name).take(rows)
    return pa.table(columns)


def other_columns(project: ProjectData, own: Container[str]) -> dict[str, str]:
    """The source's other columns by name, and what each is called where an export's own have taken its name."""
    called: dict[str, str] = {}
    names = project.items.metadata_names
    for name in names:
        free = name
        while free in own or (free != name and free in names):
            free = f"source_{free}"
        called[name] = free
    return called


def table_remarks(project: ProjectData, _to: Destination) -> list[str]:
    """The columns of the source that are called otherwise."""
    own = [name for name in OWN if name != ("text" if project.kind is Kind.IMAGE else "image")]
    said = _("The column {name} of the source is called {other}.")
    return [said.format(name=name, other=called) for name, called in other_columns(project, own).items() if name != called]


def export_csv(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """UTF-8, commas, one header line; packed where the name ends so. Cells that begin a formula are guarded, if `to` does."""
    table = yield from _table(project, to)
    told: Callable[[Any], Any] = to.guarded if to.formula_guard else lambda cell: cell
    with write_whole(out) as temporary, _opened(temporary, to, "") as file:
        writer = csv.writer(file)
        writer.writerow(map(told, table.column_names))
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            columns = map(csv_values, table.slice(start, _BLOCK).columns)
            writer.writerows(map(told, row) for row in zip(*columns, strict=True))
    return 1 + to.written


def export_jsonl(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """UTF-8, one object a line; packed where the name ends so."""
    table = yield from _table(project, to)
    with write_whole(out) as temporary, _opened(temporary, to, "\n") as file:
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            for row in json_rows(table.slice(start, _BLOCK)):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 1 + to.written


def export_parquet(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """Parquet with the types of the source's own columns; embedded images are shown by whatever reads the hub's files."""
    table = plain_table((yield from _table(project, to)))
    embed = to.media is Media.EMBED
    schema = with_images(table.schema) if embed else table.schema
    kept = kept_items(project)
    with write_whole(out) as temporary, parquet.ParquetWriter(temporary, schema) as writer:
        step = _IMAGES if embed else max(1, len(table))
        for start in range(0, len(table), step):
            yield Progress(_("Writing"), start, len(table), _("items"))
            block = table.slice(start, step)
            if embed:
                block = fill_images(block, schema, [to.read(int(i)) for i in kept[start : start + step]])
            writer.write_table(block.cast(schema))
    return 1 + to.written


def json_rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows as JSON can hold them."""
    for row in zip(*map(json_values, table.columns), strict=True):
        yield dict(zip(table.column_names, row, strict=True))


def plain_table(table: pa.Table) -> pa.Table:
    """The same in types that Parquet and Hugging Face data sets have."""
    return pa.table({name: plain_column(table[name]) for name in table.column_names})


def with_images(schema: pa.Schema, features: dict[str, Any] | None = None) -> pa.Schema:
    """The schema with embedded images in the column image, and what tells the Hugging Face library so."""
    features = features or {field.name: hf_feature(field.type) for field in schema}
    features = {**features, "image": {"_type": "Image"}}
    at = schema.get_field_index("image")
    return schema.set(at, pa.field("image", IMAGE)).with_metadata(hf_metadata(features))


def fill_images(block: pa.Table, schema: pa.Schema, images: Sequence[bytes | None]) -> pa.Table:
    """Put the bytes of each image in the place of its path; None leaves the path alone to tell where it is."""
    at = schema.get_field_index("image")
    paths = block["image"].to_pylist()
    rows = [{"bytes": raw, "path": path} for raw, path in zip(images, paths, strict=True)]
    return block.set_column(at, schema.field(at), pa.array(rows, IMAGE))


def _table(project: ProjectData, to: Destination) -> Job[pa.Table]:
    """The table of an export, with the image files written that go beside it."""
    yield Progress(_("Writing"))
    images = None
    if project.kind is Kind.IMAGE:
        images = yield from to.names(kept_items(project).tolist())
    return item_table(project, images)


@contextmanager
def _opened(temporary: Path, to: Destination, newline: str) -> Iterator[IO[str]]:
    opener = _PACKED.get(to.out.suffix.lower(), open)
    with opener(temporary, "wt", encoding="utf-8", newline=newline) as file:
        yield file
