"""A JSON object that gives each image its label, or several: {"0.jpg": "cat", "1.jpg": "dog"}."""

from __future__ import annotations

from badcase.importing.image_layouts.fiftyone import names_of
from badcase.importing.image_layouts.json_object import json_object
from badcase.importing.image_layouts.labelled_files import labelled_files
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.images import is_image_name
from badcase.items.roots import Root


def is_image_map(root: Root, name: str) -> bool:
    """Whether every key of a JSON object names an image, and every value a label or a list of labels."""
    made = json_object(root, name)
    return bool(made) and all(
        is_image_name(key) and (value is None or isinstance(value, int | str | list)) for key, value in made.items()
    )


def read_image_map(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """One row an image, in the order of the file."""
    made = json_object(root, name)
    return labelled_files("map", root, name, list(made), [names_of(value, []) for value in made.values()], {})
