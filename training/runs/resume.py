"""Resume a run that was interrupted, repeat a finished one, or recover a finished run from a best checkpoint."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.data.run_spec import RunSpec, seen_by
from badcase.training.loop.own_state import kept_apart
from badcase.training.loop.reproducible import repeatable
from badcase.training.run_folder.run import Run, load_checkpoint
from badcase.training.run_folder.run_files import LOGITS, META, STATE, read_history, read_json, read_logits
from badcase.training.runs.compiling import COMPILED
from badcase.training.runs.notes import write_training_notes
from badcase.training.runs.plan import plan
from badcase.training.runs.single_run import close_abandoned, predict_and_save, remove_resume_files, train_new_run, train_run

if TYPE_CHECKING:
    from badcase.project import Project

TIMED = {"rate"}  # what a history has of the clock


def resume_in_steps(project: Project, number: int, *, device: str | None = None) -> Job[RunRow]:
    """Resume a run that was cancelled, failed or killed, from the last check on the validation items whose state it kept.

    On a CPU it ends as if it had never been interrupted.

    Args:
        number: of the run.
        device: the one that it was trained on where None, if that is here.

    Raises:
        BadcaseError: the run is finished, is no training of one model, kept no state, or what it learnt from has changed.
    """
    project.require_writing()
    row = _training(project, number)
    if row.state is RunState.DONE:
        raise BadcaseError(
            _("this run is finished"),
            where=_("run {n}").format(n=number),
            hint=_("`badcase train PROJECT --repeat {n}` trains it again.").format(n=number),
        )
    from badcase.training.run_folder.resume_state import read_state

    looks = read_state(row.folder / STATE)["looks"]
    done = round(read_history(row.folder, looks)[looks - 1]["epoch"], 2)
    close_abandoned(project)
    spec = RunSpec.of(project, row, device or (yield from _same_device(row)))
    yield Notice(_("Run {n} goes on after epoch {epoch:g}.").format(n=number, epoch=done))
    project.runs.update(number, state=RunState.RUNNING, error="", finished=None)
    yield from train_run(project, number, spec, resumed=True)
    planned = plan(project, spec.recipe, spec.start, parent=row.parent, revision=row.revision, **seen_by(row.folder))
    write_training_notes(project, number, planned, _("It was interrupted and went on after epoch {epoch:g}.").format(epoch=done))
    return project.runs.get(number)


def repeat_in_steps(project: Project, number: int, *, device: str | None = None) -> Job[RunRow]:
    """Repeat a run as a new run: same recipe, labels, seed, start and predictions. A notice says whether the numbers agree.

    Args:
        number: of the run to repeat, which is the parent of the new one.
        device: the one that it was trained on where None, if that is here.

    Raises:
        BadcaseError: the run is no training of one model, or the predictions it began from are gone.
    """
    project.require_writing()
    row = _training(project, number)
    close_abandoned(project)
    spec = RunSpec.of(project, row, device or (yield from _same_device(row)))
    planned = plan(project, spec.recipe, spec.start, parent=number, revision=row.revision, **seen_by(row.folder))
    planned = dataclasses.replace(planned, title=_("run {n} again").format(n=number))
    made = yield from train_new_run(project, spec, planned, _("To see whether run {n} can be repeated.").format(n=number))
    yield Notice(sameness(row, made))
    return made


def sameness(first: RunRow, second: RunRow) -> str:
    """Whether two runs gave the same numbers, in words; if not, where they first differ and what else was not the same."""
    metas = [read_json(row.folder / META) for row in (first, second)]
    other = [
        f"{title}: {metas[0].get(name)} → {metas[1].get(name)}"
        for name, title in (
            ("device", _("device")),
            ("precision", _("precision")),
            (COMPILED, _("compiled")),
            ("processes", _("processes")),
            ("versions", _("versions")),
            ("data", _("items and labels")),
        )
        if metas[0].get(name) != metas[1].get(name)
    ]
    apart = _first_difference(first, second)
    numbers = {"first": first.id, "second": second.id}
    if not apart:
        return _("Run {second} gave the same numbers as run {first}, to the last digit.").format(**numbers)
    text = _("Run {second} differs from run {first} in {apart}.").format(**numbers, apart=apart)
    why = _("What differs: {what}.").format(what="; ".join(other))
    return f"{text} {why}" if other else text + " " + _("Device, versions, items and labels are the same.")


def _first_difference(first: RunRow, second: RunRow) -> str:
    """The first epoch and measure that differ; empty where the logits are the same too."""
    histories = [read_history(row.folder) for row in (first, second)]
    for a, b in zip(*histories, strict=False):
        for name in a:
            if name not in TIMED and a[name] != b.get(name):
                where = _("epoch {epoch:g}: {name} {a:.6g}, then {b:.6g}")
                return where.format(epoch=round(a["epoch"], 2), name=name, a=a[name], b=b.get(name, float("nan")))
    if len(histories[0]) != len(histories[1]):
        return _("the number of epochs: {a}, then {b}").format(a=len(histories[0]), b=len(histories[1]))
    logits = [read_logits(row.folder) if (row.folder / LOGITS).exists() else None for row in (first, second)]
    same = logits[0] is None or logits[1] is None or np.array_equal(logits[0], logits[1], equal_nan=True)
    return "" if same else _("what the model predicts")


def recover_in_steps(project: Project, number: int, *, device: str | None = None) -> Job[RunRow]:
    """Recover a run that was cancelled, failed or killed: its best checkpoint becomes the model of a finished run.

    Nothing is trained; the hold-out is predicted and the model saved as at the end of a training.

    Args:
        number: of the run.
        device: the best there is where None.

    Raises:
        BadcaseError: the run ended before its first checkpoint.
    """
    project.require_writing()
    return (yield from kept_apart(_recover(project, number, device)))


def _recover(project: Project, number: int, device: str | None) -> Job[RunRow]:
    from badcase.training.network.setups import setup_for

    row = project.runs.get(number)
    spec = RunSpec.of(project, row, device)
    with repeatable(row.seed):
        yield Progress(_("Getting ready"))
        training_set = spec.training_set(project)
        setup = setup_for(spec, project, training_set)
        load_checkpoint(row.folder, setup.trainee.network)
        run = Run.reopen(row.folder, spec.recipe)
        metrics = run.metrics() | (yield from predict_and_save(project, spec, setup, training_set, run))
    project.runs.update(number, state=RunState.DONE, metrics=metrics, error="")
    remove_resume_files(row.folder)
    return project.runs.get(number)


def _training(project: Project, number: int) -> RunRow:
    row = project.runs.get(number)
    if row.kind is not RunKind.TRAINING:
        raise BadcaseError(
            _("only the training of one model is resumed or repeated"),
            where=_("run {n}").format(n=number),
            got=row.kind,
            hint=_(
                "A cross-validation goes on by itself when it is started again as it was, a tuning with `badcase tune "
                "PROJECT --resume`."
            ),
        )
    return row


def _same_device(row: RunRow) -> Job[str | None]:
    """The device of a run, where it is here too."""
    from badcase.models import choose_device

    wanted = read_json(row.folder / META).get("device")
    try:
        choose_device(wanted)
    except BadcaseError:
        yield Notice(
            _("Run {n} was trained on {device}, which is not here: numbers will differ a little.").format(n=row.id, device=wanted)
        )
        return None
    return wanted
