"""Rows from what a layout says: the name of a file, and its label or labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from badcase.i18n import _, grouped
from badcase.importing.rows import TableRows
from badcase.items.roots import Root
from badcase.items.source import SourcePart

FILE, LABEL, LABELS = "file", "label", "labels"


def labelled_files(
    format: str, root: Root, name: str, files: Sequence[str], labels: Sequence[Sequence[str]], extra: Mapping[str, Sequence[Any]]
) -> TableRows:
    """One row a file. Where some file has several labels, all have lists of them.

    Args:
        name: The file of the layout.
        labels: (rows,) the distinct labels of each file, none where it has none.
        extra: Further columns.
    """
    several = sum(len(one) > 1 for one in labels)
    columns: dict[str, pa.Array] = {FILE: pa.array(files, pa.large_string())}
    if several:
        columns[LABELS] = pa.array([list(one) for one in labels], pa.list_(pa.string()))
    else:
        columns[LABEL] = pa.array([one[0] if one else None for one in labels], pa.large_string())
    columns |= {column: pa.array(values) for column, values in extra.items()}
    note = _("{n} of {all} images in {name} have several labels each.").format(
        n=grouped(several), all=grouped(len(files)), name=name
    )
    return TableRows(
        format,
        root,
        (SourcePart(name, len(files)),),
        pa.table(columns),
        np.arange(1, len(files) + 1),
        details={"several": several} if several else {},
        roles={"image": FILE},  # also where the names have no ending, and blanks as texts have
        notes=(note,) if several else (),
    )
