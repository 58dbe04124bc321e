"""The corrected data set, taken away: in the format it came in, in others, or as a patch."""

from badcase.export.applying import Applied, Conflict, OnConflict, Side, apply_patch, preview_patch
from badcase.export.destination import Media
from badcase.export.exporting import FORMATS, Exported, Exporter, ExportPreview, export, preview
from badcase.export.known_media import known_image
from badcase.export.own_data import check_not_own
from badcase.export.patch_lines import is_patch

__all__ = [
    "FORMATS",
    "Applied",
    "Conflict",
    "ExportPreview",
    "Exported",
    "Exporter",
    "Media",
    "OnConflict",
    "Side",
    "apply_patch",
    "check_not_own",
    "export",
    "is_patch",
    "known_image",
    "preview",
    "preview_patch",
]
