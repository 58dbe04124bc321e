"""Importing: any data set into items, with what was understood of it and what was set aside."""

from badcase.importing.importer import TASKS, Imported, Sample, Understanding, import_items, understand
from badcase.importing.read_options import ReadOptions
from badcase.importing.readers.csv import delimited_texts

__all__ = ["TASKS", "Imported", "ReadOptions", "Sample", "Understanding", "delimited_texts", "import_items", "understand"]
