"""The steps of the finders: trial steps of training, timed or at rates of their own. The weights are put back after."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from itertools import count, islice
from math import inf

import numpy as np
import numpy.typing as npt
import torch
from torch.optim import Optimizer

from badcase.progress import Job, Progress
from badcase.training.data.batches import Batch, Batches, Fetch
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.augmentation import augmented
from badcase.training.loop.fit import grouped
from badcase.training.loop.optimizers import make_optimizer
from badcase.training.losses.objectives import objective_for
from badcase.training.network.trainee import StepLoss, Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.unfreezing_stages import last_start
from badcase.training.tuning.training_length import FOLDS, LOOKS, ProbeSchedule, parts, turned

SMOOTHING = 0.9  # of the losses of a sweep, from step to step
BLOWN_UP = 4.0  # times the lowest loss, at which a sweep or a probe ends
HEAD_STEPS = 100  # of training the head alone, before a sweep of the stage in which the rest joins
TIMED_SECONDS, MOST_SECONDS, TIMED_STEPS = 0.2, 5.0, 4


class FinderBench:
    """A trainee and the rows that it learns from, on which finders try steps; its weights are put back after each."""

    def __init__(
        self,
        trainee: Trainee,
        fetch: Fetch,
        rows: TrainingRows,
        recipe: Recipe,
        threads: int = 0,
        units: npt.NDArray[np.int64] | None = None,
        quiet_batch: int | None = None,
    ) -> None:
        """Prepare the bench.

        Args:
            trainee: What is trained.
            fetch: Makes the inputs of items.
            rows: What it learns from.
            recipe: The recipe.
            threads: As for `Batches`.
            units: (n,) rows with the same number are never held out from each other; each for itself where None.
            quiet_batch: How many held-out items are looked at in one go; None for a batch of the recipe.
        """
        self._trainee, self._fetch, self._rows, self._recipe, self._threads = trainee, fetch, rows, recipe, threads
        self._units = np.arange(len(rows)) if units is None else units
        self._quiet = quiet_batch or recipe.batch_size
        self._began = self._weights()
        self.items_seen = 0.0  # in training steps, or as much work in looks

    @property
    def items(self) -> int:
        return len(self._rows)

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return -(-self.items // (self._recipe.batch_size * self._recipe.accumulate))

    def warm_head(self) -> Job[None]:
        """Where the recipe trains its head alone at first: do so for a while, and begin from there."""
        first = last_start(self._recipe)
        if first == 1:
            return
        step_loss, recipe, steps = self._step_loss(), self._recipe, self.steps
        schedule = make_optimizer(self._trainee.network, self._trainee.head, recipe, 1, steps, self._trainee.groups)
        for number, step in enumerate(islice(self._steps(recipe.batch_size, 0), min((first - 1) * steps, HEAD_STEPS))):
            self._learn(step, step_loss, schedule.optimizer)
            schedule.step()
            yield Progress("", number)
        self._began = self._weights()

    def sweep(self, rates: npt.NDArray[np.float64], seed: int, name: str) -> Job[npt.NDArray[np.float64]]:
        """The smoothed loss before each step of the last stage, under rates (m,); shorter where the loss blows up."""
        losses: list[float] = []
        for loss in self._along(rates, self._rows, seed):
            losses.append(loss)
            smooth = smoothed(losses)
            if smooth[-1] > BLOWN_UP * smooth.min():
                break
            yield Progress(name, len(losses), len(rates), values={"rate": float(rates[len(losses) - 1]), "loss": loss})
        self._put_back()
        return smoothed(losses)

    def probe(self, schedule: ProbeSchedule, seed: int, number: int, name: str, ends: float = inf) -> Job[list[float]]:
        """The loss of held-out items at each look of the way, until it has surely turned; the number-th part is held out.

        Nothing where it blows up, where what is left to learn from has but one class, or where time.monotonic passes `ends`.
        """
        held, rest = self._apart(seed, number, len(schedule.rates))
        seen: list[npt.NDArray[np.float32]] = []
        if not len(held) or (rest.labels == rest.labels[:1]).all():
            return []
        self._put_back()
        start = float((yield from self._held_out(held)).mean())
        for done, _loss in enumerate(self._along(schedule.rates, rest, seed), 1):
            yield Progress(name, done, len(schedule.rates))
            if time.monotonic() > ends:
                break
            if done in schedule.looks:
                seen.append((yield from self._held_out(held)))
                if not np.isfinite(seen[-1]).all() or turned(seen, schedule.distances):
                    break
        self._put_back()
        means = [float(look.mean()) for look in seen]
        ended = len(means) == len(schedule.looks) or (len(means) > 0 and turned(seen, schedule.distances))
        return means if ended and np.max(means) <= BLOWN_UP * start else []

    def _apart(self, seed: int, number: int, steps: int) -> tuple[TrainingRows, TrainingRows]:
        """Held-out rows, no more than can be looked at in about the time of the steps, and those to learn from."""
        out = parts(self._units, seed) == number % FOLDS
        held = np.random.default_rng(seed).permutation(np.flatnonzero(out))
        most = max(1, steps * self._recipe.batch_size * self._recipe.accumulate // LOOKS)
        return self._rows.part(np.sort(held[:most])), self._rows.part(np.flatnonzero(~out))

    def _held_out(self, rows: TrainingRows) -> Job[npt.NDArray[np.float32]]:
        """(h,) plain losses with the network at rest."""
        trainee, losses = self._trainee, np.empty(len(rows), np.float32)
        objective = objective_for(self._recipe, rows, trainee.classes, trainee.device)
        trainee.network.eval()
        self.items_seen += len(rows) / 3  # a forward pass costs half of what comes after it in a step
        for batch in Batches(rows, self._fetch, self._quiet, trainee.device, threads=self._threads).epoch():
            with torch.no_grad(), trainee.precision.autocast():
                losses[batch.places] = objective.plain(trainee.logits(batch.inputs).float(), batch.labels).cpu().numpy()
            yield Progress("")
        return losses

    def _along(self, rates: npt.NDArray[np.float64], rows: TrainingRows, seed: int) -> Iterator[float]:
        """Take a step of the last stage at each rate, from where it begins; gives their losses while these are finite."""
        self._put_back()
        torch.manual_seed(seed)
        optimizer, step_loss = self._optimizer(), StepLoss(self._recipe, rows, self._trainee)
        shares = [
            group["initial_lr"] / max(group["initial_lr"] for group in optimizer.param_groups) for group in optimizer.param_groups
        ]
        for rate, step in zip(rates, self._steps(self._recipe.batch_size, seed, rows), strict=False):
            for group, share in zip(optimizer.param_groups, shares, strict=True):
                group["lr"] = float(rate) * share
            loss = self._learn(step, step_loss, optimizer)
            if not np.isfinite(loss):
                return
            yield loss

    def speed(self, size: int, ends: float = inf) -> Job[float]:
        """Items a second at a batch size, 0 where a batch does not fit into memory; `ends` is by time.monotonic."""
        optimizer, step_loss = self._optimizer(), self._step_loss()
        for group in optimizer.param_groups:
            group["lr"] = 0.0
        steps, items, began = self._steps(size, 0), 0, 0.0
        saver, saving = self._trainee.checkpointing, self._trainee.checkpointing is not None and self._trainee.checkpointing.on
        try:
            self._learn(next(steps), step_loss, optimizer)  # the first step makes room and is no measure
            began = time.perf_counter()
            for number in count(1):
                step = next(steps)
                self._learn(step, step_loss, optimizer)
                items += sum(len(batch.places) for batch in step)
                passed = time.perf_counter() - began
                enough = passed > TIMED_SECONDS and number >= TIMED_STEPS
                if step_loss.parts > 1 or passed > MOST_SECONDS or enough or time.monotonic() > ends:
                    break
                yield Progress("", items)
        except torch.OutOfMemoryError:
            return 0.0
        finally:
            steps.close()
            self._put_back()
            if saver is not None:  # a size that has room without it goes without
                saver.switch(saving)
        return 0.0 if step_loss.parts > 1 else items / (time.perf_counter() - began)

    def _learn(self, step: list[Batch], step_loss: StepLoss, optimizer: Optimizer) -> float:
        """One step as `fit` takes it; returns its loss, once the device has done with it."""
        self.items_seen += sum(len(batch.places) for batch in step)
        self._trainee.train_mode()
        seen = step_loss.backward([augmented(batch, self._recipe, self._trainee.classes) for batch in step])
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        self._trainee.precision.clip(optimizer, parameters, self._recipe.gradient_clip or torch.inf)
        self._trainee.precision.step(optimizer)
        return float(torch.stack([one.objective for one in seen]).mean())

    def _steps(self, size: int, seed: int, rows: TrainingRows | None = None) -> Generator[list[Batch], None, None]:
        """The batches of one step after another, epoch after epoch without end."""
        batches = Batches(rows or self._rows, self._fetch, size, self._trainee.device, seed=seed, threads=self._threads)
        for epoch in count(1):
            yield from grouped(batches.epoch(epoch), self._recipe.accumulate)

    def _optimizer(self) -> Optimizer:
        trainee, recipe = self._trainee, self._recipe
        return make_optimizer(trainee.network, trainee.head, recipe, last_start(recipe), 1, trainee.groups).optimizer

    def _step_loss(self) -> StepLoss:
        return StepLoss(self._recipe, self._rows, self._trainee)

    def _weights(self) -> dict[str, torch.Tensor]:
        return {name: value.detach().clone() for name, value in self._trainee.network.state_dict().items()}

    def _put_back(self) -> None:
        self._trainee.network.load_state_dict(self._began)


def smoothed(losses: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """(m,) exponential moving average of losses (m,), each divided by the weight it has seen so far."""
    average, made = 0.0, []
    for number, loss in enumerate(np.asarray(losses, np.float64), 1):
        average = SMOOTHING * average + (1 - SMOOTHING) * float(loss)
        made.append(average / (1 - SMOOTHING**number))
    return np.array(made)
