"""New items that contradict what is there: twins labelled otherwise, and what was edited after somebody had judged it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from badcase.items.kinds import UNLABELLED

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

Ids = NDArray[np.int64]


def contradicting_twins(project: ProjectData, new: Ids, old: Ids) -> Ids:
    """The new items that are a twin of an old one with another label; what has no label contradicts nothing."""
    labels, twins = project.labels, project.items.twins
    said = old[labels[old] != UNLABELLED]
    pairs = np.unique(np.stack([twins[said], labels[said].astype(np.int64)]), axis=1)
    sets, starts, counts = np.unique(pairs[0], return_index=True, return_counts=True)
    found = []
    for item in new[(labels[new] != UNLABELLED) & np.isin(twins[new], sets)].tolist():
        at = int(np.searchsorted(sets, twins[item]))
        if (pairs[1, starts[at] : starts[at] + counts[at]] != labels[item]).any():
            found.append(item)
    return np.array(found, np.int64)


def edited_after_a_verdict(project: ProjectData, new: Ids) -> Ids:
    """The new items whose key was that of an item which somebody had judged, and which the data have no more."""
    judged = project.journal.replay.judged()
    keys = {project.items.key(i) for i in judged[project.gone[judged]].tolist()}
    return np.array([i for i in new.tolist() if project.items.key(i) in keys] if keys else [], np.int64)
