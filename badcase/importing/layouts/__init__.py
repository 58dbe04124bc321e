"""Layouts that tell the labels of images in a file of their own kind; a table says which reader knows a file."""

from __future__ import annotations

from collections.abc import Callable

from badcase.importing.read_options import ReadOptions
from badcase.importing.rows import TableRows
from badcase.items.roots import Root

LayoutReader = Callable[[Root, str, ReadOptions], TableRows]


def layout_reader(root: Root, name: str) -> LayoutReader | None:
    """The reader of a file that tells labels in the way of one of these layouts; None for every other file."""
    return None
