"""The items that runs are compared on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.project import Project


def gold_items(project: Project) -> npt.NDArray[np.int64]:
    """Ids of the gold items that judge runs: without excluded and unsure ones."""
    usable = project.gold & (project.verdicts != VerdictCode.EXCLUDE) & (project.verdicts != VerdictCode.UNSURE)
    return np.flatnonzero(usable)
