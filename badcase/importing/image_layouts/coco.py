"""COCO: images, annotations and categories in one JSON file; the categories of an image's annotations are its labels.

Source: https://cocodataset.org/#format-data
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.image_layouts.json_object import json_object
from badcase.importing.image_layouts.labelled_files import labelled_files
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root
from badcase.items.splits import split_named

SPLIT = "split"


def is_coco(root: Root, name: str) -> bool:
    """Whether a JSON file is laid out as COCO does."""
    made = json_object(root, name)
    images = made.get("images")
    return isinstance(images, list) and bool(images) and "annotations" in made and _named(images[0])


def read_coco(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """One row an image, in the order of the file; boxes and outlines are passed over."""
    made = json_object(root, name)
    labels = labels_of_images(made)
    if labels is None:
        raise BadcaseError(
            _("the annotations have no categories, so they tell no labels"),
            where=name,
            expected=_("categories, and annotations with a category_id"),
            hint=_("Write a labels.csv (file, label) beside the images."),
        )
    images = objects_of(made, "images")
    rows = labelled_files(
        "coco",
        root,
        name,
        [str(image.get("file_name", "")) for image in images],
        [labels.get(id_of(image, "id"), []) for image in images],
        {SPLIT: splits} if any(splits := [_split(image.get(SPLIT)) for image in images]) else {},
    )
    drawn = any(one.get("bbox") or one.get("segmentation") for one in objects_of(made, "annotations"))
    note = _("The boxes and outlines in {name} are passed over: the categories of an image are its labels.").format(name=name)
    return replace(rows, notes=(*rows.notes, note)) if drawn else rows


def labels_of_images(made: dict[str, Any]) -> dict[Any, list[str]] | None:
    """From the id of an image to the names of its categories, each once; None where there are no categories."""
    names = {id_of(one, "id"): str(one.get("name", one.get("id"))) for one in objects_of(made, "categories")}
    annotations = objects_of(made, "annotations")
    if not names or not any("category_id" in one for one in annotations):
        return None
    found: dict[Any, list[str]] = {}
    for one in annotations:
        label = names.get(id_of(one, "category_id"))
        labels = found.setdefault(id_of(one, "image_id"), [])
        if label is not None and label not in labels:
            labels.append(label)
    return found


def objects_of(made: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of one of COCO's lists, each in its place; what is none is an empty one."""
    found = made.get(key)
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []


def id_of(one: dict[str, Any], key: str) -> Any:
    """What identifies an image or a category; None where that is no number and no text."""
    found = one.get(key)
    return None if isinstance(found, dict | list) else found


def _split(value: Any) -> str | None:
    """The split of an image, which COCO has no place for and some programs write beside the size; None where it is none."""
    return value if isinstance(value, str) and split_named(value) is not None else None


def _named(image: Any) -> bool:
    return isinstance(image, dict) and "file_name" in image
