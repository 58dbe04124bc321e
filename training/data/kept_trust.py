"""Label trust that was found once, kept beside the prediction set it came from, by all that it depends on. numpy only."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.ranking.saved_ranking import VERSION as OF_RANKINGS
from badcase.store.atomic_files import write_folder_whole

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet

VERSION = 1  # of what is made of a ranking. Raise it with every change of that
MOST, ROOM = 32, 1 << 28  # kept of a prediction set: so many, as those of a tuning's parts, in so many bytes


def trust_folder(project: Project, origin: PredictionSet, items: npt.NDArray[np.int64], several: npt.NDArray[np.int64]) -> Path:
    """Where the trust in the labels of items (m,) lies; `several` are those that several reviewers have answered."""
    digest = hashlib.blake2b(digest_size=12)
    names = [VERSION, OF_RANKINGS, project.task, *project.classes, *project.label_names]
    digest.update(json.dumps(names).encode())
    for values in (items, project.given[items], project.labels[items], project.verdicts[items], np.intersect1d(several, items)):
        digest.update(np.ascontiguousarray(values).tobytes())
    return origin.folder / f"trust-{digest.hexdigest()}"


def keep_trust(write: Callable[[Path], None], folder: Path) -> None:
    """Keep in that folder what is written there; what was found longest ago makes room."""
    with write_folder_whole(folder, durable=False) as making:
        write(making)
    taken = 0
    newest = sorted(folder.parent.glob("trust-*"), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for number, kept in enumerate(newest):
        taken += sum(file.stat().st_size for file in kept.iterdir())
        if number and (number >= MOST or taken > ROOM):
            shutil.rmtree(kept, ignore_errors=True)
