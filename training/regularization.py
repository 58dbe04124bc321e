"""Dropout by one number, and augmentation of image batches on the device."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.language import _
from training.recipe import Recipe

_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)

_WORDS = ("dropout", "pdrop", "drop_prob")


def set_dropout(network: nn.Module, share: float | None) -> int:
    """Give every dropout of the network this share and return how many there are; None leaves them as they are."""
    if share is None:
        return 0
    found = [module for module in network.modules() if isinstance(module, _DROPOUTS)]
    for module in found:
        module.p = share
    plain = [(module, name) for module in network.modules() for name in _numbers(module)]
    configs = {id(module.config): module.config for module in network.modules() if hasattr(module, "config")}
    for holder, name in [*plain, *((config, name) for config in configs.values() for name in _numbers(config))]:
        setattr(holder, name, share)
    if not found and not plain:
        raise BadcaseError(
            _("this network has no dropout to set"),
            where="dropout",
            got=share,
            hint=_("Leave the knob as the model has it; weight decay or label smoothing act on any network."),
        )
    return len(found) + len(plain)


def _numbers(holder: object) -> list[str]:
    """Names under which an object keeps a dropout as a number: transformers drops by functions that read it there."""
    if "DropPath" in type(holder).__name__:  # drops whole blocks, which is another thing
        return []
    named = {name: value for name, value in vars(holder).items() if any(word in name for word in _WORDS)}
    return [name for name, value in named.items() if isinstance(value, int | float) and not isinstance(value, bool)]


def augment(inputs: dict[str, Tensor], recipe: Recipe) -> dict[str, Tensor]:
    """Mirror and shift images (b, c, h, w) of a batch; every other input stays as it is."""
    if not recipe.flip and not recipe.crop:
        return inputs
    return {name: _augmented(value, recipe) if value.ndim == 4 else value for name, value in inputs.items()}


def _augmented(images: Tensor, recipe: Recipe) -> Tensor:
    b, _c, h, w = images.shape
    if recipe.flip:
        mirrored = torch.rand(b, 1, 1, 1, device=images.device) < 0.5
        images = torch.where(mirrored, images.flip(3), images)
    down, right = int(recipe.crop * h), int(recipe.crop * w)
    if not down and not right:
        return images
    padded = functional.pad(images, (right, right, down, down), mode="reflect")  # (b, c, h + 2 down, w + 2 right)
    rows = torch.randint(2 * down + 1, (b, 1), device=images.device) + torch.arange(h, device=images.device)
    columns = torch.randint(2 * right + 1, (b, 1), device=images.device) + torch.arange(w, device=images.device)
    each = torch.arange(b, device=images.device)[:, None, None]
    # An index beside a slice puts the indexed axes first: (b, h, w, c).
    return padded[each, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2).contiguous()
