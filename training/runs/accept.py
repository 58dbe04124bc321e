"""Make a run's model the one in use, and its predictions the ones that are ranked: the next round."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job
from badcase.store.prediction_sets import PredictionSet
from badcase.store.run_table import RunState
from badcase.training.run_folder.run import CHECKPOINT, META, read_json

if TYPE_CHECKING:
    from badcase.project import Project


def accept(project: Project, run_id: int, *, device: str | None = None) -> Job[PredictionSet]:
    """Predict all items with the model of a run; when that is done, and not before, the model is the current one.

    A run that was stopped is accepted from its best checkpoint.
    """
    from badcase.training.runs.cross_validation import refuse_model_of
    from badcase.training.runs.resume import recover

    row = project.runs.get(run_id)
    refuse_model_of(row)
    if row.state is not RunState.DONE:
        if not (row.folder / CHECKPOINT).exists():
            raise BadcaseError(
                _("this run has no model to accept"),
                where=_("run {n}").format(n=run_id),
                got=_("a run that is {state}").format(state=row.state),
                hint=_("Train again, or choose another run."),
            )
        yield from recover(project, run_id, device=device)
    spec = read_json(row.folder / META)["model_spec"]
    made = yield from project.predict(spec, device=device, run=run_id)
    project.runs.update(run_id, accepted=datetime.now(UTC).isoformat(timespec="seconds"))
    return made
