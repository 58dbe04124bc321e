"""The losses where an item may have any number of labels, one row each in `LABEL_LOSSES`: a sigmoid for each label.

Each gives the losses (b, k) of the labels from logits (b, k) and targets (b, k), entries from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from badcase.training.losses.single_label import POWERS
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import LossName


def binary(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """Cross-entropy of having each label against not having it."""
    return functional.binary_cross_entropy_with_logits(logits, _smoothed(targets, recipe), reduction="none")


def focal(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """The same times (1 - p)^gamma, p the probability of the target: labels that are easy on an item count less.

    Source: Lin et al. 2017, https://arxiv.org/abs/1708.02002
    """
    p = logits.sigmoid()
    p = p * targets + (1 - p) * (1 - targets)
    # The clamp keeps the gradient finite where p is 1 and gamma below 1.
    return (1 - p).clamp_min(1e-6) ** recipe.focal_gamma * binary(logits, targets, recipe)


def generalized(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(1 - p^q) / q of each of the two answers, by how far it is the target.

    Source: Zhang and Sabuncu 2018, https://arxiv.org/abs/1805.07836
    """
    wanted, q = _smoothed(targets, recipe), recipe.generalized_q
    # The gradient of p^q has no end at p = 0.
    have, lack = (values.sigmoid().clamp_min(1e-7) for values in (logits, -logits))
    return (wanted * (1 - have**q) + (1 - wanted) * (1 - lack**q)) / q


def squared(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """Squared distance of the probability of each label from its target, the Brier score (Brier 1950)."""
    return (logits.sigmoid() - _smoothed(targets, recipe)).square()


def _smoothed(targets: Tensor, recipe: Recipe) -> Tensor:
    return targets * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2


def distillation(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """(b, k) divergence of each answer from a teacher's, both softened, times T^2; see `losses.distillation`."""
    ours, theirs = (values / temperature for values in (logits, teacher))
    p = theirs.sigmoid()
    kept = p * (functional.logsigmoid(theirs) - functional.logsigmoid(ours))
    kept = kept + (1 - p) * (functional.logsigmoid(-theirs) - functional.logsigmoid(-ours))
    return kept * temperature**2


LABEL_LOSSES: dict[LossName, Callable[[Tensor, Tensor, Recipe], Tensor]] = {
    LossName.BINARY: binary,
    LossName.FOCAL: focal,
    LossName.GENERALIZED: generalized,
    LossName.SQUARED: squared,
}


def side_weights(targets: Tensor, weights: Tensor, recipe: Recipe) -> Tensor:
    """(2, k) weights of not having and of having each label, so that the mean over the training items is 1 for each.

    Balanced lets both sides of a label weigh the same; a side without items gets 0.

    Args:
        targets: (n, k).
        weights: (n,).
        recipe: Says how far the sides are balanced.
    """
    # The summed weights f of both sides; raw weights f^-power, scaled so that sum(raw f) = sum(f) for each label.
    having = (targets * weights[:, None]).sum(0)
    found = torch.stack([weights.sum() - having, having])
    raw = torch.where(found > 1e-6, found.clamp_min(1e-6) ** -POWERS[recipe.class_weights], 0.0)
    return raw * found.sum(0) / (raw * found).sum(0)
