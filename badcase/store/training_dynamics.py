"""Training dynamics: what a training showed of each item on its way, margins by epoch, kept in the folder of the run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole
from badcase.store.checks.stored_arrays import stored_arrays
from badcase.store.run_table import RunRow, RunState

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_FILE = "dynamics.npz"
_log = logging.getLogger(__name__)


def write_dynamics(folder: Path, items: NDArray[np.int64], labels: NDArray[np.int64], margins: NDArray[np.float16]) -> None:
    """Keep what a run saw of the items that it trained on.

    A margin is the logit of the label minus the best other one, from the forward pass before the item's update.

    Args:
        folder: Of the run.
        items: (m,) ids.
        labels: (m,) that they were trained under.
        margins: (epochs, m).
    """
    with write_whole(folder / _FILE) as path, path.open("wb") as file:
        np.savez(file, items=items, labels=labels, margins=margins)


def write_label_dynamics(
    folder: Path,
    items: NDArray[np.int64],
    labels: NDArray[np.bool_],
    area: NDArray[np.float16],
    wrong: NDArray[np.int32],
    epochs: int,
) -> None:
    """Keep what a run saw of items with any number of labels.

    A margin is the logit of a label that is had, minus that of one that is not.

    Args:
        folder: Of the run.
        items: (m,) ids.
        labels: (m, k) that they were trained under.
        area: (m, k) the mean margin of each over the epochs.
        wrong: (m, k) in how many of them it was 0 or below.
        epochs: How many there were.
    """
    with write_whole(folder / _FILE) as path, path.open("wb") as file:
        np.savez(file, items=items, labels=labels, area=area, wrong=wrong.astype(np.uint16), epochs=epochs)


class LabelDynamics(NamedTuple):
    """Of each entry of the label matrix (n, k): its mean margin, NaN where nothing is known, and its wrong epochs."""

    area: NDArray[np.float16]
    wrong: NDArray[np.uint16]
    epochs: int


def last_watched(project: ProjectData) -> RunRow | None:
    """The last finished run that kept what it saw; None where there is none, or the classes were others then."""
    done = [run for run in project.runs.all() if run.state is RunState.DONE and run.has(_FILE)]
    return done[-1] if done and project.has_classes_of(done[-1].revision) else None


def read_margins(project: ProjectData, run: RunRow) -> NDArray[np.float16] | None:
    """(n, epochs) the margins of a run by item; NaN for what it did not train on, or under another label than now.

    None where the file is damaged: the ranking does not depend on it.
    """
    try:
        with stored_arrays(run.folder / _FILE) as kept:
            items, labels, margins = kept["items"], kept["labels"], kept["margins"]
        made = np.full((len(project.items), len(margins)), np.nan, np.float16)
        same = project.labels[items] == labels
        made[items[same]] = margins.T[same]
    except Exception as error:  # a damaged file fails in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        _log.warning("what run %s saw of the items cannot be read: %s", run.id, error)
        return None
    return made


def read_label_dynamics(project: ProjectData, run: RunRow) -> LabelDynamics | None:
    """What a run saw of the entries of a multi-label project, of those that are now as they were then; None as above."""
    try:
        with stored_arrays(run.folder / _FILE) as kept:
            items, labels, area, wrong, epochs = (kept[name] for name in ("items", "labels", "area", "wrong", "epochs"))
        n, k = len(project.items), len(project.label_names)
        made = LabelDynamics(np.full((n, k), np.nan, np.float16), np.zeros((n, k), np.uint16), int(epochs))
        same = project.taxonomy.matrix(project.labels[items]) == labels
        made.area[items] = np.where(same, area, np.float16(np.nan))
        made.wrong[items] = np.where(same, wrong, 0)
    except Exception as error:  # as above
        if is_out_of_memory(error):
            raise
        _log.warning("what run %s saw of the labels cannot be read: %s", run.id, error)
        return None
    return made
