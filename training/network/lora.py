"""Low-rank adapters beside the linear layers of a network, which are trained in its place and become part of it on saving.

Hu et al. 2021, https://arxiv.org/abs/2106.09685; in every linear layer, as Dettmers et al. 2023,
https://arxiv.org/abs/2305.14314, found to be as good as training all weights.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models import Model
from badcase.models.anatomy import Anatomy
from badcase.models.random_state import seeded
from badcase.training.recipe import Recipe

NAME = "lora_adapter"  # of the adapter among the parts of its layer, whose own parts keep their names


class Adapter(nn.Module):
    """What a layer gives besides: alpha / rank times `up` (outputs, rank) of `down` (rank, inputs) of what it reads.

    `up` begins at zero, so that the network begins as it was.
    """

    def __init__(self, layer: nn.Module, recipe: Recipe) -> None:
        super().__init__()
        outputs, inputs = _matrix(layer).shape
        rank = min(recipe.lora_rank, outputs, inputs)  # more could not say more
        self.down, self.up = nn.Parameter(torch.empty(rank, inputs)), nn.Parameter(torch.zeros(outputs, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))
        self.factor, self.drops = recipe.lora_alpha / recipe.lora_rank, recipe.lora_dropout
        self.stride = layer.stride if isinstance(layer, nn.Conv2d) else None
        self.hook = layer.register_forward_hook(_beside, with_kwargs=True)

    def forward(self, given: Tensor) -> Tensor:
        given = functional.dropout(given, self.drops, self.training)
        if self.stride is None:
            return self.factor * functional.linear(functional.linear(given, self.down), self.up)
        narrow = functional.conv2d(given, self.down[:, :, None, None], stride=self.stride)
        return self.factor * functional.conv2d(narrow, self.up[:, :, None, None])


def _beside(layer: nn.Module, given: tuple[Any, ...], named: dict[str, Any], made: Tensor) -> Tensor:
    added: Tensor = layer.get_submodule(NAME)(given[0] if given else next(iter(named.values())))
    return made + added


def _matrix(layer: Any) -> Tensor:
    """The weight of a layer as (outputs, inputs), a view."""
    weight: Tensor = layer.weight.detach()
    return weight.T if _is_turned(layer) else weight.flatten(1)


def _is_turned(layer: nn.Module) -> bool:
    """GPT-2 and its like have linear layers of their own, whose weights are (inputs, outputs)."""
    return type(layer).__name__ == "Conv1D"


def _is_linear(layer: nn.Module) -> bool:
    """Linear layers, those over the channels of a feature map too."""
    if isinstance(layer, nn.Conv2d):
        return layer.kernel_size == (1, 1) and layer.groups == 1 and layer.padding in (0, (0, 0), "valid", "same")
    return isinstance(layer, nn.Linear) or _is_turned(layer)


def linear_layers(model: Model, anatomy: Anatomy) -> list[nn.Module]:
    """The layers below the head that can have an adapter: linear ones that a pass calls, and whose weight is theirs alone."""
    network = model.network
    head = {id(module) for module in model.head.modules()}
    owners = Counter(id(value) for module in network.modules() for value in module.parameters(recurse=False))
    called = [network.get_submodule(name) for name in anatomy.order]
    return [one for one in called if _is_linear(one) and id(one) not in head and owners[id(one.weight)] == 1]


def adapt(model: Model, anatomy: Anatomy, recipe: Recipe, seed: int) -> None:
    """Put an adapter beside each linear layer, in place; refuses a network that has none below its head."""
    layers = linear_layers(model, anatomy)
    if not layers:
        raise BadcaseError(
            _("this network has no linear layers below its head that could take adapters"),
            where="method",
            got=model.name,
            hint=_("Set method = fine_tune, or linear_head."),
        )
    with seeded(seed):
        for layer in layers:
            layer.add_module(NAME, Adapter(layer, recipe).to(_matrix(layer).device))


def adapters(network: nn.Module) -> Iterator[tuple[nn.Module, Adapter]]:
    """Each layer that has an adapter, and its adapter."""
    for layer in list(network.modules()):
        adapter = layer._modules.get(NAME)
        if isinstance(adapter, Adapter):
            yield layer, adapter


@torch.no_grad()
def merge(network: nn.Module) -> None:
    """Make the adapters part of the weights beside them, in place: the network gives the same, and is as its makers built it."""
    for layer, adapter in adapters(network):
        matrix = _matrix(layer)
        matrix += (adapter.factor * (adapter.up @ adapter.down)).to(matrix.dtype)
        adapter.hook.remove()
        delattr(layer, NAME)
