"""COCO's JSON with labels of whole images: annotations that name an image and a category, without a box."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from badcase.export.destination import Destination
from badcase.export.tables import OWN, item_table, json_rows, kept_items, other_columns
from badcase.i18n import _
from badcase.items.label_sets import labels_of
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_TAKEN = ("id", "width", "height", "file_name", "license", "date_captured", "coco_url", "flickr_url")
_BLOCK = 1_000


def export_coco(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """One JSON object; ids count from 1. An image also says its key, split, given label and verdict, which readers skip."""
    yield Progress(_("Writing"))
    kept = kept_items(project)
    names = yield from to.names(kept.tolist())
    table = item_table(project, names).drop_columns(["image", "label"])
    called = other_columns(project, (*OWN, *_TAKEN))
    table = table.rename_columns([*table.column_names[:4], *called.values()])
    places = {name: at for at, name in enumerate(project.label_names, 1)}
    of_class = [
        [places[one] for one in (labels_of(name) if project.task == "multilabel" else [name])] for name in project.classes
    ]
    of_class.append([])  # of an item without a label, -1
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"info": ' + json.dumps({"description": project.name, "version": "1.0"}, ensure_ascii=False))
        file.write(', "licenses": [],\n"categories": ')
        _write_list(file, ({"id": at, "name": name, "supercategory": ""} for name, at in places.items()))
        file.write(',\n"images": [')
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            for at, row in enumerate(json_rows(table.slice(start, _BLOCK)), start):
                width, height = project.items.size(int(kept[at])) or (0, 0)
                image = {"id": at + 1, "file_name": names[at], "width": width, "height": height, **row}
                file.write(("," if at else "") + "\n" + json.dumps(image, ensure_ascii=False))
        file.write('\n],\n"annotations": ')
        _write_list(file, _annotations(of_class[label] for label in project.checked_labels[kept]))
        file.write("}\n")
    return 1 + to.written


def _annotations(labels: Iterable[list[int]]) -> Iterator[dict[str, Any]]:
    pairs = ((image, label) for image, some in enumerate(labels, 1) for label in some)
    for at, (image, label) in enumerate(pairs, 1):
        yield {"id": at, "image_id": image, "category_id": label}


def _write_list(file: IO[str], rows: Iterable[dict[str, Any]]) -> None:
    file.write("[")
    for at, row in enumerate(rows):
        file.write(("," if at else "") + "\n" + json.dumps(row, ensure_ascii=False))
    file.write("\n]")
