"""The optimizers, one row each in `OPTIMIZERS`, with the schedule of their learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from training.choices import OptimizerName
from training.freezing import Groups, hold
from training.recipe import Recipe
from training.schedules import rate_at
from training.stages import stages

OPTIMIZERS: dict[OptimizerName, Callable[[Iterable[Any], float, Recipe], Optimizer]] = {
    OptimizerName.ADAMW: lambda groups, rate, recipe: AdamW(groups, lr=rate, betas=(recipe.momentum, 0.999)),
    OptimizerName.ADAM: lambda groups, rate, recipe: Adam(groups, lr=rate, betas=(recipe.momentum, 0.999)),
    OptimizerName.SGD: lambda groups, rate, recipe: SGD(groups, lr=rate, momentum=recipe.momentum),
}


def make_optimizer(
    network: nn.Module, head: nn.Module, recipe: Recipe, epoch: int, steps: int, groups: Groups = ()
) -> LambdaLR:
    """The optimizer of the stage that begins at `epoch`, inside its schedule; freezes what the stage leaves alone.

    steps: optimizer steps in one epoch; groups: the parameters below the head, from the embeddings up.
    """
    epochs, head_only = stages(recipe)[epoch]
    hold(network, head, groups, recipe, epoch)
    rate = recipe.head_learning_rate if head_only else recipe.learning_rate
    optimizer = OPTIMIZERS[OptimizerName(recipe.optimizer)](_groups(network, recipe.weight_decay), rate, recipe)
    total = steps * epochs
    return LambdaLR(optimizer, lambda number: rate_at(min(number, total - 1), total, epochs, recipe))


def _groups(network: nn.Module, weight_decay: float) -> Iterator[dict[str, Any]]:
    """Decay acts on matrices and kernels; biases, norms and other vectors stay free, as is the custom."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    yield {"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay}
    yield {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0}
