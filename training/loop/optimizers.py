"""The optimizers, one row each in `OPTIMIZERS`, with the schedule of their learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.loop.schedules import rate_at
from badcase.training.network.freezing import Groups, hold
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import OptimizerName
from badcase.training.recipe.unfreezing_stages import stages

LONGER = 2.0  # times Adam's step, which the first one of SGD may be

OPTIMIZERS: dict[OptimizerName, Callable[[Iterable[Any], float, Recipe], Optimizer]] = {
    OptimizerName.ADAMW: lambda groups, rate, recipe: AdamW(groups, lr=rate, betas=(recipe.momentum, 0.999)),
    OptimizerName.ADAM: lambda groups, rate, recipe: Adam(groups, lr=rate, betas=(recipe.momentum, 0.999)),
    OptimizerName.SGD: lambda groups, rate, recipe: SGD(groups, lr=rate, momentum=recipe.momentum),
}
OPTIMIZERS[OptimizerName.ADAM_THEN_SGD] = OPTIMIZERS[OptimizerName.ADAMW]  # until `to_sgd`


def make_optimizer(network: nn.Module, head: nn.Module, recipe: Recipe, epoch: int, steps: int, groups: Groups = ()) -> LambdaLR:
    """The optimizer of the stage that begins at `epoch`, inside its schedule; freezes what the stage leaves alone.

    Args:
        network: The network.
        head: Its last layers.
        recipe: The recipe.
        epoch: Where the stage begins.
        steps: Optimizer steps in one epoch.
        groups: The parameters below the head, from the embeddings up.
    """
    epochs, head_only = stages(recipe)[epoch]
    hold(network, head, groups, recipe, epoch)
    rate = recipe.head_learning_rate if head_only else recipe.learning_rate
    made = list(_groups(network, recipe, rate, groups))
    optimizer = OPTIMIZERS[OptimizerName(recipe.optimizer)](made, rate, recipe)
    total = steps * epochs
    return LambdaLR(optimizer, lambda number: rate_at(min(number, total - 1), total, epochs, recipe))


def _groups(network: nn.Module, recipe: Recipe, rate: float, groups: Groups) -> Iterator[dict[str, Any]]:
    """The fastest first. Decay acts on matrices and kernels; biases, norms and other vectors stay free, as is custom.

    With layer decay the i-th block below the head has the rate times decay^i (Howard and Ruder 2018,
    https://arxiv.org/abs/1801.06146).
    """
    if recipe.layer_decay < 1 and len(groups) < 2:
        raise BadcaseError(
            _("the blocks of this network are unknown, so no layer can learn more slowly than another"),
            where="layer_decay",
            got=recipe.layer_decay,
            hint=_("Set it back to 1."),
        )
    below = {id(p): len(groups) - place for place, group in enumerate(groups) for p in group}
    alike: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for parameter in network.parameters():
        if parameter.requires_grad:
            depth = below.get(id(parameter), 0) if recipe.layer_decay < 1 else 0
            alike.setdefault((depth, parameter.ndim <= 1), []).append(parameter)
    for depth, free in sorted(alike):
        scale = recipe.layer_decay**depth
        decay = 0.0 if free else recipe.weight_decay
        yield {"params": alike[depth, free], "lr": rate * scale, "weight_decay": decay}


def to_sgd(schedule: LambdaLR, recipe: Recipe) -> LambdaLR:
    """SGD with momentum where Adam stands, on the same schedule.

    Its rate is that at which a plain step goes as far along Adam's as Adam's own: p.p / -p.g for the step p and the
    mean gradient g, as Keskar and Socher 2017, https://arxiv.org/abs/1712.07628, less the momentum that adds to it.
    It is bounded: where the two point elsewhere, as in a transformer, whose gradients differ by decades between layers, that
    rate knows no end, and a step goes no more than LONGER times as far as Adam's. The pull of weight decay in a step stays
    what it was.
    """
    adam = schedule.optimizer
    share = schedule.get_last_lr()[0] / adam.param_groups[0]["initial_lr"]
    length, along, steep = 0.0, 0.0, 0.0
    for group in adam.param_groups:
        for parameter in group["params"]:
            if state := adam.state.get(parameter):
                gradient, step = _adams(state, group)
                length += float(step.square().sum())
                along += float((step * gradient).sum())
                steep += float(gradient.square().sum())
    if not along > 0 or not share > 0:  # nothing moves, so there is nothing to go on with
        return schedule
    rate = min(length / along, LONGER * (length / steep) ** 0.5)
    return sgd_at(schedule, (1 - recipe.momentum) * rate / share, recipe)


def sgd_at(schedule: LambdaLR, rate: float, recipe: Recipe) -> LambdaLR:
    """SGD with momentum in place of Adam at a top rate, where its schedule stands."""
    adam = schedule.optimizer
    scale = rate / adam.param_groups[0]["initial_lr"]
    groups = [
        {
            "params": group["params"],
            "lr": group["initial_lr"] * scale,
            "initial_lr": group["initial_lr"] * scale,
            "weight_decay": group["weight_decay"] * (1 - recipe.momentum) / scale,
        }
        for group in adam.param_groups
    ]
    sgd = SGD(groups, lr=rate, momentum=recipe.momentum)
    return LambdaLR(sgd, schedule.lr_lambdas[0], last_epoch=schedule.last_epoch - 1)  # it takes one step by itself


def _adams(state: dict[str, Any], group: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """The mean gradient that Adam remembers, and the step that it makes of it."""
    (first, second), steps = group["betas"], float(state["step"])
    gradient = state["exp_avg"] / (1 - first**steps)
    spread = (state["exp_avg_sq"] / (1 - second**steps)).sqrt() + group["eps"]
    return gradient, group["lr"] * gradient / spread
