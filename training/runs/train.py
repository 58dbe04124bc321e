"""Train a model on the labels that hold now: one run, one folder. Importing this loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.i18n import _
from badcase.progress import Job, Notice
from badcase.store.run_table import RunRow
from badcase.training.data.leakage import leaks, leaks_by_split
from badcase.training.data.run_spec import RunSpec
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Method, Start, Validation
from badcase.training.run_folder.user_function import admit
from badcase.training.runs.plan import plan
from badcase.training.runs.single_run import close_abandoned, train_new_run

if TYPE_CHECKING:
    from badcase.project import Project


def train_in_steps(
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
    """Train a model on the present labels and keep all of it in the folder of a new run; the model in use does not change.

    Closing the job cancels it. Whatever ends it, the best checkpoint stays in the folder: `resume` goes on with the run,
    and `recover` makes a finished run of the checkpoint. A recipe with more than one fold is a cross-validation, see
    `cross_validate_in_steps`.

    Args:
        recipe: the default of the project where None.
        start: the first weights: "current", "pretrained" (where None) or "scratch".
        seed: decides every draw; the same seed gives the same run on a CPU.
        device: "cpu", "cuda", ...; the best there is where None.
        parent: the run that the notes compare this one with; the one in use where None.
        why: goes into the notes.
        within: (m,) the only items that are learnt from, see `build_training_set`; all others are predicted.
        part_of: the tuning that found the recipe.

    Raises:
        BadcaseError: `plan` refuses it, or the training fails; the row of the run then says so too.
    """
    project.require_writing()
    planned = plan(project, recipe, start, parent=parent)
    admit(planned.recipe, project.path)
    close_abandoned(project)
    if planned.recipe.folds > 1 and within is None:
        from badcase.training.runs.cross_validation import cross_validate_in_steps

        return (yield from cross_validate_in_steps(project, planned, seed=seed, device=device, why=why))
    assert project.predictions.current is not None, "plan() has seen to it"
    origin = project.predictions.current
    by_split = planned.recipe.validation == Validation.PROJECT
    leak = (leaks_by_split if by_split else leaks)(project, planned.recipe, planned.start, origin)
    if leak:
        yield Notice(leak, _("The validation score is too optimistic; gold is not."))
    first = project.predictions.all()[0].meta
    if first.get("kind") == "linear_head" and planned.start is Start.PRETRAINED and planned.recipe.method != Method.LINEAR_HEAD:
        text = _("The training begins with the pretrained weights of {name}, which hold no classifier: the head is new.")
        yield Notice(text.format(name=first.get("name")))
    spec = RunSpec(planned.recipe, planned.start, seed, project.revision, origin, device, within)
    spec = yield from spec.weighed(project)
    planned = plan(project, recipe, start, parent=parent, within=within, trust=spec.trust)  # with what is known now
    return (yield from train_new_run(project, spec, planned, why, part_of))
