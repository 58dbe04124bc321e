"""The rows of the labelled data as they are now, with content, keys and labels, as `read_again` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.importing.content import gather_images, gather_texts
from badcase.importing.gathered import Gathered
from badcase.importing.importer import read_again
from badcase.importing.keys import row_keys, set_aside_row, usable_rows
from badcase.importing.labels.labelling import Labelling
from badcase.importing.row_labels import RowLabels
from badcase.importing.times import row_times
from badcase.items.kinds import UNLABELLED
from badcase.items.label_sets import labels_of
from badcase.items.roots import Root, digest_of
from badcase.items.source import Source, SourcePart
from badcase.progress import Job
from badcase.store.project_data import ProjectData


@dataclass(frozen=True, slots=True)
class RowsNow:
    """What stands there now.

    Attributes:
        gathered: The rows that are items; `given` has ids beyond the classes of the project for `new_sets`.
        new_sets: Sets of its labels that no item had, in the order of their ids.
        numbered: Whether the keys are numbers of rows.
        time: (m,) as `row_times` tells; None without such a column.
        splits: (m,) the split that each row names; None without such a column.
        source: How it was read, for an export.
    """

    gathered: Gathered
    new_sets: Sequence[str]
    numbered: bool
    time: npt.NDArray[np.float64] | None
    splits: Sequence[str | None] | None
    source: Source


def rows_now(project: ProjectData, place: Path, media: Path) -> Job[RowsNow]:
    """Read a table, folder or archive as the project's data were read.

    Args:
        project: The project.
        place: Where it is.
        media: The folder that gets embedded images.

    Raises:
        BadcaseError: Where nothing there can be read, or a column is gone.
    """
    taxonomy = project.taxonomy
    known, several = taxonomy.imported, project.task == "multilabel"
    rows, columns, one_hot = read_again(known, place, project.task)
    classes = taxonomy.stored_classes if several else taxonomy.stored_labels
    labels = RowLabels(rows, columns, one_hot, known, classes, project.task, also=_called_now(project))
    keys, notes = row_keys(rows, columns)
    usable, bad = usable_rows(rows, keys, _labelling(labels, len(keys)), columns)
    if columns.image is not None:
        found = yield from gather_images(rows, columns, usable, media)
    else:
        found = gather_texts(rows, columns.text or "", usable)
    bad = [*rows.bad, *bad, *(set_aside_row(rows, keys, at, error) for at, error in found.bad)]
    if not found.rows:
        hint = _("Nothing was changed. Check the path, or put the data back.")
        raise BadcaseError(_("the data set has no usable item"), where=str(place), hint=hint)
    given, sets, unknown = _classes(project, labels, found.rows)
    if unknown:
        names = sorted({str(labels.names[at]) for at in unknown})
        text = plural(
            "{n} item has a label that is no class of the project ({names}); it counts as without a label.",
            "{n} items have a label that is no class of the project ({names}); they count as without a label.",
            len(unknown),
        )
        notes = [*notes, text.format(n=grouped(len(unknown)), names=", ".join(names[:5]))]
    gathered = Gathered(rows, columns, found, [keys[at] or "" for at in found.rows], given, bad, [*rows.notes, *notes])
    parts = tuple(_with_digest(rows.root, part) for part in rows.parts)
    source = Source(
        rows.format, rows.root.location, parts, known.columns, labels.written, dict(rows.details), rows.lone, known.several,
        known.options,
    )  # fmt: skip
    return RowsNow(
        gathered,
        sets,
        keys == [str(number) for number in rows.number],
        None if columns.time is None else row_times(rows, columns.time)[found.rows],
        None if columns.split is None else [rows.table[columns.split][at].as_py() for at in found.rows],
        source,
    )


def _called_now(project: ProjectData) -> dict[str, int]:
    """The stored class of each that is called otherwise now than in the data, where an item has one label."""
    view = project.taxonomy.view
    return {} if project.task == "multilabel" else dict(zip(view.classes, view.stored.tolist(), strict=True))


def _with_digest(root: Root, part: SourcePart) -> SourcePart:
    return replace(part, digest=digest_of(root, part.name)) if part.name else part


def _labelling(labels: RowLabels, m: int) -> Labelling:
    """How the labels are read now; where they alone have no reading, such as of one class, none is unknown."""
    try:
        return labels.labelling
    except BadcaseError:
        return Labelling((), np.zeros(m, np.int32), [None] * m, {})


def _classes(
    project: ProjectData, labels: RowLabels, rows: Sequence[int]
) -> tuple[npt.NDArray[np.int32], Sequence[str], Sequence[int]]:
    """The stored class of each of these rows, new sets of known labels, and the rows whose label is no class."""
    several = project.task == "multilabel"
    ids: dict[str | None, int | None] = {}
    sets: list[str] = []
    given, unknown = np.full(len(rows), UNLABELLED, np.int32), []
    for at, row in enumerate(rows):
        name = labels.names[row]
        if name not in ids:
            ids[name] = labels.of(row)
            if ids[name] is None and several and name is not None and set(labels_of(name)) <= set(project.label_names):
                ids[name] = len(project.taxonomy.stored_classes) + len(sets)
                sets.append(name)
        if (number := ids[name]) is None:
            unknown.append(row)
        else:
            given[at] = number
    return given, sets, unknown
