"""Layouts that tell the labels of images in a file of their own kind; a table says which reader knows a file."""

from __future__ import annotations

from collections.abc import Callable

from badcase.importing.image_layouts.coco import is_coco, read_coco
from badcase.importing.image_layouts.fiftyone import is_fiftyone, read_fiftyone
from badcase.importing.image_layouts.image_lists import is_image_list, read_image_list
from badcase.importing.image_layouts.image_map import is_image_map, read_image_map
from badcase.importing.image_layouts.shards import is_shard, read_shard
from badcase.importing.read_options import ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root

LayoutReader = Callable[[Root, str, ReadOptions], TableRows]

# By ending: whether a file is of a layout, and its reader.
LAYOUTS: dict[str, tuple[tuple[Callable[[Root, str], bool], LayoutReader], ...]] = {
    ".json": ((is_coco, read_coco), (is_fiftyone, read_fiftyone), (is_image_map, read_image_map)),
    ".txt": ((is_image_list, read_image_list),),
    ".tar": ((is_shard, read_shard),),
}


def layout_reader(root: Root, name: str) -> LayoutReader | None:
    """The reader of a file that tells labels in the way of one of these layouts; None for every other file."""
    ending = name[name.rfind(".") :].lower()
    return next((reader for known, reader in LAYOUTS.get(ending, ()) if known(root, name)), None)
