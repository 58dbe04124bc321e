"""The epoch meter: losses, gradient norm, learning rate, items a second, measured as an epoch goes; it stops at a NaN."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from badcase.distributed.team import team
from badcase.i18n import _
from badcase.progress import Progress
from badcase.training.network.trainee import BatchResult
from badcase.training.recipe import Recipe
from badcase.training.recipe.epoch_parts import EpochPart
from badcase.training.run_folder.failures import BlewUp

READ_EVERY = 16  # steps between two looks at numbers that lie on a GPU, each of which waits for it


class Meter:
    """Collects what each step of a part gives; a number that is not finite ends the training by name of its step."""

    def __init__(self, part: EpochPart, recipe: Recipe, items: int, device: torch.device) -> None:
        self._part, self._recipe, self._items = part, recipe, items
        self._read_every = 1 if device.type == "cpu" else READ_EVERY
        self._waiting: list[Tensor] = []  # (3,) of each step: sum of item losses, objective, gradient norm
        self._read: list[list[float]] = []
        self._sizes: list[int] = []  # items of each step
        self._seen: list[tuple[npt.NDArray[np.int64], Tensor, Tensor]] = []  # places of items, their losses and margins
        self._learning_rate = 0.0
        self._began = time.perf_counter()

    def add(self, seen: list[BatchResult], sums: Tensor, norm: Tensor, learning_rate: float) -> None:
        """Take in one optimizer step, before it is taken.

        Args:
            seen: Its batches.
            sums: (2,) of the item losses, and the objective, of all who share the step.
            norm: Of the gradient.
            learning_rate: Of the step.
        """
        self._waiting.append(torch.cat([sums, norm[None]]))
        self._seen += [(one.batch.places, one.losses, one.margins) for one in seen]
        self._sizes.append(sum(one.batch.size for one in seen))
        self._learning_rate = learning_rate
        if len(self._waiting) >= self._read_every:
            self._look()

    def _look(self) -> None:
        for numbers in torch.stack(self._waiting).tolist() if self._waiting else []:
            self._read.append(numbers)
            if not np.isfinite(numbers).all():
                raise _not_finite(self._part.epoch, self._part.steps + len(self._read), numbers[1], self._recipe)
        self._waiting.clear()

    def progress(self) -> Progress:
        name = _("Epoch {epoch} of {epochs}").format(epoch=self._part.epoch, epochs=self._recipe.epochs)
        done = self._part.items + sum(self._sizes)
        return Progress(name, done, self._recipe.epochs * self._items, _("items"), self._values())

    def _values(self) -> dict[str, float]:
        # A fraction of an epoch lets the curve of steps lie on the same axis as that of epochs.
        values = {"epoch": (self._part.items + sum(self._sizes)) / self._items}
        values |= {"step": float(self._part.steps + len(self._sizes))}
        values |= {"learning_rate": self._learning_rate}
        values |= {"rate": sum(self._sizes) / (time.perf_counter() - self._began)}
        if self._read:
            values["train_loss"] = sum(numbers[0] for numbers in self._read) / sum(self._sizes[: len(self._read)])
            values["gradient_norm"] = self._read[-1][2]
        return values

    def finish(self) -> tuple[dict[str, float], tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
        """The record of the part, and the losses (n,) and margins (n,) or (n, k) in the order of the rows; NaN if not met."""
        self._look()
        values = self._values() | {"gradient_norm": float(np.median([numbers[2] for numbers in self._read]))}
        own = [(places, loss.cpu().numpy(), margin.cpu().numpy()) for places, loss, margin in self._seen]
        met = [one for each in team().gather(own) for one in each]  # none in a process that follows
        losses = np.full(self._items, np.nan, np.float32)
        margins = np.full((self._items, *(met[0][2].shape[1:] if met else ())), np.nan, np.float32)
        for places, loss, margin in met:
            losses[places], margins[places] = loss, margin
        return values, (losses, margins)


def _not_finite(epoch: int, step: int, objective: float, recipe: Recipe) -> BlewUp:
    gradient = np.isfinite(objective)
    return BlewUp(
        _("the gradient is not finite") if gradient else _("the loss is not finite"),
        where=_("step {step}, epoch {epoch}").format(step=step, epoch=epoch),
        got=f"{objective:g}",
        hint=_("Train with a third of the learning rate ({rate:.2g}), or a longer warm-up.").format(
            rate=recipe.learning_rate / 3
        ),
    )
