"""What a run said of the items, told under the classes that there are now. numpy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.store.thresholds import LogitThresholds, read_logit_thresholds
from badcase.training.run_folder.run_files import read_logits

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.run_table import RunRow


def run_logits(project: Project, run: RunRow) -> npt.NDArray[np.floating]:
    """(n, k) float16 of `label_names`, NaN where the run did not predict; BadcaseError where they are damaged."""
    view, told = project.journal.view_at(run.revision), project.told_outputs(run.revision)
    values = read_logits(run.folder, (len(project.items), len(view.label_names)))
    return values if told is None else told.logits(values, _cuts(project, run))


def run_thresholds(project: Project, run: RunRow) -> LogitThresholds:
    """(k,) the logits above which the run answers each of `label_names`."""
    told, cuts = project.told_outputs(run.revision), _cuts(project, run)
    return cuts if told is None else told.thresholds(cuts)


def untaught(project: Project, run: RunRow) -> tuple[str, ...]:
    """What the run never learnt, as it was added or split off since."""
    told = project.told_outputs(run.revision)
    return () if told is None else tuple(project.label_names[place] for place in told.untrained)


def _cuts(project: Project, run: RunRow) -> LogitThresholds:
    return read_logit_thresholds(run.folder, project.journal.view_at(run.revision).label_names)
