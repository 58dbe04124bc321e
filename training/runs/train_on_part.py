"""Training on a part: train on some items, predict others, keep no model. For a fold or a part of a trial."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.progress import Job
from badcase.store.thresholds import LogitThresholds
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.threshold_tuning import tuned_logit_thresholds, tunes
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.own_state import kept_apart
from badcase.training.loop.reproducible import repeatable
from badcase.training.recipe.enums import Thresholds
from badcase.training.run_folder.run import Run
from badcase.training.run_folder.user_function import admit
from badcase.training.runs.compiling import compile_where_it_pays
from badcase.training.runs.single_run import with_followers

if TYPE_CHECKING:
    from badcase.project import Project


def train_and_predict(
    project: Project, spec: RunSpec, items: npt.NDArray[np.int64], scratch: Path, name: str
) -> Job[tuple[npt.NDArray[np.float32], LogitThresholds, list[dict[str, float]]]]:
    """Train by a spec and predict some items.

    Args:
        items: (m,) what is predicted.
        scratch: a folder for the checkpoint, removed at the end.
        name: of the prediction, in its progress.

    Returns:
        Logits (m, k), logit thresholds (k,) and the history of the training.
    """
    return (yield from kept_apart(_train_and_predict(project, spec, items, scratch, name)))


def _train_and_predict(
    project: Project, spec: RunSpec, items: npt.NDArray[np.int64], scratch: Path, name: str
) -> Job[tuple[npt.NDArray[np.float32], LogitThresholds, list[dict[str, float]]]]:
    from badcase.training.loop.fit import fit, predict_shared
    from badcase.training.network.setups import setup_for

    shutil.rmtree(scratch, ignore_errors=True)
    try:
        with repeatable(spec.seed):
            spec = yield from spec.weighed(project)
            training_set = spec.training_set(project)
            admit(spec.recipe, project.path)
            run = Run.begin(scratch, spec.recipe, project.label_names)
            with with_followers(project, spec, training_set):
                setup = setup_for(spec, project, training_set)
                yield from compile_where_it_pays(setup, training_set)
                yield from fit(setup.trainee, setup.splits(training_set), spec.recipe, run)
                logit_thresholds, chosen = np.zeros(len(project.label_names)), training_set.validation
                if tunes(spec.recipe, chosen.labels):
                    seen = yield from predict_shared(setup, chosen, name)
                    logit_thresholds = tuned_logit_thresholds(seen, chosen.labels, Thresholds(spec.recipe.thresholds))
                rows = TrainingRows(items, project.taxonomy.answers(project.labels[items]))
                return (yield from predict_shared(setup, rows, name)), logit_thresholds, run.history
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
