"""What a training is: parts of steps, a look at the validation items after each, the best checkpoint kept."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch

from badcase.language import _
from badcase.progress import Job, Progress
from training.augmentation import augmented
from training.data import Batch, Batches, Splits
from training.meter import Meter
from training.mover import Mover
from training.parts import Part, parts
from training.recipe import Recipe
from training.runs import Run
from training.trainee import Objective, Trainee


def fit(trainee: Trainee, data: Splits, recipe: Recipe, run: Run) -> Job[Run]:
    """Train under one recipe, keeping the checkpoint that its selection rule likes best."""
    objective = Objective(recipe, data.train.rows, trainee)
    mover = Mover(trainee, recipe, -(-len(data.train) // recipe.accumulate))
    todo = parts(recipe, len(data.train.rows))
    for part in todo:
        if run.should_stop():
            break
        if not part.begin:
            mover.begin(part.epoch, run.waited // recipe.checks)
        if run.passed(part.number, network=trainee.network, mover=mover):
            continue
        learnt, watched = yield from train_epoch(trainee, data.train, mover, objective, part)
        run.watch(*watched)
        with mover.settled():
            name = _("Checking epoch {epoch}").format(epoch=part.epoch)
            logits = yield from predict(trainee, data.validation, name)
            seen = run.record(logits, data.validation.rows.labels, **learnt)
            run.keep_if_best(trainee.network)
        run.keep_state(network=trainee.network, mover=mover)
        unit = _("epochs") if recipe.checks == 1 else _("checks")
        yield Progress(_("Epoch {epoch}").format(epoch=part.epoch), part.number, len(todo), unit, seen)
    run.restore(trainee.network)
    return run


def train_epoch(
    trainee: Trainee, batches: Batches, mover: Mover, objective: Objective, part: Part
) -> Job[tuple[dict[str, float], npt.NDArray[np.float32]]]:
    """One pass over the training items, or a part of it, safe to stop between any two steps.

    Returns its record, and the loss and the margin of each item (2, n).
    """
    recipe = objective.recipe
    meter = Meter(part, recipe, len(batches.rows), trainee.device)
    trainee.train_mode()
    for step in grouped(batches.epoch(part.epoch, part.begin, part.end), recipe.accumulate):
        seen = objective.backward([augmented(batch, recipe, trainee.classes) for batch in step])
        meter.add(seen, mover.clip(), mover.rate)
        mover.step()
        yield meter.progress()
    return meter.finish()


def grouped(batches: Iterator[Batch], size: int) -> Generator[list[Batch], None, None]:
    """The batches of each optimizer step."""
    while step := list(islice(batches, size)):
        yield step


def predict(trainee: Trainee, batches: Batches, name: str) -> Job[npt.NDArray[np.float32]]:
    """Logits (n, k) of the rows in their order, with the network at rest."""
    trainee.network.eval()
    logits = np.empty((len(batches.rows), trainee.classes), np.float32)
    done = 0
    for batch in batches.epoch():
        with torch.no_grad(), trainee.precision():
            logits[batch.places] = trainee.logits(batch.inputs).float().cpu().numpy()
        done += len(batch.places)
        yield Progress(name, done, len(batches.rows), _("items"))
    return logits
