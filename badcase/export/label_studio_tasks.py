"""Label Studio's JSON: a task for each item, its label as an annotation of choices."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from PIL import Image

from badcase.errors import BadcaseError
from badcase.export.destination import Destination, Media
from badcase.export.tables import item_table, json_rows, kept_items, table_remarks
from badcase.i18n import _
from badcase.items.kinds import UNLABELLED, Kind
from badcase.items.label_sets import labels_of
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

CONTROL = "label"  # the name of the tag Choices in the labeling setup
SERVED = "/data/local-files/?d="  # how Label Studio names a file of its own machine
_BLOCK = 200
_SHOWN = 20  # classes that are named in a sentence


def export_label_studio(project: ProjectData, out: Path, to: Destination) -> Job[int]:
    """One JSON list of tasks. What an item shows and what is known of it are its data; its label is an annotation."""
    yield Progress(_("Writing"))
    kept = kept_items(project)
    images = None
    if project.kind is Kind.IMAGE:
        images = yield from _images(project, kept.tolist(), to)
    table = item_table(project, images).drop_columns("label")
    shown = "image" if project.kind is Kind.IMAGE else "text"
    labels = [labels_of(name) if project.task == "multilabel" else [name] for name in (*project.classes, "")]
    chosen = [labels[label] for label in project.checked_labels[kept]]
    labelled = project.checked_labels[kept] != UNLABELLED
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            for at, data in enumerate(json_rows(table.slice(start, _BLOCK)), start):
                if to.media is Media.EMBED:
                    data["image"] = _inline(project, int(kept[at]), to)
                said = [{"result": _result(chosen[at], shown)}] if labelled[at] else []
                task = {"id": at + 1, "data": data, "annotations": said}
                file.write(("," if at else "") + "\n" + json.dumps(task, ensure_ascii=False))
        file.write("\n]\n")
    return 1 + to.written


def label_studio_remarks(project: ProjectData, to: Destination) -> list[str]:
    """How Label Studio is to be set up so that it shows the images and finds the annotations."""
    shown = "image" if project.kind is Kind.IMAGE else "text"
    several = ' choice="multiple"' if project.task == "multilabel" else ""
    tags = f'<{shown.title()} name="{shown}" value="${shown}"/> <Choices name="{CONTROL}" toName="{shown}"{several}>'
    names = ", ".join(project.label_names[:_SHOWN]) + (" …" if len(project.label_names) > _SHOWN else "")
    setup = _("The labeling setup in Label Studio: {tags}, with the choices {names}.").format(tags=tags, names=names)
    remarks = [setup, *table_remarks(project, to)]
    if to.media not in (None, Media.EMBED):
        root = to.served or _served(project, to)
        settings = f"LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={root}"
        remarks.insert(0, _("Label Studio shows the images when it is started with {settings}").format(settings=settings))
    return remarks


def _served(project: ProjectData, to: Destination) -> Path:
    """The folder that the names of the images begin in."""
    if to.media is Media.NONE and len(project.items):
        with suppress(BadcaseError, OSError):  # data that have gone are told when they are read
            return project.items.media(0).root.location
    return to.out.parent


def _images(project: ProjectData, items: list[int], to: Destination) -> Job[list[str]]:
    """What the tasks call the images: addresses of files below the folder that Label Studio serves."""
    if to.media is Media.EMBED:
        return [""] * len(items)
    names = yield from (to.paths(items) if to.media is Media.NONE else to.names(items))
    if to.media is Media.NONE:
        root = _served(project, to)
        if not all(Path(name).is_relative_to(root) for name in names):
            root = Path(root.anchor)
            to.served = root
            to.remarks = label_studio_remarks(project, to)
        names = [Path(name).relative_to(root).as_posix() for name in names]
    return [SERVED + quote(name) for name in names]


def _inline(project: ProjectData, i: int, to: Destination) -> str:
    kind = Image.MIME.get(project.items.format(i), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(to.read(i)).decode()}"


def _result(labels: list[str], shown: str) -> list[dict[str, Any]]:
    if not labels:
        return []
    return [{"from_name": CONTROL, "to_name": shown, "type": "choices", "value": {"choices": labels}}]
