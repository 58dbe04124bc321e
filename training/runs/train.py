"""Train a model on the labels that hold now: one run, one folder. Importing this loads no torch."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.distributed.team import calling, team
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.store.atomic_files import write_folder_whole, write_whole
from badcase.store.run_table import RunRow, RunState
from badcase.store.thresholds import FILE as THRESHOLDS
from badcase.training.data.leakage import leaks
from badcase.training.data.run_spec import RunSpec, digest_of
from badcase.training.data.thresholds import keep_logit_thresholds
from badcase.training.data.training_set import TRAIN, TrainingRows, TrainingSet
from badcase.training.loop.own_state import kept_apart
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start, Validation
from badcase.training.run_folder.failures import closing_run
from badcase.training.run_folder.run import CHECKPOINT, LOGITS, META, MODEL, STATE, WITHIN, Run, read_json, write_json
from badcase.training.runs.notes import NOT_REPEATABLE, write_notes
from badcase.training.runs.plan import Plan, plan

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.training.network.setups import Setup

__all__ = ["Plan", "plan", "repeatable", "train"]


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


def train_anew(project: Project, terms: RunSpec, planned: Plan, why: str, part_of: int | None = None) -> Job[RunRow]:
    """A new run on these terms, from its first epoch."""
    number = project.add_run(
        kind="training",
        title=planned.title,
        parent=planned.parent,
        recipe=terms.recipe.values(),
        start=terms.start,
        revision=terms.revision,
        seed=terms.seed,
        part_of=part_of,
    )
    yield from carry_out(project, number, terms)
    write_notes(project, number, planned, why)
    return project.run(number)


def close_abandoned(project: Project) -> None:
    """There is one lane, so whoever worked on a run that counts as running is gone."""
    for left in project.runs():
        if left.state is RunState.RUNNING:
            project.update_run(left.id, state=RunState.FAILED, error=_("the program ended before this run did"))


def carry_out(project: Project, number: int, terms: RunSpec, *, resumed: bool = False) -> Job[None]:
    """Train the run of this number to its end; its row in the database says how it ended."""
    warned: list[str] = []
    yield from kept_apart(_carry_out(project, number, terms, warned, resumed=resumed), warned)


def _carry_out(project: Project, number: int, terms: RunSpec, warned: list[str], *, resumed: bool) -> Job[None]:
    """warned: gets what cannot be repeated exactly while it goes on."""
    folder = project.run(number).folder
    with closing_run(project, number), repeatable(terms.seed):
        yield Progress(_("Getting ready"))
        began = time.monotonic()
        training_set = terms.training_set(project)
        for note in training_set.notes:
            yield Notice(note)
        if resumed:
            _require_same(training_set, folder)
        with shared(project, terms, training_set, folder, resumed=resumed):
            setup = terms.setup(project, training_set)
            if resumed:
                run = Run.resume(folder, terms.recipe, project.label_names)
            else:
                run = _begin(project, folder, terms, setup, training_set)
            metrics = yield from _fitted(setup, training_set, run, began)
            metrics |= yield from conclude(project, terms, setup, training_set, run)
        if warned:
            write_json(folder / META, read_json(folder / META) | {NOT_REPEATABLE: warned})
        project.update_run(number, state=RunState.DONE, metrics=metrics, error="")
    clear(folder)


def shared(
    project: Project, terms: RunSpec, training_set: TrainingSet, folder: Path | None = None, *, resumed: bool = False
) -> AbstractContextManager[None]:
    """Within it the other processes, if a launcher started several, do their part of this training.

    folder: of the run, None for a fold; resumed: they too go on from the state that lies there.
    """
    from badcase.training.loop.gradient_exchange import follow_training

    return calling(follow_training, project.path, terms, training_set, folder, resumed)


def clear(folder: Path) -> None:
    """Remove what a finished run does not need; not before, since a kill must leave something to go on from."""
    for name in (STATE, CHECKPOINT):
        (folder / name).unlink(missing_ok=True)


def _begin(project: Project, folder: Path, terms: RunSpec, setup: Setup, training_set: TrainingSet) -> Run:
    run = Run.begin(folder, terms.recipe, project.label_names)
    _write_facts(project, folder, terms, setup, training_set)
    if terms.within is not None:
        with write_whole(folder / WITHIN) as path, path.open("wb") as file:
            np.save(file, terms.within)
    if terms.doubts is not None:
        terms.doubts.write(folder)
    return run


def _require_same(training_set: TrainingSet, folder: Path) -> None:
    if read_json(folder / META).get("data") != digest_of(training_set):
        raise BadcaseError(
            _("this run cannot go on, since what it learnt from cannot be made again"),
            where=_("run {n}").format(n=folder.name),
            got=_("other items, labels or weights than when it began"),
            hint=_(
                "The ranking has changed since, or what reviewers answered. Train again by the same recipe, or "
                "accept the run: that takes its best checkpoint."
            ),
        )


def _fitted(setup: Setup, training_set: TrainingSet, run: Run, began: float) -> Job[dict[str, float]]:
    from badcase.training.loop.fit import fit

    fitting, before = time.monotonic(), len(run.history)
    try:
        yield from fit(setup.trainee, setup.splits(training_set), run.recipe, run)
    finally:
        run.write_best()
    seconds = time.monotonic() - fitting
    facts = {"seconds_fit": seconds, "seconds_overhead": fitting - began}
    facts["items_seen"] = (len(run.history) - before) * len(training_set.train) // run.recipe.checks
    write_json(run.folder / META, read_json(run.folder / META) | facts)
    run.watched.write(run.folder, training_set.train)
    return run.metrics() | {"seconds": seconds}


def conclude(project: Project, terms: RunSpec, setup: Setup, training_set: TrainingSet, run: Run) -> Job[dict[str, float]]:
    """Logits over the hold-out, thresholds, and the model itself with its card, from the weights that the trainee has now.

    Returns what the thresholds change of the measures of the run.
    """
    from badcase.models import relative_spec
    from badcase.models.loading import spec_for
    from badcase.training.loop.fit import predict_shared
    from badcase.training.runs.model_card import write_card

    folder = run.folder
    held = np.flatnonzero(project.gold | (project.split != TRAIN))
    held = np.union1d(held, training_set.validation.items)
    if terms.within is not None:
        held = np.union1d(held, np.setdiff1d(np.arange(len(project.items)), terms.within))
    held = np.setdiff1d(held, training_set.train.items)
    rows = TrainingRows(held, project.answers(project.labels[held]))
    logits = np.full((len(project.items), len(project.label_names)), np.nan, np.float16)
    made = yield from predict_shared(setup, rows, _("Predicting the hold-out"))
    logits[held] = np.clip(made, -6e4, 6e4)
    with write_whole(folder / LOGITS) as path, path.open("wb") as file:
        np.save(file, logits)
    rows = training_set.validation
    measures = keep_logit_thresholds(folder, project.label_names, terms.recipe, rows, logits[rows.items])
    columns = yield from _columns(setup, rows)
    yield Progress(_("Saving the model"))
    if not (folder / MODEL).exists():
        with write_folder_whole(folder / MODEL) as temporary:
            setup.save(temporary)
            if (folder / THRESHOLDS).exists():
                shutil.copyfile(folder / THRESHOLDS, temporary / THRESHOLDS)
            write_card(temporary, project, terms, training_set, run, measures, logits)
    spec = spec_for(str(folder / MODEL))
    facts = {"model_spec": relative_spec(spec, project.path), "columns": columns}
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


def _write_facts(project: Project, folder: Path, terms: RunSpec, setup: Setup, training_set: TrainingSet) -> None:
    """What a person needs to repeat the run, on the disk before the first step."""
    from badcase.training.runs.model_card import versions

    write_json(
        folder / META,
        {
            "revision": terms.revision,
            "seed": terms.seed,
            "device": str(setup.trainee.device),
            "processes": team().world,
            "classes": list(project.label_names),
            "prediction_set": terms.origin.id,
            "from": project.model_spec,
            "data": digest_of(training_set),
            "versions": versions(),
        },
    )


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """One seed decides everything, on a GPU too, wherever torch has a way to do it; `kept_apart` notes where it has none.

    What was set before is set again, and the caller's random numbers go on where they were.
    """
    import torch

    from badcase.models.random_state import seeded

    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = workspace or ":4096:8"
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    strict = torch.are_deterministic_algorithms_enabled()  # then what cannot be repeated is an error, as somebody wished
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    if not strict:
        torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with seeded(seed):
            yield
    except torch.OutOfMemoryError as error:
        raise BadcaseError(
            _("the device ran out of memory with a batch of one item"),
            where=_("training"),
            got=str(error).splitlines()[0],
            hint=_("Use --device cpu, a smaller model, or smaller inputs."),
        ) from error
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before
        if not strict:
            torch.use_deterministic_algorithms(False)
        if workspace is None:
            del os.environ["CUBLAS_WORKSPACE_CONFIG"]
