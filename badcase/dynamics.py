"""What a training showed of each item on its way: margins by epoch, kept in the folder of the run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.files import write_whole
from badcase.runs import RunRow, RunState

if TYPE_CHECKING:
    from badcase.project import Project

_FILE = "dynamics.npz"


def write_dynamics(
    folder: Path, items: NDArray[np.int64], labels: NDArray[np.int64], margins: NDArray[np.float16]
) -> None:
    """Keep of the items (m,) that a run trained on, under these labels (m,), the margins (epochs, m).

    A margin is the logit of the label minus the best other one, from the forward pass before the item's update.
    """
    with write_whole(folder / _FILE) as path, path.open("wb") as file:
        np.savez(file, items=items, labels=labels, margins=margins)


def last_watched(project: Project) -> RunRow | None:
    """The last finished run that kept what it saw; None where there is none."""
    done = [run for run in project.runs() if run.state is RunState.DONE and (run.folder / _FILE).exists()]
    return done[-1] if done else None


def read_margins(project: Project, run: RunRow) -> NDArray[np.float16] | None:
    """(n, epochs) the margins of a run by item; NaN for what it did not train on, or under another label than now.

    None where the file is damaged: the ranking does not depend on it.
    """
    try:
        with (run.folder / _FILE).open("rb") as file, np.load(file) as kept:
            items, labels, margins = kept["items"], kept["labels"], kept["margins"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    made = np.full((len(project.items), len(margins)), np.nan, np.float16)
    same = project.labels[items] == labels
    made[items[same]] = margins.T[same]
    return made
