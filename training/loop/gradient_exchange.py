"""The gradient exchange between processes that share a training, and what the others do while the first one trains.

Every batch of the recipe is split among them, so a recipe means the same however many there are. The gradient is summed
once a step, before it is clipped, and not by torch's DistributedDataParallel: that sums at every backward pass, while
a step here has several where a recipe accumulates or memory is short, and it would be wrapped anew where a stage opens
more layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from badcase.distributed.team import team
from badcase.training.network.trainee import BatchResult

if TYPE_CHECKING:
    pass


def exchange_gradients(network: nn.Module, seen: list[BatchResult]) -> Tensor:
    """Make the gradient that of the whole step, where several processes have each seen a part of it.

    Batch norm normalizes each share by itself, as each GPU does elsewhere; its running statistics become the mean of theirs,
    so that all stay the same network.

    Args:
        network: The network, with the gradient of this process.
        seen: What this process saw of the step.

    Returns:
        (2,) the sum of the item losses, and the objective, of the whole step.
    """
    total = torch.stack([one.losses.sum() for one in seen]).sum()
    sums = torch.stack([total, torch.stack([one.objective for one in seen]).mean()])
    together = team()
    if together.world > 1:
        statistics = list(_statistics(network))
        for value in statistics:
            value /= together.world
        together.sum([sums, *_gradients(network), *statistics])
    return sums


def _gradients(network: nn.Module) -> Iterator[Tensor]:
    """Of what is trained; zero where this process's share did not reach a parameter."""
    for parameter in network.parameters():
        if parameter.requires_grad:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            yield parameter.grad


def _statistics(network: nn.Module) -> Iterator[Tensor]:
    for module in network.modules():
        if isinstance(module, _BatchNorm) and module.training and module.running_mean is not None:
            assert module.running_var is not None, "the two come together"
            yield from (module.running_mean, module.running_var)
