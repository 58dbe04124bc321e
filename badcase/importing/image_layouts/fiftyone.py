"""FiftyOne's directory of image classification: a labels.json with classes and labels, and the images in data/ or by data.json.

Source: https://docs.voxel51.com/user_guide/dataset_creation/datasets.html#fiftyoneimageclassificationdataset
"""

from __future__ import annotations

import posixpath
from typing import Any

from badcase.importing.image_layouts.json_object import json_object
from badcase.importing.image_layouts.labelled_files import labelled_files
from badcase.importing.read_options import NOTICED, ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root


def is_fiftyone(root: Root, name: str) -> bool:
    """Whether a JSON file holds classes and, for the name of each image without its ending, a label."""
    made = json_object(root, name)
    labels = made.get("labels")
    if not isinstance(labels, dict) or not labels or not isinstance(made.get("classes"), list | None):
        return False
    return all(value is None or isinstance(value, int | str | list | dict) for value in labels.values())


def read_fiftyone(root: Root, name: str, options: ReadOptions = NOTICED) -> TableRows:
    """One row an image, in the order of the file."""
    made = json_object(root, name)
    classes = [str(one) for one in made.get("classes") or ()]
    paths = json_object(root, posixpath.join(posixpath.dirname(name), "data.json"))  # where the images lie elsewhere
    files = [str(paths.get(file, file)) for file in made["labels"]]
    labels = [names_of(value, classes) for value in made["labels"].values()]
    return labelled_files("fiftyone", root, name, files, labels, {})


def names_of(value: Any, classes: list[str]) -> list[str]:
    """What stands there as names: a place in the classes, a name, a dictionary with the label in it, or a list of these."""
    if isinstance(value, list):
        return list(dict.fromkeys(name for one in value for name in names_of(one, classes)))
    if isinstance(value, dict):
        return names_of(value.get("label"), classes)
    if value is None or (isinstance(value, int) and classes and not 0 <= value < len(classes)):
        return []
    return [classes[value] if isinstance(value, int) and classes else str(value)]
