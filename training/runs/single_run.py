"""A run of one model from its spec to its folder: train it, predict the hold-out, save the model with its card."""

from __future__ import annotations

import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from badcase.distributed.team import calling, team
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.store.atomic_files import write_folder_whole
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.store.temperature import FILE as TEMPERATURE
from badcase.store.temperature import write_temperature
from badcase.store.thresholds import FILE as THRESHOLDS
from badcase.training.data.run_spec import RunSpec, digest_of
from badcase.training.data.threshold_tuning import keep_logit_thresholds
from badcase.training.data.training_set import TRAIN, TrainingRows, TrainingSet
from badcase.training.loop.own_state import kept_apart
from badcase.training.loop.reproducible import repeatable
from badcase.training.metrics.calibration import fitted_temperature
from badcase.training.run_folder.failures import closing_run
from badcase.training.run_folder.run import Run
from badcase.training.run_folder.run_files import (
    CHECKPOINT,
    ENDED_AT,
    LOGITS,
    META,
    MODEL,
    STATE,
    WITHIN,
    read_json,
    write_array,
    write_json,
)
from badcase.training.runs.compiling import COMPILED, compile_where_it_pays
from badcase.training.runs.notes import NOT_REPEATABLE, PRECISION, write_training_notes
from badcase.training.runs.plan import Plan
from badcase.trust.gate import answers_for

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.training.network.setups import Setup


def train_new_run(project: Project, spec: RunSpec, planned: Plan, why: str, part_of: int | None = None) -> Job[RunRow]:
    """Train by this spec from the first epoch, as a new run with notes."""
    number = project.runs.add(
        kind=RunKind.TRAINING,
        title=planned.title,
        parent=planned.parent,
        recipe=spec.recipe.values(),
        start=spec.start,
        revision=spec.revision,
        seed=spec.seed,
        part_of=part_of,
    )
    yield from train_run(project, number, spec)
    write_training_notes(project, number, planned, why)
    return project.runs.get(number)


def close_abandoned(project: Project) -> None:
    """There is one lane, so whoever worked on a run that counts as running is gone."""
    for left in project.runs.all():
        if left.state is RunState.DONE:
            remove_resume_files(left.folder)  # where the program was ended before it could
        elif left.state is RunState.RUNNING:
            project.runs.update(left.id, state=RunState.FAILED, error=_("the program ended before this run did"))


def train_run(project: Project, number: int, spec: RunSpec, *, resumed: bool = False) -> Job[None]:
    """Train an existing run to its end, from the first epoch or from the state it kept; its row says how it ended."""
    warned: list[str] = []
    yield from kept_apart(_train_run(project, number, spec, warned, resumed=resumed), warned)


def _train_run(project: Project, number: int, spec: RunSpec, warned: list[str], *, resumed: bool) -> Job[None]:
    """`train_run` without keeping the process apart; `warned` gets what cannot be repeated exactly while it goes on."""
    from badcase.training.network.setups import setup_for

    folder = project.runs.get(number).folder
    with closing_run(project, number), repeatable(spec.seed):
        yield Progress(_("Getting ready"))
        began = time.monotonic()
        training_set = spec.training_set(project)
        for note in training_set.notes:
            yield Notice(note)
        if resumed:
            _require_same(training_set, folder)
        with with_followers(project, spec, training_set, folder, resumed=resumed):
            setup = setup_for(spec, project, training_set)
            if resumed:
                run = Run.resume(folder, spec.recipe, project.label_names)
            else:
                run = begin_run(project, folder, spec, setup, training_set)
            decided = read_json(folder / META).get(COMPILED) if resumed else None
            compiled = yield from compile_where_it_pays(setup, training_set, decided=decided)
            write_json(folder / META, read_json(folder / META) | {COMPILED: compiled})
            metrics = yield from _fitted(setup, training_set, run, began)
            metrics |= yield from predict_and_save(project, spec, setup, training_set, run)
        ended = {ENDED_AT: project.journal.newest()} | ({NOT_REPEATABLE: warned} if warned else {})
        write_json(folder / META, read_json(folder / META) | ended)
        project.runs.update(number, state=RunState.DONE, metrics=metrics, error="")
    remove_resume_files(folder)


def with_followers(
    project: Project, spec: RunSpec, training_set: TrainingSet, folder: Path | None = None, *, resumed: bool = False
) -> AbstractContextManager[None]:
    """A context in which the other processes, if a launcher started several, do their part of this training.

    Args:
        project: The project.
        spec: Of the run.
        training_set: What it learns from.
        folder: Of the run, None for a fold.
        resumed: They too go on from the state that lies there.
    """
    from badcase.training.runs.follower import follow_training

    return calling(follow_training, project.path, spec, training_set, folder, resumed, answers_for(project.path))


def remove_resume_files(folder: Path) -> None:
    """Remove what a finished run does not need; not before, since a kill must leave something to go on from."""
    for name in (STATE, CHECKPOINT):
        (folder / name).unlink(missing_ok=True)


