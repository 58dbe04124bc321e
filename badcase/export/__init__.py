"""The corrected data set, taken away: in the format it came in, in others, or as a patch."""

from badcase.export.exporting import FORMATS, Exported, Exporter, ExportPreview, check_not_own, export, preview
from badcase.export.patch import apply_patch

__all__ = ["FORMATS", "ExportPreview", "Exported", "Exporter", "apply_patch", "check_not_own", "export", "preview"]
