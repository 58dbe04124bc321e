"""Augmentation of batches on the device, otherwise each time: images mirrored, shifted, lit, erased, mixed; tokens hidden."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.data.batches import Batch, Inputs
from badcase.training.losses.objectives import as_targets
from badcase.training.recipe import Recipe

MASK = "attention_mask"
ERASED = (0.02, 0.33)  # of the area, as Zhong et al. 2017, https://arxiv.org/abs/1708.04896


def augmented(batch: Batch, recipe: Recipe, classes: int) -> Batch:
    """The batch as the recipe wants its network to see it once; the same where it wants nothing of the kind."""
    if recipe.token_drop:
        batch = replace(batch, inputs=_hidden(batch.inputs, recipe.token_drop))
    if recipe.flip or recipe.crop or recipe.jitter or recipe.erase:
        batch = replace(batch, inputs=_changed(batch.inputs, recipe))
    return _mixed(batch, recipe.mixup, classes) if recipe.mixup else batch


def _changed(inputs: Inputs, recipe: Recipe) -> Inputs:
    """Images are (b, c, h, w); every other input stays as it is."""

    def change(images: Tensor) -> Tensor:
        if recipe.flip:
            mirrored = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
            images = torch.where(mirrored, images.flip(3), images)
        images = _shifted(images, recipe.crop)
        images = _lit(images, recipe.jitter) if recipe.jitter else images
        return _erased(images, recipe.erase) if recipe.erase else images

    return {name: change(value) if value.ndim == 4 else value for name, value in inputs.items()}


def _shifted(images: Tensor, share: float) -> Tensor:
    b, _c, h, w = images.shape
    down, right = int(share * h), int(share * w)
    if not down and not right:
        return images
    padded = functional.pad(images, (right, right, down, down), mode="reflect")  # (b, c, h + 2 down, w + 2 right)
    rows = torch.randint(2 * down + 1, (b, 1), device=images.device) + torch.arange(h, device=images.device)
    columns = torch.randint(2 * right + 1, (b, 1), device=images.device) + torch.arange(w, device=images.device)
    each = torch.arange(b, device=images.device)[:, None, None]
    # An index beside a slice puts the indexed axes first: (b, h, w, c).
    return padded[each, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2).contiguous()


def _lit(images: Tensor, share: float) -> Tensor:
    """Contrast about each image's mean, brightness in units of its deviation: whatever the normalization was."""
    about = images.mean((1, 2, 3), keepdim=True)
    contrast, brightness = 1 + share * (2 * torch.rand(2, len(images), 1, 1, 1, device=images.device) - 1)
    return (images - about) * contrast + about + (brightness - 1) * images.std((1, 2, 3), keepdim=True)


def _erased(images: Tensor, share: float) -> Tensor:
    """A box of each chosen image becomes its mean."""
    b, _c, h, w = images.shape
    low, high = ERASED
    area = torch.empty(b, device=images.device).uniform_(low, high)
    ratio = torch.empty(b, device=images.device).uniform_(-1.2, 1.2).exp()  # .3 to 3.3, height to width
    tall, wide = ((area * ratio).sqrt() * h).clamp(1, h), ((area / ratio).sqrt() * w).clamp(1, w)
    top, left = torch.rand(b, device=images.device) * (h - tall), torch.rand(b, device=images.device) * (w - wide)
    rows, columns = torch.arange(h, device=images.device), torch.arange(w, device=images.device)
    inside_rows = (rows >= top[:, None]) & (rows < (top + tall)[:, None])  # (b, h)
    inside_columns = (columns >= left[:, None]) & (columns < (left + wide)[:, None])  # (b, w)
    chosen = torch.rand(b, device=images.device) < share
    box = (chosen[:, None, None] & inside_rows[:, :, None] & inside_columns[:, None, :])[:, None]  # (b, 1, h, w)
    return torch.where(box, images.mean((1, 2, 3), keepdim=True), images)


def _hidden(inputs: Inputs, share: float) -> Inputs:
    """Tokens left out of the attention mask (b, t); the first one stays, which many networks read the text off."""
    if MASK not in inputs:
        raise BadcaseError(
            _("this network has no attention mask that could hide tokens"),
            where="token_drop",
            got=share,
            hint=_("Set it back to 0; dropout acts on any network."),
        )
    mask = inputs[MASK]
    kept = torch.rand(mask.shape, device=mask.device) >= share
    kept[:, 0] = True
    return inputs | {MASK: mask * kept}


def _mixed(batch: Batch, alpha: float, classes: int) -> Batch:
    """Each image blended with another of the batch by a draw from Beta(alpha, alpha), and so what it teaches.

    Source: Zhang et al. 2018, https://arxiv.org/abs/1710.09412
    """
    b, device = len(batch.labels), batch.labels.device
    own = torch.distributions.Beta(alpha, alpha).sample((b,)).to(device)
    own = torch.maximum(own, 1 - own)  # the label of an item stays the larger part of it
    other = torch.randperm(b, device=device)
    targets = as_targets(batch.labels, classes) if batch.targets is None else batch.targets

    def blend(values: Tensor) -> Tensor:
        share = own.view(-1, *[1] * (values.ndim - 1))
        return share * values + (1 - share) * values[other]

    return replace(
        batch,
        inputs={name: blend(value) if value.ndim == 4 else value for name, value in batch.inputs.items()},
        targets=blend(targets),
        teacher=None if batch.teacher is None else blend(batch.teacher),
        teacher_weight=None if batch.teacher_weight is None else blend(batch.teacher_weight),
    )
