"""Objectives: what a training wants of an item's logits, one class or any number of labels; `objective_for` tells which."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional

from badcase.training.data.training_set import TrainingRows
from badcase.training.losses.multilabel import LABEL_LOSSES, side_weights
from badcase.training.losses.multilabel import distillation as label_distillation
from badcase.training.losses.single_label import LOSSES, class_weights, distillation
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import LossName


def as_targets(labels: Tensor, classes: int) -> Tensor:
    """(b, k) float32 of class ids (b,) or a label matrix (b, k)."""
    return labels.float() if labels.ndim == 2 else functional.one_hot(labels, classes).float()


class Objective(ABC):
    """The losses and margins under one recipe. Logits and targets are (b, k), labels as rows have them."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe

    @abstractmethod
    def losses(self, logits: Tensor, targets: Tensor, teacher: Tensor | None, teacher_weight: Tensor | None) -> Tensor:
        """(b,) what is minimized, before the weights of classes and items; with what is kept of a teacher's answers."""

    @abstractmethod
    def class_share(self, targets: Tensor) -> Tensor | float:
        """(b,) the weight of the class that an item teaches."""

    @abstractmethod
    def plain(self, logits: Tensor, labels: Tensor) -> Tensor:
        """(b,) plain cross-entropy, which recipes can be compared by."""

    @abstractmethod
    def margins(self, logits: Tensor, labels: Tensor) -> Tensor:
        """(b,), or of each label (b, k), by how much an item is answered rightly; 0 or less where it is not."""

    def _held(self, each: Tensor, kept: Tensor, weight: Tensor) -> Tensor:
        # Divided by the sum of both, so that a strong hold makes no step larger than it would be without.
        return (each + self.recipe.distill * weight * kept) / (1 + self.recipe.distill)


class OneClass(Objective):
    """Softmax: the classes compete for an item."""

    def __init__(self, recipe: Recipe, rows: TrainingRows, classes: int, device: torch.device) -> None:
        super().__init__(recipe)
        labels, weights = torch.from_numpy(rows.labels), torch.from_numpy(rows.weights)
        self.class_weights = class_weights(labels, weights, classes, recipe).to(device)

    def losses(self, logits: Tensor, targets: Tensor, teacher: Tensor | None, teacher_weight: Tensor | None) -> Tensor:
        each = LOSSES[LossName(self.recipe.loss)](logits, targets, self.recipe)
        if self.recipe.distill and teacher is not None and teacher_weight is not None:
            each = self._held(each, distillation(logits, teacher, self.recipe.distill_temperature), teacher_weight)
        return each

    def class_share(self, targets: Tensor) -> Tensor:
        return targets @ self.class_weights

    def plain(self, logits: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(logits, labels, reduction="none")

    def margins(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The logit of the label minus the best other one."""
        own = labels[:, None]
        return logits.gather(1, own)[:, 0] - logits.scatter(1, own, -torch.inf).amax(1)


class AnyLabels(Objective):
    """A sigmoid each: labels do not compete, and what is weighed is the two sides of each."""

    def __init__(self, recipe: Recipe, rows: TrainingRows, classes: int, device: torch.device) -> None:
        super().__init__(recipe)
        targets = as_targets(torch.from_numpy(rows.labels), classes)
        self.side_weights = side_weights(targets, torch.from_numpy(rows.weights), recipe).to(device)

    def losses(self, logits: Tensor, targets: Tensor, teacher: Tensor | None, teacher_weight: Tensor | None) -> Tensor:
        """The sum over the labels, so that each learns at the rate it would have alone."""
        if self.recipe.loss == LossName.OWN:
            each = LOSSES[LossName.OWN](logits, targets, self.recipe)[:, None] / logits.shape[1]
            each = each.expand_as(logits)
        else:
            lacking, having = self.side_weights
            each = LABEL_LOSSES[LossName(self.recipe.loss)](logits, targets, self.recipe)
            each = each * (targets * having + (1 - targets) * lacking)
        if self.recipe.distill and teacher is not None and teacher_weight is not None:
            each = self._held(each, label_distillation(logits, teacher, self.recipe.distill_temperature), teacher_weight)
        return each.sum(1)

    def class_share(self, targets: Tensor) -> float:
        """It is in the losses of the labels already."""
        return 1.0

    def plain(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The mean over the labels."""
        return functional.binary_cross_entropy_with_logits(logits, labels.float(), reduction="none").mean(1)

    def margins(self, logits: Tensor, labels: Tensor) -> Tensor:
        """(b, k) the logit of each label that is had, less that of each that is not."""
        return torch.where(labels.bool(), logits, -logits)


def objective_for(recipe: Recipe, rows: TrainingRows, classes: int, device: torch.device) -> Objective:
    """The objective that the labels of these rows ask for: one class an item, or any number of labels."""
    return (AnyLabels if rows.labels.ndim == 2 else OneClass)(recipe, rows, classes, device)
