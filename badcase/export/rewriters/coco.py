"""COCO: the category of an image's annotations replaced in its place, images of excluded items left out with theirs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from badcase.errors import BadcaseError
from badcase.export.corrections import Corrections
from badcase.export.rewriters.json_spans import Span, elements, members, replaced, without
from badcase.i18n import _
from badcase.importing.image_layouts.coco import id_of, objects_of


def rewrite_coco(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """Every other byte stays as it was; a label that an image gains becomes an annotation without a box."""
    text = raw.decode("utf-8-sig")
    made = json.loads(text)
    places = {key: value for key, value, _whole in members(text)}
    spans = {key: list(elements(text, places[key][0])) for key in ("images", "annotations")}
    annotations = objects_of(made, "annotations")
    ids = {str(one.get("name", one.get("id"))): id_of(one, "id") for one in objects_of(made, "categories")}
    of_image: dict[Any, list[int]] = defaultdict(list)
    for at, annotation in enumerate(annotations):
        of_image[id_of(annotation, "image_id")].append(at)
    (spellings,) = corrections.written.values()
    pieces: dict[Span, str] = {}
    gone: set[int] = set()
    added: list[dict[str, Any]] = []
    for row, image in enumerate(objects_of(made, "images"), 1):
        own = of_image[id_of(image, "id")]
        if row in corrections.dropped:
            gone.update(own)
        elif row in corrections.labels:
            label = spellings[corrections.labels[row]]
            wanted = _categories(name, ids, label)
            if isinstance(label, str):
                pieces |= {span: json.dumps(wanted[0]) for at in own if (span := _category(text, spans["annotations"][at]))}
                missing = [] if own else wanted
            else:
                had = {id_of(annotations[at], "category_id") for at in own}
                gone.update(at for at in own if annotations[at].get("category_id") not in wanted)
                missing = [one for one in wanted if one not in had]
            added += [{"image_id": image.get("id"), "category_id": one} for one in missing]
    pieces = {span: piece for span, piece in pieces.items() if not any(_within(span, spans["annotations"][at]) for at in gone)}
    pieces |= without(text, spans["images"], {row - 1 for row in corrections.dropped})
    pieces |= without(text, spans["annotations"], gone)
    if added:
        first = max((one["id"] for one in annotations if isinstance(one.get("id"), int)), default=0) + 1
        new = ", ".join(json.dumps({"id": first + at, **one}) for at, one in enumerate(added))
        end = places["annotations"][1] - 1
        pieces[end, end] = f", {new}" if len(gone) < len(spans["annotations"]) else new
    head = raw[: len(raw) - len(text.encode())]  # a byte order mark
    return head + replaced(text, pieces).encode()


def _categories(name: str, ids: dict[str, Any], label: str | Sequence[str]) -> list[Any]:
    labels = [label] if isinstance(label, str) else list(label)
    if missing := [one for one in labels if one not in ids]:
        raise BadcaseError(
            _("the file has no category of this name"),
            where=name,
            got=missing[0],
            hint=_("Add it to the categories of the file."),
        )
    return [ids[one] for one in labels]


def _category(text: str, span: Span) -> Span | None:
    return next((value for key, value, _whole in members(text, span[0]) if key == "category_id"), None)


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
