"""What a hint is about: how much more a model says for one class than for another."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from badcase.models import Model
from badcase.models.inputs import Raw

BATCH = 32  # variants of an item that are run at once


def margin_of(logits: Tensor, first: int, second: int) -> Tensor:
    """(b,) by how much the logit of the first class is above that of the second, or of the best other where both are one.

    logits (b, k).
    """
    if first != second:
        return logits[:, first] - logits[:, second]
    others = logits.clone()
    others[:, first] = -torch.inf
    return logits[:, first] - others.max(1).values


def margins(model: Model, variants: Sequence[Raw], first: int, second: int) -> list[float]:
    """The same of raw items, a batch at a time."""
    found: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(variants), BATCH):
            batch = model.prepare(list(variants[start : start + BATCH]))
            logits = model.forward({name: tensor.to(model.device) for name, tensor in batch.items()}).logits.float()
            found += margin_of(logits, first, second).tolist()
    return found
