"""The items as a Hugging Face data set on disk, written without the library: one Arrow stream a split, and its JSON."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from badcase.export.column_types import hf_feature, hf_metadata
from badcase.export.destination import Destination, Media
from badcase.export.tables import fill_images, item_table, kept_items, plain_table, with_images
from badcase.i18n import _
from badcase.items.kinds import Kind, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_folder_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_BLOCK = 500  # images held at once
_DATA = "data-00000-of-00001.arrow"


def export_hf(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """A DatasetDict that `load_from_disk` opens; label is a ClassLabel, images are embedded or named by their path."""
    yield Progress(_("Writing"))
    kept = kept_items(project)
    images = None
    if project.kind is Kind.IMAGE:
        items = kept.tolist()
        images = yield from (to.paths(items) if to.media is Media.NONE else to.names(items))
    table = plain_table(item_table(project, images))
    label = table.schema.get_field_index("label")
    table = table.set_column(label, "label", pa.array(project.checked_labels[kept].astype(np.int64)))
    features = {name: hf_feature(table.schema.field(name).type) for name in table.column_names}
    features["label"] = {"names": list(project.classes), "_type": "ClassLabel"}
    schema = table.schema.with_metadata(hf_metadata(features))
    if project.kind is Kind.IMAGE:
        schema = with_images(table.schema, features)
        features["image"] = {"_type": "Image"}
    splits = project.split[kept]
    present = [split for split in Split if (splits == split).any()]
    with write_folder_whole(out) as temporary:
        names = [split.name.lower() for split in present]
        (temporary / "dataset_dict.json").write_text(json.dumps({"splits": names}), encoding="utf-8")
        for split in present:
            rows = np.flatnonzero(splits == split)
            folder = temporary / split.name.lower()
            folder.mkdir()
            yield from _write_split(table.take(pa.array(rows)), kept[rows], schema, folder, to)
            _write_json(folder, features, split.name.lower())
    return 1 + 3 * len(present)


def _write_split(table: pa.Table, items: Any, schema: pa.Schema, folder: Path, to: Destination) -> Job[None]:
    with pa.OSFile(str(folder / _DATA), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing {split}").format(split=folder.name), start, len(table), _("items"))
            block = table.slice(start, _BLOCK)
            if to.media is not None:
                some = items[start : start + _BLOCK]
                block = fill_images(block, schema, [to.read(int(i)) if to.media is Media.EMBED else None for i in some])
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
