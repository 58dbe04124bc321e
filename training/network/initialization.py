"""Initialization: how new weights are drawn, for layers that were put in or a whole network that starts from scratch."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from badcase.models.random_state import seeded
from badcase.training.recipe.enums import Initialization

EMBEDDING_DEVIATION = 0.02  # truncated at two deviations: Devlin et al. 2019, https://aclanthology.org/N19-1423

DRAWS: dict[Initialization, Callable[[Tensor], Tensor]] = {
    # Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
    Initialization.XAVIER: nn.init.xavier_uniform_,
    # He et al. 2015, https://arxiv.org/abs/1502.01852
    Initialization.KAIMING_UNIFORM: lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    Initialization.KAIMING_NORMAL: lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
}


def initialize(parts: Iterable[nn.Module], how: str, seed: int) -> None:
    """Draw the matrices and kernels of these parts anew, biases zero, embeddings truncated normal; norms stay."""
    draw = DRAWS.get(Initialization(how))
    if draw is None:
        return
    with seeded(seed), torch.no_grad():
        for module in (module for part in parts for module in part.modules()):
            if isinstance(module, nn.Embedding):
                _embedding(module)
            elif isinstance(module, nn.Linear | nn.modules.conv._ConvNd) or type(module).__name__ == "Conv1D":
                draw(module.weight)  # type: ignore[arg-type]
                if isinstance(module.bias, Tensor):
                    module.bias.zero_()


def _embedding(module: nn.Embedding) -> None:
    limit = 2 * EMBEDDING_DEVIATION
    nn.init.trunc_normal_(module.weight, std=EMBEDDING_DEVIATION, a=-limit, b=limit)
    if module.padding_idx is not None:
        module.weight[module.padding_idx].zero_()
