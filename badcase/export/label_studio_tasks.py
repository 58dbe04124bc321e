"""Label Studio's JSON: a task for each item, its label as an annotation of choices."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from PIL import Image

from badcase.export.destination import Destination, Media
from badcase.export.tables import item_table, json_rows, kept_items
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.items.label_sets import labels_of
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

CONTROL = "label"  # the name of the tag Choices in the labeling setup
SERVED = "/data/local-files/?d="  # how Label Studio names a file of its own machine
_BLOCK = 200


def export_label_studio(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """One JSON list of tasks. What an item shows and what is known of it are its data; its label is an annotation."""
    yield Progress(_("Writing"))
    kept = kept_items(project)
    images = None
    if project.kind is Kind.IMAGE:
        images = yield from _images(kept.tolist(), to)
    table = item_table(project, images).drop_columns("label")
    shown = "image" if project.kind is Kind.IMAGE else "text"
    labels = [labels_of(name) if project.task == "multilabel" else [name] for name in project.classes]
    chosen = [labels[label] for label in project.labels[kept]]
    to.remarks += [_setup(project, shown)]
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            for at, data in enumerate(json_rows(table.slice(start, _BLOCK)), start):
                if to.media is Media.EMBED:
                    data["image"] = _inline(project, int(kept[at]), to)
                task = {"id": at + 1, "data": data, "annotations": [{"result": _result(chosen[at], shown)}]}
                file.write(("," if at else "") + "\n" + json.dumps(task, ensure_ascii=False))
        file.write("\n]\n")
    return 1 + to.written


def _images(items: list[int], to: Destination) -> Job[list[str]]:
    """What the tasks call the images: paths below the folder that Label Studio serves, which is told."""
    if to.media is Media.EMBED:
        return [""] * len(items)
    if to.media is Media.NONE:
        paths = yield from to.paths(items)
        root = os.path.commonpath([Path(path).parent for path in paths]) if paths else ""
        names = [os.path.relpath(path, root) for path in paths]
    else:
        root, names = str(to.out.parent), (yield from to.names(items))
    to.remarks.append(
        _("Label Studio shows them when it is started with {settings}.").format(
            settings=f"LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={root}"
        )
    )
    return [SERVED + quote(Path(name).as_posix()) for name in names]


def _inline(project: ProjectData, i: int, to: Destination) -> str:
    kind = Image.MIME.get(project.items.format(i), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(to.read(i)).decode()}"


def _result(labels: list[str], shown: str) -> list[dict[str, Any]]:
    if not labels:
        return []
    return [{"from_name": CONTROL, "to_name": shown, "type": "choices", "value": {"choices": labels}}]


def _setup(project: ProjectData, shown: str) -> str:
    """The tags that the labeling setup needs for the annotations to be found."""
    several = ' choice="multiple"' if project.task == "multilabel" else ""
    tags = f'<{shown.title()} name="{shown}" value="${shown}"/> <Choices name="{CONTROL}" toName="{shown}"{several}>'
    return _("Its labeling setup needs {tags} with these {n} choices: {names}").format(
        tags=tags, n=len(project.label_names), names=_few(project.label_names)
    )


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
