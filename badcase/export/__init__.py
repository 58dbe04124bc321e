"""The corrected data set, taken away: in the format it came in, in others, or as a patch."""

from badcase.export.destination import Media
from badcase.export.exporting import FORMATS, Exported, Exporter, ExportPreview, export, preview
from badcase.export.known_media import known_image
from badcase.export.own_data import check_not_own
from badcase.export.patch import apply_patch

__all__ = [
    "FORMATS",
    "ExportPreview",
    "Exported",
    "Exporter",
    "Media",
    "apply_patch",
    "check_not_own",
    "export",
    "known_image",
    "preview",
]
