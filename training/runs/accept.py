"""Accept a run: its model becomes the one in use, and its predictions the ones that are ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job
from badcase.store.prediction_sets import PredictionSet
from badcase.store.run_table import FROM_FILE, RunKind, RunRow, RunState
from badcase.training.run_folder.run_files import CHECKPOINT, META, read_json

if TYPE_CHECKING:
    from badcase.project import Project


def accept_in_steps(project: Project, run_id: int, *, alone: bool = False, device: str | None = None) -> Job[PredictionSet]:
    """Accept a run: predict all items with its model, which becomes the model in use once that is done, and not before.

    A run that was stopped is recovered from its best checkpoint first. One that was trained under several seeds gives way to
    the mean of their weights where that is better on the validation items, see `soup_in_steps`; a notice says so.

    Args:
        run_id: of the run.
        alone: take this very run, whatever other seeds there are.
        device: the best there is where None.

    Returns:
        The new prediction set, which is ranked from now on.

    Raises:
        BadcaseError: the run keeps no model, such as a cross-validation or a trial, or ended before its first checkpoint.
    """
    project.require_writing()
    from badcase.training.runs.resume import recover_in_steps
    from badcase.training.runs.soup import soup_in_steps

    row = project.runs.get(run_id)
    _refuse_without_model(row)
    if row.start == FROM_FILE:
        raise BadcaseError(
            _("these predictions came from a file, and there is no model of theirs to accept"),
            where=_("run {n}").format(n=run_id),
            got=row.title,
            hint=_("Bring them again: badcase predict PROJECT --from FILE."),
        )
    if row.state is not RunState.DONE:
        if not (row.folder / CHECKPOINT).exists():
            raise BadcaseError(
                _("this run has no model to accept"),
                where=_("run {n}").format(n=run_id),
                got=_("a run that is {state}").format(state=row.state),
                hint=_("Train again, or choose another run."),
            )
        yield from recover_in_steps(project, run_id, device=device)
    from badcase.models import stored_spec

    row = project.runs.get(run_id)
    if not alone and project.has_classes_of(row.revision):  # what was trained for other classes is judged by nothing now
        row = yield from soup_in_steps(project, row, device=device)
    model_spec = stored_spec(read_json(row.folder / META)["model_spec"], row.folder / META)
    return (yield from project.predicting(model_spec, device=device, run=row.id))


def _refuse_without_model(row: RunRow) -> None:
    """BadcaseError where a run measured a recipe and keeps no model: a cross-validation, a trial, a tuning."""
    by_recipe = _(
        "Train by the same recipe, and accept that run: badcase train PROJECT --recipe runs/{n}/recipe.toml --set folds=1"
    )
    kept_none = {
        RunKind.CROSS_VALIDATION: (_("a cross-validation measures a recipe and keeps no model"), by_recipe),
        RunKind.TRIAL: (_("a trial measures a recipe and keeps no model"), by_recipe),
        RunKind.TUNING: (
            _("a tuning keeps no model; the training at its end is a run of its own"),
            _("`badcase runs PROJECT` lists that training; if the tuning was stopped: badcase tune PROJECT --resume"),
        ),
        RunKind.NESTED_TUNING: (
            _("a tuning measured in outer folds keeps no model"),
            _("Find one recipe and train by it: badcase tune PROJECT."),
        ),
    }
    if row.kind in kept_none:
        what, hint = kept_none[row.kind]
        raise BadcaseError(what, where=_("run {n}").format(n=row.id), hint=hint.format(n=row.id))
