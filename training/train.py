"""Train a model on the labels that hold now: one run, one folder. Importing this loads no torch."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.dynamics import write_dynamics
from badcase.errors import BadcaseError
from badcase.files import write_folder_whole, write_whole
from badcase.language import _
from badcase.progress import Job, Notice, Progress
from badcase.runs import RunRow, RunState
from training.choices import Method, Start
from training.folding import TRAIN, Folded, Rows, fold_back
from training.notes import write_notes
from training.plan import Plan, plan
from training.recipe import Recipe
from training.runs import CHECKPOINT, ITEM_LOSS, LOGITS, META, MODEL, Run, read_json, write_json

if TYPE_CHECKING:
    from badcase.predictions import PredictionSet
    from badcase.project import Project
    from training.setups import Setup

__all__ = ["Plan", "plan", "recover", "repeatable", "setup_of", "train"]

WITHIN = "within.npy"  # the items of a run that was to see no others


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
) -> Job[RunRow]:
    """Train under one recipe and keep everything in the folder of a new run; the model in use does not change.

    start: "current", "pretrained" (the default) or "scratch"; parent and why go into the notes. Closing the job
    cancels it; whatever ends it, the best checkpoint stays in the folder, and `recover` makes a whole run of it.
    A recipe with more than one fold is a cross-validation, see `cross_validate`. within: only these items are learnt
    from, see `fold_back`; all others are predicted.
    """
    project.require_one_label(_("training"))
    planned = plan(project, recipe, start, parent=parent)
    for left in project.runs():  # there is one lane, so whoever worked on it is gone
        if left.state is RunState.RUNNING:
            project.update_run(left.id, state=RunState.FAILED, error=_("the program ended before this run did"))
    if planned.recipe.folds > 1 and within is None:
        from training.validate import cross_validate

        return (yield from cross_validate(project, planned, seed=seed, device=device, why=why))
    number = project.add_run(
        kind="training", title=planned.title, parent=planned.parent, recipe=planned.recipe.values(),
        start=planned.start, revision=project.revision, seed=seed,
    )  # fmt: skip
    folder = project.run(number).folder
    try:
        with repeatable(seed):
            yield Progress(_("Getting ready"))
            began = time.monotonic()
            folded = fold_back(project, planned.recipe, seed=seed, within=within)
            for note in folded.notes:
                yield Notice(note)
            setup = setup_of(project, project.predictions, planned.recipe, planned.start, seed, device, folded)
            run = Run.begin(folder, planned.recipe, project.classes)
            _write_facts(project, setup, run, seed)
            if within is not None:
                with write_whole(folder / WITHIN) as path, path.open("wb") as file:
                    np.save(file, within)
            metrics = yield from _fitted(setup, folded, run, began)
            yield from _conclude(project, setup, folded, folder)
    except (GeneratorExit, KeyboardInterrupt):
        project.update_run(number, state=RunState.CANCELLED)
        raise
    except BaseException as error:
        project.update_run(number, state=RunState.FAILED, error=str(error) or type(error).__name__)
        raise
    project.update_run(number, state=RunState.DONE, metrics=metrics)
    (folder / CHECKPOINT).unlink(missing_ok=True)  # not before: a kill in between must leave something to recover
    write_notes(project, number, planned, why)
    return project.run(number)


def recover(project: Project, number: int, *, device: str | None = None) -> Job[RunRow]:
    """Make a whole run of one that was cancelled, failed or killed, from its best checkpoint."""
    from training.runs import load_checkpoint

    row = project.run(number)
    recipe = Recipe(**row.recipe)
    with repeatable(row.seed):
        yield Progress(_("Getting ready"))
        within = np.load(row.folder / WITHIN) if (row.folder / WITHIN).exists() else None
        folded = fold_back(project, recipe, revision=row.revision, seed=row.seed, within=within)
        known = {made.id: made for made in project.prediction_sets()}
        origin = known.get(read_json(row.folder / META).get("prediction_set", -1), project.predictions)
        setup = setup_of(project, origin, recipe, Start(row.start), row.seed, device, folded)
        load_checkpoint(row.folder, setup.trainee.network)
        yield from _conclude(project, setup, folded, row.folder)
    run = Run.reopen(row.folder, recipe)
    project.update_run(number, state=RunState.DONE, metrics=run.metrics(), error="")
    (row.folder / CHECKPOINT).unlink(missing_ok=True)
    return project.run(number)


def setup_of(
    project: Project, origin: PredictionSet | None, recipe: Recipe, start: Start, seed: int, device: str | None,
    folded: Folded,
) -> Setup:  # fmt: skip
    from training.setups import SETUPS

    assert origin is not None, "plan() has seen to it"
    return SETUPS[Method(recipe.method)](project, origin, recipe, start, seed, device, folded)


def _fitted(setup: Setup, folded: Folded, run: Run, began: float) -> Job[dict[str, float]]:
    from training.fit import fit

    fitting = time.monotonic()
    yield from fit(setup.trainee, setup.splits(folded), run.recipe, run)
    seconds = time.monotonic() - fitting
    facts = {"seconds_fit": seconds, "seconds_overhead": fitting - began}
    facts["items_seen"] = len(run.history) * len(folded.train)
    write_json(run.folder / META, read_json(run.folder / META) | facts)
    if run.item_loss is not None:
        with write_whole(run.folder / ITEM_LOSS) as path, path.open("wb") as file:
            met = np.isfinite(run.item_loss)
            np.save(file, np.stack([folded.train.items[met].astype(np.float64), run.item_loss[met]]))
        write_dynamics(run.folder, folded.train.items, folded.train.labels, np.stack(run.margins))
    return run.metrics() | {"seconds": seconds}


def _conclude(project: Project, setup: Setup, folded: Folded, folder: Path) -> Job[None]:
    """Logits over the hold-out and the model itself, from the weights that the trainee has now."""
    from badcase.models import relative_spec
    from badcase.models.loading import spec_for
    from training.fit import predict

    held = np.flatnonzero(project.gold | (project.split != TRAIN))
    held = np.union1d(held, folded.validation.items)
    if (folder / WITHIN).exists():
        held = np.union1d(held, np.setdiff1d(np.arange(len(project.items)), np.load(folder / WITHIN)))
    held = np.setdiff1d(held, folded.train.items)
    rows = Rows(held, project.labels[held].astype(np.int64))
    logits = np.full((len(project.items), len(project.classes)), np.nan, np.float16)
    made = yield from predict(setup.trainee, setup.batches(rows), _("Predicting the hold-out"))
    logits[held] = np.clip(made, -6e4, 6e4)
    with write_whole(folder / LOGITS) as path, path.open("wb") as file:
        np.save(file, logits)
    yield Progress(_("Saving the model"))
    if not (folder / MODEL).exists():
        with write_folder_whole(folder / MODEL) as temporary:
            setup.save(temporary)
    spec = spec_for(str(folder / MODEL))
    write_json(folder / META, read_json(folder / META) | {"model_spec": relative_spec(spec, project.path)})


def _write_facts(project: Project, setup: Setup, run: Run, seed: int) -> None:
    """What a person needs to repeat the run, on the disk before the first step."""
    import torch
    import transformers

    predictions = project.predictions
    assert predictions is not None
    write_json(
        run.folder / META,
        {
            "revision": project.revision,
            "seed": seed,
            "device": str(setup.trainee.device),
            "classes": list(project.classes),
            "prediction_set": predictions.id,
            "from": project.model_spec,
            "versions": {
                "python": platform.python_version(), "torch": torch.__version__,
                "transformers": transformers.__version__, "numpy": np.__version__,
            },
        },
    )  # fmt: skip


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """One seed decides everything, on a GPU too."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    torch.manual_seed(seed)
    try:
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
