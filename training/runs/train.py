"""Train a model on the labels that hold now: one run, one folder. Importing this loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.progress import Job, Notice
from badcase.store.run_table import RunRow
from badcase.training.data.leakage import leaks
from badcase.training.data.run_spec import RunSpec
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start, Validation
from badcase.training.runs.plan import plan
from badcase.training.runs.single_run import close_abandoned, train_anew

if TYPE_CHECKING:
    from badcase.project import Project


def train(
    project: Project,
    recipe: Recipe | None = None,
    *,
    start: Start | str | None = None,
    seed: int = 0,
    device: str | None = None,
    parent: int | None = None,
    why: str = "",
    within: npt.NDArray[np.int64] | None = None,
    part_of: int | None = None,
) -> Job[RunRow]:
    """Train under one recipe and keep everything in the folder of a new run; the model in use does not change.

    start: "current", "pretrained" (the default) or "scratch"; parent and why go into the notes. Closing the job
    cancels it; whatever ends it, the best checkpoint stays in the folder, and `recover` makes a whole run of it, or
    `resume` goes on with it. A recipe with more than one fold is a cross-validation, see `cross_validate`. within: only
    these items are learnt from, see `fold_back`; all others are predicted. part_of: the tuning that found the recipe.
    """
    planned = plan(project, recipe, start, parent=parent)
    close_abandoned(project)
    if planned.recipe.folds > 1 and within is None:
        from badcase.training.runs.cross_validation import cross_validate

        return (yield from cross_validate(project, planned, seed=seed, device=device, why=why))
    assert project.predictions is not None, "plan() has seen to it"
    leak = leaks(project, planned.recipe, planned.start, project.predictions)
    if leak and planned.recipe.validation != Validation.PROJECT:
        yield Notice(leak, _("What validation says is too hopeful; gold is not."))
    terms = RunSpec(planned.recipe, planned.start, seed, project.revision, project.predictions, device, within)
    terms = yield from terms.weighed(project)
    return (yield from train_anew(project, terms, planned, why, part_of))
