"""Learn from some items and predict others with what came of it, keeping no model: a fold, a trial."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.progress import Job
from badcase.store.thresholds import LogitThresholds
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.thresholds import tuned_logit_thresholds, tunes
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.own_state import kept_apart
from badcase.training.recipe.enums import Thresholds
from badcase.training.run_folder.run import Run
from badcase.training.runs.train import repeatable, shared

if TYPE_CHECKING:
    from badcase.project import Project


def train_and_predict(
    project: Project, terms: RunSpec, items: npt.NDArray[np.int64], scratch: Path, name: str
) -> Job[tuple[npt.NDArray[np.float32], LogitThresholds, list[dict[str, float]]]]:
    """Train on these terms; returns logits (m, k) of the items (m,), logit_thresholds (k,) and the history.

    scratch: a folder for the checkpoint, which goes at the end; name: what the prediction is called as it goes on.
    """
    return (yield from kept_apart(_train_and_predict(project, terms, items, scratch, name)))


def _train_and_predict(
    project: Project, terms: RunSpec, items: npt.NDArray[np.int64], scratch: Path, name: str
) -> Job[tuple[npt.NDArray[np.float32], LogitThresholds, list[dict[str, float]]]]:
    from badcase.training.loop.fit import fit, predict_shared

    shutil.rmtree(scratch, ignore_errors=True)
    try:
        with repeatable(terms.seed):
            terms = yield from terms.weighed(project)
            training_set = terms.training_set(project)
            run = Run.begin(scratch, terms.recipe, project.label_names)
            with shared(project, terms, training_set):
                setup = terms.setup(project, training_set)
                yield from fit(setup.trainee, setup.splits(training_set), terms.recipe, run)
                logit_thresholds, chosen = np.zeros(len(project.label_names)), training_set.validation
                if tunes(terms.recipe, chosen.labels):
                    seen = yield from predict_shared(setup, chosen, name)
                    logit_thresholds = tuned_logit_thresholds(seen, chosen.labels, Thresholds(terms.recipe.thresholds))
                rows = TrainingRows(items, project.answers(project.labels[items]))
                return (yield from predict_shared(setup, rows, name)), logit_thresholds, run.history
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
