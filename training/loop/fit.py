"""The training loop: parts of an epoch, step by step, a check on the validation items after each, the best checkpoint kept."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from badcase.distributed.team import team
from badcase.i18n import _
from badcase.progress import Job, Progress
from badcase.training.data.batches import Batch, Batches, Splits
from badcase.training.loop.augmentation import augmented
from badcase.training.loop.epoch_meter import Meter
from badcase.training.loop.gradient_exchange import exchange_gradients
from badcase.training.loop.stepper import Stepper
from badcase.training.network.trainee import StepLoss, Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import OptimizerName
from badcase.training.recipe.epoch_parts import EpochPart, parts
from badcase.training.run_folder.run import BY_SGD, Run

if TYPE_CHECKING:
    from badcase.training.data.training_set import TrainingRows
    from badcase.training.network.setups import Setup


def fit(trainee: Trainee, data: Splits, recipe: Recipe, run: Run) -> Job[Run]:
    """Train the network under one recipe and leave it with the weights that the selection rule of the recipe likes best.

    Args:
        trainee: the network and how it gives logits; changed in place.
        data: what is learnt from, and what chooses the checkpoint.
        run: records each part, keeps the best checkpoint and the state to resume from, and says when patience is out. One
            that was resumed has the parts behind it that it kept.

    Returns:
        The same run, with its history and its best part.

    Raises:
        BlewUp: a loss or a gradient is not finite; the message names the step.
    """
    together = team()
    together.align(trainee.network)
    step_loss = StepLoss(recipe, data.train.rows, trainee)
    stepper = Stepper(trainee, recipe, -(-len(data.train) // recipe.accumulate))
    todo = parts(recipe, len(data.train.rows))
    for part in todo:
        if together.same(run.should_stop()):
            break
        if not part.begin:
            stepper.begin(part.epoch, together.same(run.waited) // recipe.checks, together.same(run.last_loss))
        if run.passed(part.number, network=trainee.network, mover=stepper):
            continue
        learnt, shown = yield from train_epoch(trainee, data.train, stepper, step_loss, part)
        run.watch(*shown)
        with stepper.settled():
            name = _("Checking epoch {epoch}").format(epoch=part.epoch)
            logits = yield from predict(trainee, data.validation, name)
            if recipe.optimizer == OptimizerName.ADAM_THEN_SGD:
                learnt |= {BY_SGD: float(stepper.by_sgd)}
            seen = run.record(logits, data.validation.rows.labels, **learnt)
            run.keep_if_best(trainee.network)
        run.keep_state(network=trainee.network, mover=stepper)
        unit = _("epochs") if recipe.checks == 1 else _("checks")
        yield Progress(_("Epoch {epoch}").format(epoch=part.epoch), part.number, len(todo), unit, seen)
    run.restore(trainee.network)
    together.align(trainee.network)
    return run


def train_epoch(
    trainee: Trainee, batches: Batches, stepper: Stepper, step_loss: StepLoss, part: EpochPart
) -> Job[tuple[dict[str, float], tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]]:
    """One pass over the training items, or a part of it, safe to stop between any two steps.

    Returns its record, and the losses (n,) and margins (n,) or (n, k) of the items, see `Meter.finish`.
    """
    recipe = step_loss.recipe
    meter = Meter(part, recipe, len(batches.rows), trainee.device)
    trainee.train_mode()
    for step in grouped(batches.epoch(part.epoch, part.begin, part.end), recipe.accumulate):
        seen = step_loss.backward([augmented(batch, recipe, trainee.classes) for batch in step])
        while step_loss.news:
            yield step_loss.news.pop(0)
        meter.add(seen, exchange_gradients(trainee.network, seen), stepper.clip(), stepper.rate)
        stepper.step()
        yield meter.progress()
    return meter.finish()


def grouped(batches: Iterator[Batch], size: int) -> Generator[list[Batch], None, None]:
    """The batches of each optimizer step."""
    while step := list(islice(batches, size)):
        yield step


def predict(trainee: Trainee, batches: Batches, name: str) -> Job[npt.NDArray[np.float32]]:
    """Logits (n, k) of the rows in their order, with the network at rest; processes that share it all have to call it.

    Only the first of them gets the logits of every row.
    """
    trainee.network.eval()
    logits = np.empty((len(batches.rows), trainee.classes), np.float32)
    done, own = 0, np.zeros(len(logits), np.bool_)
    for batch in batches.epoch():
        with torch.no_grad(), trainee.precision.autocast():
            logits[batch.places] = trainee.logits(batch.inputs).float().cpu().numpy()
        own[batch.places] = True
        done += batch.size
        yield Progress(name, done, len(batches.rows), _("items"))
    if team().world > 1:
        for places, made in team().gather((np.flatnonzero(own), logits[own])):
            logits[places] = made
    return logits


def predict_shared(setup: Setup, rows: TrainingRows, name: str, column: int | None = None) -> Job[npt.NDArray[np.float32]]:
    """`predict` of other rows once the training is over, by all processes that had a part in it.

    Args:
        setup: What was trained.
        rows: The rows to predict.
        name: Of the step, for its progress.
        column: Of the further columns, the one whose classes are wanted.
    """
    rows, column = team().same((rows, column))
    trainee = setup.trainee if column is None else setup.trainee.of_column(column)
    return (yield from predict(trainee, setup.batches(rows), name))
