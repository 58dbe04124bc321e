"""The trainee: a network, the part of it that is its head, how to get logits, and what the loss asks of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from badcase.i18n import _
from badcase.models.shaped import Shaped
from badcase.progress import Notice
from badcase.training.data.batches import Batch, Inputs
from badcase.training.data.extra_columns import Task, tasks_loss
from badcase.training.data.training_set import TrainingRows
from badcase.training.losses.objectives import as_targets, objective_for
from badcase.training.network.checkpointing import Checkpointing
from badcase.training.network.freezing import Groups
from badcase.training.network.numeric_precision import NumericPrecision
from badcase.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Trainee:
    """A network that is trained.

    Attributes:
        network: The network.
        head: The last layers, a part of it.
        logits: Gives (b, classes) for a batch of inputs on `device`.
        classes: How many.
        device: Where it runs.
        groups: The parameters below the head, those of the embeddings first, then of each block.
        tasks: Further columns, for which a `Shaped` network has heads.
        precision: What its passes run in.
        checkpointing: The switch of its blocks; None where it has none, or may not use it.
    """

    network: nn.Module
    head: nn.Module
    logits: Callable[[Inputs], Tensor]
    classes: int
    device: torch.device
    groups: Groups = ()
    tasks: Sequence[Task] = ()
    precision: NumericPrecision = field(default_factory=NumericPrecision)
    checkpointing: Checkpointing | None = None

    def of_column(self, place: int) -> Trainee:
        """The same network, asked for the classes of a further column."""
        network, classes = self.network, len(self.tasks[place].column.classes)
        assert isinstance(network, Shaped), "no other has heads for columns"
        return replace(self, logits=lambda inputs: network.of_column(place, inputs), classes=classes)

    def train_mode(self) -> None:
        """Training mode; batch norms whose weights are frozen keep their statistics too."""
        self.network.train()
        for module in self.network.modules():
            if isinstance(module, _BatchNorm) and module.affine and not module.weight.requires_grad:
                module.eval()


class BatchResult(NamedTuple):
    """What the forward pass of one batch gave, before its update: its objective (), and what it showed of each item."""

    batch: Batch
    objective: Tensor
    losses: Tensor  # (b,) plain cross-entropy, comparable between recipes
    margins: Tensor  # (b,) or (b, k) by how much each is answered rightly, see `Objective`


class StepLoss:
    """The loss of one recipe over the rows it trains on."""

    def __init__(self, recipe: Recipe, rows: TrainingRows, trainee: Trainee) -> None:
        self.recipe, self.trainee = recipe, trainee
        self.objective = objective_for(recipe, rows, trainee.classes, trainee.device)
        self.tasks = [torch.from_numpy(task.labels[rows.items]).to(trainee.device) for task in trainee.tasks]
        self._parts = 1
        self.news: list[Notice] = []  # that nobody has told yet

    @property
    def parts(self) -> int:
        """In how many parts a batch is done; more than one where the device has run out of memory."""
        return self._parts

    def backward(self, step: list[Batch]) -> list[BatchResult]:
        """Leave the gradient of one step's batches; returns what each gave.

        Where the device runs out of memory the step is done again with gradient checkpointing, and then in smaller parts,
        with the same gradient but for layers that look across a batch. `news` says so, once.
        """
        while True:
            try:
                return [self._one(batch, len(step)) for batch in step]
            except torch.OutOfMemoryError:
                if not self._can_spare(max(len(batch.labels) for batch in step)):
                    raise
            self.trainee.network.zero_grad()
            torch.cuda.empty_cache()

    def _can_spare(self, most: int) -> bool:
        """Whether there is a way left to do with less memory, which is taken from now on; `most` is the largest batch."""
        saver = self.trainee.checkpointing
        if saver is not None and not saver.on:
            saver.switch(True)
            self.news.append(Notice(_("The device ran out of memory, so gradient checkpointing is on from here.")))
            return True
        if self._parts < most:
            self._parts *= 2
            said = _("The device ran out of memory, so a batch of {size} is done in {parts} parts from here.")
            self.news.append(Notice(said.format(size=most, parts=self._parts)))
            return True
        return False

    def _one(self, batch: Batch, batches: int) -> BatchResult:
        objectives, losses, margins = [], [], []
        for part in torch.arange(len(batch.labels), device=batch.labels.device).chunk(self._parts):
            labels, weights = batch.labels[part], batch.weights[part]
            with self.trainee.precision.autocast():
                logits = self.trainee.logits({name: value[part] for name, value in batch.inputs.items()}).float()
            targets = as_targets(labels, self.trainee.classes) if batch.targets is None else batch.targets[part]
            teacher = [None if values is None else values[part] for values in (batch.teacher, batch.teacher_weight)]
            each = self.objective.losses(logits, targets, *teacher)
            if self.tasks:
                places = torch.from_numpy(batch.places).to(part.device)[part]
                further = tasks_loss(self.trainee.network.extra_logits, [ids[places] for ids in self.tasks])  # type: ignore[arg-type]
                each = each + self.recipe.extra_weight * further
            objective = (each * weights * self.objective.class_share(targets)).sum() / (batch.size * batches)
            self.trainee.precision.backward(objective)
            objectives.append(objective.detach() * batches)
            losses.append(self.objective.plain(logits.detach(), labels))
            margins.append(self.objective.margins(logits.detach(), labels))
        return BatchResult(batch, torch.stack(objectives).sum(), torch.cat(losses), torch.cat(margins))
