"""The losses, one row each in `LOSSES`: per-item loss from logits (b, k) and targets (b, k), rows that sum to 1."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from training.choices import ClassWeights, LossName
from training.recipe import Recipe


def cross_entropy(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(b,) cross-entropy with label smoothing (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567)."""
    return functional.cross_entropy(logits, targets, reduction="none", label_smoothing=recipe.label_smoothing)


def focal(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(b,) cross-entropy times (1 - p)^gamma, p the probability of the target: easy items count less.

    Source: Lin et al. 2017, https://arxiv.org/abs/1708.02002
    """
    p = (logits.softmax(1) * targets).sum(1)
    # The clamp keeps the gradient finite where p is 1 and gamma below 1.
    return (1 - p).clamp_min(1e-6) ** recipe.focal_gamma * cross_entropy(logits, targets, recipe)


def distillation(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """(b,) divergence of the answers (b, k) from a teacher's, both softened, times T^2 so that T moves no step size.

    Source: Hinton et al. 2015, https://arxiv.org/abs/1503.02531
    """
    ours, theirs = (values / temperature for values in (logits, teacher))
    each = functional.kl_div(ours.log_softmax(1), theirs.log_softmax(1), reduction="none", log_target=True)
    return each.sum(1) * temperature**2


LOSSES: dict[LossName, Callable[[Tensor, Tensor, Recipe], Tensor]] = {
    LossName.CROSS_ENTROPY: cross_entropy,
    LossName.FOCAL: focal,
}

_POWERS = {ClassWeights.NONE: 0.0, ClassWeights.SQRT: 0.5, ClassWeights.BALANCED: 1.0}


def class_weights(labels: Tensor, weights: Tensor, k: int, recipe: Recipe) -> Tensor:
    """(k,) weight of each class, so that the mean over the training items is 1. A class without items gets 0."""
    sizes = torch.zeros(k).index_add_(0, labels, weights)
    raw = torch.where(sizes > 0, sizes.clamp_min(1e-12) ** -_POWERS[ClassWeights(recipe.class_weights)], 0.0)
    return raw * sizes.sum() / (raw * sizes).sum()
