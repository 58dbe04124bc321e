"""The items as a Hugging Face data set on disk, written without the library: one Arrow stream a split, and its JSON."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from badcase.export.corrections import excluded
from badcase.export.tables import item_table
from badcase.i18n import _
from badcase.items.kinds import Kind, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_folder_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_BLOCK = 500  # images held at once
_DATA = "data-00000-of-00001.arrow"


def export_hf(project: ProjectData, out: Path) -> Job[int]:
    """A DatasetDict that `load_from_disk` opens; label is a ClassLabel, images are embedded."""
    table = item_table(project)
    kept = np.flatnonzero(~excluded(project))
    label = table.schema.get_field_index("label")
    table = table.set_column(label, "label", pa.array(project.labels[kept].astype(np.int64)))
    table = table.select([name for name in table.column_names if _feature(table.schema.field(name).type) is not None])
    features = {name: _feature(table.schema.field(name).type) for name in table.column_names}
    features["label"] = {"names": list(project.classes), "_type": "ClassLabel"}
    schema = table.schema
    if project.kind is Kind.IMAGE:
        features["image"] = {"_type": "Image"}
        at = schema.get_field_index("image")
        schema = schema.set(at, pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])))
    info = json.dumps({"info": {"features": features}})
    schema = schema.with_metadata({"huggingface": info})
    splits = project.split[kept]
    present = [split for split in Split if (splits == split).any()]
    with write_folder_whole(out) as temporary:
        names = [split.name.lower() for split in present]
        (temporary / "dataset_dict.json").write_text(json.dumps({"splits": names}), encoding="utf-8")
        for split in present:
            rows = np.flatnonzero(splits == split)
            folder = temporary / split.name.lower()
            folder.mkdir()
            yield from _write_split(project, table.take(pa.array(rows)), kept[rows], schema, folder)
            _write_json(folder, features, split.name.lower())
    return 1 + 3 * len(present)


def _write_split(project: ProjectData, table: pa.Table, items: Any, schema: pa.Schema, folder: Path) -> Job[None]:
    with pa.OSFile(str(folder / _DATA), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing {split}").format(split=folder.name), start, len(table), _("items"))
            block = table.slice(start, _BLOCK)
            if project.kind is Kind.IMAGE:
                images = [
                    {"bytes": project.items.media(int(i)).open_bytes(), "path": Path(project.items.text(int(i))).name}
                    for i in items[start : start + _BLOCK]
                ]
                at = schema.get_field_index("image")
                block = block.set_column(at, schema.field(at), pa.array(images, schema.field(at).type))
            writer.write_table(block.cast(schema))


def _write_json(folder: Path, features: dict[str, Any], split: str) -> None:
    mark = blake2b((folder / _DATA).read_bytes(), digest_size=8).hexdigest()
    state: dict[str, Any] = {
        "_data_files": [{"filename": _DATA}],
        "_fingerprint": mark,
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": split,
    }
    info = {"citation": "", "description": "", "features": features, "homepage": "", "license": ""}
    (folder / "state.json").write_text(json.dumps(state, indent=2), encoding="utf-8")
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")


def _feature(kind: pa.DataType) -> dict[str, Any] | None:
    """The Hugging Face feature of an Arrow type; None for a type that a plain column does not have."""
    plain = {"halffloat": "float16", "float": "float32", "double": "float64"}
    name = plain.get(str(kind), str(kind))
    simple = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return {"dtype": name, "_type": "Value"} if simple or text else None
