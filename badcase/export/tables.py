"""The items as one new table: key, content, label, split, given label, verdict, and the source's other columns."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from badcase.export.corrections import excluded
from badcase.i18n import _
from badcase.items.kinds import Kind, Split
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_BLOCK = 10_000


def item_table(project: ProjectData) -> pa.Table:
    """One row for each item that is not excluded; images by their path inside the data set."""
    items = project.items
    kept = np.flatnonzero(~excluded(project))
    rows = pa.array(kept)
    classes = np.array([*project.classes], object)
    splits = np.array([split.name.lower() for split in Split], object)
    verdicts = np.array(["", *(code.name.lower() for code in VerdictCode if code)], object)
    columns: dict[str, Any] = {
        "key": pa.array(items.keys[:], pa.large_string()).take(rows),
        ("image" if items.kind is Kind.IMAGE else "text"): pa.array(items.texts()[:], pa.large_string()).take(rows),
        "label": pa.array(classes[project.labels[kept]], pa.string()),
        "split": pa.array(splits[items.split[kept]], pa.string()),
        "given_label": pa.array(classes[project.given[kept]], pa.string()),
        "verdict": pa.array(verdicts[project.verdicts[kept]], pa.string()),
    }
    for name in items.metadata_names:
        columns.setdefault(name, items.metadata_column(name).take(rows))
    return pa.table(columns)


def export_csv(project: ProjectData, out: Path) -> Job[int]:
    """UTF-8, commas, one header line."""
    table = item_table(project)
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            writer.writerows(zip(*table.slice(start, _BLOCK).to_pydict().values(), strict=True))
    return 1


def export_jsonl(project: ProjectData, out: Path) -> Job[int]:
    """UTF-8, one object a line."""
    table = item_table(project)
    with write_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, len(table), _BLOCK):
            yield Progress(_("Writing"), start, len(table), _("items"))
            for row in table.slice(start, _BLOCK).to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    return 1


def export_parquet(project: ProjectData, out: Path) -> Job[int]:
    """Parquet with the types of the source's own columns."""
    yield Progress(_("Writing"))
    with write_whole(out) as temporary:
        parquet.write_table(item_table(project), temporary)
    return 1
