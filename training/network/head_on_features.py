"""A linear head on stored embeddings, trained by the same `fit` as everything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from badcase.training.data.batches import Inputs
from badcase.training.data.training_set import TrainingRows

FEATURES = "features"


class HeadNetwork(nn.Module):
    """Dropout and one linear layer on features (b, d); it begins at zero, which is convex ground: no draw decides."""

    def __init__(self, width: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.dropout, self.linear = nn.Dropout(dropout), nn.Linear(width, classes)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.linear(self.dropout(features))
        return logits


class StoredFeatures:
    """Embeddings (n, d) of a prediction set, centred and scaled by the items that are trained on.

    The scale makes the mean squared length 1, whatever the backbone, so that one learning rate suits all.
    """

    def __init__(self, embeddings: npt.NDArray[Any], train: TrainingRows) -> None:
        self._embeddings = embeddings
        few = train.items[:: -(-len(train) // 100_000)]
        sample = np.asarray(embeddings[few], np.float32)
        self.mean = sample.mean(0)
        self.scale = float(max(np.sqrt(np.square(sample - self.mean).sum(1).mean()), 1e-12))

    def fetch(self, items: npt.NDArray[np.int64]) -> Inputs:
        features = (np.asarray(self._embeddings[items], np.float32) - self.mean) / self.scale
        return {FEATURES: torch.from_numpy(features)}

    def unscaled(self, linear: nn.Linear) -> tuple[Tensor, Tensor]:
        """Weight (k, d) and bias (k,) of the same layer for embeddings as they are."""
        weight = linear.weight.detach().cpu() / self.scale
        return weight, linear.bias.detach().cpu() - weight @ torch.from_numpy(self.mean)

    def scaled(self, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
        """The state of a layer for scaled features, from one for embeddings as they are."""
        return {"weight": weight * self.scale, "bias": bias + weight @ torch.from_numpy(self.mean)}
