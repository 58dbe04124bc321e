"""Items: what a project is about, one row a sample, with its content, split, given label and metadata."""

from badcase.items.items import Items
from badcase.items.kinds import Kind, SetAside, Split
from badcase.items.media import MediaRef

__all__ = ["Items", "Kind", "MediaRef", "SetAside", "Split"]
