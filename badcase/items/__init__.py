"""Items: what a project is about, and how they are read from any data set."""

from badcase.items.items import Items
from badcase.items.kinds import Kind, SetAside, Split
from badcase.items.media import MediaRef
from badcase.items.reading import TASKS, Imported, Sample, Understanding, import_items, understand

__all__ = [
    "TASKS",
    "Imported",
    "Items",
    "Kind",
    "MediaRef",
    "Sample",
    "SetAside",
    "Split",
    "Understanding",
    "import_items",
    "understand",
]
