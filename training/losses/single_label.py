"""The losses, one row each in `LOSSES`: per-item loss from logits (b, k) and targets (b, k), rows that sum to 1.

`label_losses` has those for items with any number of labels.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import ClassWeights, LossName
from badcase.training.run_folder.user_function import own_function


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


def generalized(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(b,) (1 - p^q) / q: between cross-entropy (q near 0) and the absolute error (q = 1), which forgives wrong labels.

    Source: Zhang and Sabuncu 2018, https://arxiv.org/abs/1805.07836
    """
    # The gradient of p^q has no end at p = 0.
    p = logits.softmax(1).clamp_min(1e-7)
    return (_smoothed(targets, recipe) * (1 - p**recipe.generalized_q)).sum(1) / recipe.generalized_q


def squared(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(b,) squared distance of the probabilities from the target, the Brier score (Brier 1950)."""
    return (logits.softmax(1) - _smoothed(targets, recipe)).square().sum(1)


def binary(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(b,) cross-entropy of each class against not being it, summed: classes do not compete for an item."""
    wanted = _smoothed(targets, recipe)
    return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(1)


def own(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """(b,) what a function of the user's gives for logits (b, k) and targets (b, k)."""
    made = own_function(recipe.loss_function, "loss_function")(logits, targets)
    if not isinstance(made, Tensor) or made.shape != logits.shape[:1] or not made.requires_grad == logits.requires_grad:
        raise BadcaseError(
            _("your loss function does not return what training needs"),
            where=recipe.loss_function,
            expected=_("a tensor of {b} losses, one per item, computed from the logits").format(b=len(logits)),
            got=tuple(made.shape) if isinstance(made, Tensor) else type(made).__name__,
            hint=_("It is called with logits (b, k) and targets (b, k), rows that sum to 1 where an item has one class."),
        )
    return made


def _smoothed(targets: Tensor, recipe: Recipe) -> Tensor:
    return targets * (1 - recipe.label_smoothing) + recipe.label_smoothing / targets.shape[1]


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
    LossName.GENERALIZED: generalized,
    LossName.SQUARED: squared,
    LossName.BINARY: binary,
    LossName.OWN: own,
}

# The power of its size that a class is divided by.
POWERS: dict[str, float] = {ClassWeights.NONE: 0.0, ClassWeights.SQRT: 0.5, ClassWeights.BALANCED: 1.0}


def class_weights(labels: Tensor, weights: Tensor, k: int, recipe: Recipe) -> Tensor:
    """(k,) weight of each class, so that the mean over the training items is 1. A class without items gets 0."""
    sizes = torch.zeros(k).index_add_(0, labels, weights)
    raw = torch.where(sizes > 0, sizes.clamp_min(1e-12) ** -POWERS[recipe.class_weights], 0.0)
    return raw * sizes.sum() / (raw * sizes).sum()
