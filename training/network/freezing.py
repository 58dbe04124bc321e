"""Freezing: which weights a stage trains, the head, and so many blocks of the backbone from the last one down."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from badcase.training.network.lora import adapters
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Method
from badcase.training.recipe.unfreezing_stages import open_share

Groups = Sequence[Sequence[nn.Parameter]]


def hold(network: nn.Module, head: nn.Module, groups: Groups, recipe: Recipe, epoch: int) -> None:
    """Let the stage that begins at `epoch` train what it may, and freeze the rest; of a network with adapters, only these.

    From the last block down: Howard and Ruder 2018, https://arxiv.org/abs/1801.06146. Embeddings that stay: Kumar et al.
    2022, https://arxiv.org/abs/2211.09359.

    Args:
        network: The network.
        head: Its last layers.
        groups: The parameters of the backbone from its embeddings up, one group a block; a network whose groups are not known
            is one group.
        recipe: The recipe.
        epoch: Where the stage begins.
    """
    share = open_share(recipe, epoch)
    network.requires_grad_(share == 1 and recipe.method != Method.LORA)
    if recipe.method == Method.LORA:
        for _layer, adapter in adapters(network):
            adapter.requires_grad_(share == 1)
    if 0 < share < 1:
        for group in list(groups)[len(groups) - math.ceil(len(groups) * share) :]:
            for parameter in group:
                parameter.requires_grad_(True)
    if recipe.frozen_embeddings and groups:
        for parameter in groups[0]:
            parameter.requires_grad_(False)
    head.requires_grad_(True)
