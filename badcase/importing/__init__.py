"""Importing: any data set into items, with what was understood of it and what was set aside."""

from badcase.importing.importer import TASKS, Imported, Sample, Understanding, import_items, understand
from badcase.importing.read_options import ReadOptions

__all__ = ["TASKS", "Imported", "ReadOptions", "Sample", "Understanding", "import_items", "understand"]