def begin_run(project: Project, folder: Path, spec: RunSpec, setup: Setup, training_set: TrainingSet) -> Run:
    """A run that starts, and on the disk what a person needs to repeat it."""
    from badcase.training.runs.model_card import versions

    run = Run.begin(folder, spec.recipe, project.label_names)
    write_json(
        folder / META,
        {
            "revision": spec.revision,
            "seed": spec.seed,
            "device": str(setup.trainee.device),
            PRECISION: setup.trainee.precision.name,
            "processes": team().world,
            "lacks": list(setup.lacks),
            "classes": list(project.label_names),
            "prediction_set": spec.origin.id,
            "from": project.model_spec,
            "data": digest_of(training_set),
            "versions": versions(),
        },
    )
    if spec.within is not None:
        write_array(folder / WITHIN, spec.within)
    if spec.trust is not None:
        spec.trust.write(folder)
    return run


def _require_same(training_set: TrainingSet, folder: Path) -> None:
    if read_json(folder / META).get("data") != digest_of(training_set):
        raise BadcaseError(
            _("this run cannot be resumed, because what it was trained on cannot be rebuilt"),
            where=_("run {n}").format(n=folder.name),
            got=_("other items, labels or weights than when it began"),
            hint=_(
                "The ranking or the reviewers' verdicts have changed since. Train again by the same recipe, or accept the run: "
                "that takes its best checkpoint."
            ),
        )


def _fitted(setup: Setup, training_set: TrainingSet, run: Run, began: float) -> Job[dict[str, float]]:
    from badcase.training.loop.fit import fit

    fitting, before = time.monotonic(), len(run.history)
    try:
        yield from fit(setup.trainee, setup.splits(training_set), run.recipe, run)
    except BaseException:  # it was stopped, or failed: it goes on from where it stood
        run.write_state()
        raise
    run.write_best()
    seconds = time.monotonic() - fitting
    facts = {"seconds_fit": seconds, "seconds_overhead": fitting - began}
    facts["items_seen"] = (len(run.history) - before) * len(training_set.train) // run.recipe.checks
    write_json(run.folder / META, read_json(run.folder / META) | facts)
    run.dynamics.write(run.folder, training_set.train)
    return run.metrics() | {"seconds": seconds}


def predict_and_save(project: Project, spec: RunSpec, setup: Setup, training_set: TrainingSet, run: Run) -> Job[dict[str, float]]:
    """Predict the hold-out, tune thresholds or temperature, and save the model with its card, all by the present weights.

    Returns:
        The measures of the run that the thresholds change.
    """
    from badcase.models import relative_spec
    from badcase.models.loading import spec_for
    from badcase.training.loop.fit import predict_shared
    from badcase.training.runs.model_card import write_card

    folder = run.folder
    held = np.flatnonzero(project.gold | (project.split != TRAIN))
    held = np.union1d(held, training_set.validation.items)
    if spec.within is not None:
        held = np.union1d(held, np.setdiff1d(np.arange(len(project.items)), spec.within))
    held = np.setdiff1d(held, training_set.train.items)
    rows = TrainingRows(held, project.taxonomy.answers(project.labels[held]))
    logits = np.full((len(project.items), len(project.label_names)), np.nan, np.float16)
    made = yield from predict_shared(setup, rows, _("Predicting the hold-out"))
    logits[held] = np.clip(made, -6e4, 6e4)
    write_array(folder / LOGITS, logits)
    rows = training_set.validation
    if project.task != "multilabel":
        write_temperature(folder, fitted_temperature(logits[rows.items], rows.labels))
    measures = keep_logit_thresholds(folder, project.label_names, spec.recipe, rows, logits[rows.items])
    columns = yield from _columns(setup, rows)
    yield Progress(_("Saving the model"))
    if not (folder / MODEL).exists():
        with write_folder_whole(folder / MODEL) as temporary:
            setup.save(temporary)
            for name in (THRESHOLDS, TEMPERATURE):
                if (folder / name).exists():
                    shutil.copyfile(folder / name, temporary / name)
            write_card(temporary, project, spec, training_set, run, measures, logits)
    model_spec = spec_for(str(folder / MODEL))
    facts = {"model_spec": relative_spec(model_spec, project.path), "columns": columns}
    write_json(folder / META, read_json(folder / META) | facts)
    return measures


def _columns(setup: Setup, rows: TrainingRows) -> Job[dict[str, dict[str, float]]]:
    """How well each further column is answered, over the rows that have a class there: "accuracy" and "items"."""
    from badcase.training.loop.fit import predict_shared

    measured = {}
    for place, task in enumerate(setup.trainee.tasks):
        name, wanted = task.column.name, task.labels[rows.items]
        logits = yield from predict_shared(setup, rows, _("Predicting {column}").format(column=name), place)
        right = (logits.argmax(1) == wanted)[wanted >= 0]
        if len(right):
            measured[name] = {"accuracy": float(right.mean()), "items": len(right)}
    return measured
