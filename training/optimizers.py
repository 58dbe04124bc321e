"""The optimizers, one row each in `OPTIMIZERS`, with the schedule of their learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from training.choices import Freeze, Method, OptimizerName
from training.recipe import Recipe
from training.schedules import rate_at

OPTIMIZERS: dict[OptimizerName, Callable[[Iterable[Any], float, Recipe], Optimizer]] = {
    OptimizerName.ADAMW: lambda groups, rate, recipe: AdamW(groups, lr=rate, betas=(recipe.momentum, 0.999)),
    OptimizerName.ADAM: lambda groups, rate, recipe: Adam(groups, lr=rate, betas=(recipe.momentum, 0.999)),
    OptimizerName.SGD: lambda groups, rate, recipe: SGD(groups, lr=rate, momentum=recipe.momentum),
}


def stages(recipe: Recipe) -> dict[int, tuple[int, bool]]:
    """The first epoch of each stage to its number of epochs and whether it trains the head alone."""
    if recipe.method == Method.LINEAR_HEAD or recipe.freeze == Freeze.NOTHING:
        return {1: (recipe.epochs, False)}
    if recipe.freeze == Freeze.BACKBONE:
        return {1: (recipe.epochs, True)}
    head = recipe.head_epochs
    return {1: (head, True), head + 1: (recipe.epochs - head, False)}


def make_optimizer(network: nn.Module, head: nn.Module, recipe: Recipe, epoch: int, steps: int) -> LambdaLR:
    """The optimizer of the stage that begins at `epoch`, inside its schedule; freezes what the stage leaves alone.

    steps: optimizer steps in one epoch.
    """
    epochs, head_only = stages(recipe)[epoch]
    for parameter in network.parameters():
        parameter.requires_grad_(not head_only)
    for parameter in head.parameters():
        parameter.requires_grad_(True)
    rate = recipe.head_learning_rate if head_only else recipe.learning_rate
    optimizer = OPTIMIZERS[OptimizerName(recipe.optimizer)](_groups(network, recipe.weight_decay), rate, recipe)
    total = steps * epochs
    return LambdaLR(optimizer, lambda number: rate_at(min(number, total - 1), total, epochs, recipe))


def _groups(network: nn.Module, weight_decay: float) -> Iterator[dict[str, Any]]:
    """Decay acts on matrices and kernels; biases, norms and other vectors stay free, as is the custom."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    yield {"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay}
    yield {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0}
