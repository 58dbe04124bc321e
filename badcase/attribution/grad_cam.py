"""Where the last convolution of a network saw what speaks for a class: its maps, weighed by their gradients."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from badcase.attribution.class_margin import margin_of
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models import Model


def grad_cam(model: Model, image: Image.Image, first: int, second: int) -> NDArray[np.float32]:
    """(h, w) of the last convolution's maps: how much each place speaks for the first class over the second; below 0 against it.

    The maps are coarse, and blur over the edges of what they saw.
    Source: Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391

    Raises:
        BadcaseError: The network has no convolution with gradients, as a transformer or an exported one.
    """
    maps: dict[nn.Module, Tensor] = {}
    convolutions = [module for module in model.network.modules() if isinstance(module, nn.Conv2d)]

    def keep(module: nn.Module, _given: object, made: object) -> None:
        if isinstance(made, Tensor) and made.dim() == 4 and made.requires_grad and min(made.shape[2:]) > 1:
            maps.pop(module, None)
            maps[module] = made  # the last that ran is the last in order

    hooks = [module.register_forward_hook(keep) for module in convolutions]
    try:
        batch = {name: tensor.to(model.device) for name, tensor in model.prepare([image]).items()}
        with torch.enable_grad():
            batch = {name: tensor.requires_grad_(tensor.is_floating_point()) for name, tensor in batch.items()}
            margin = margin_of(model.forward(batch).logits.float(), first, second).sum()
            gradient = torch.autograd.grad(margin, list(maps.values())[-1], allow_unused=True)[0] if maps else None
    finally:
        for hook in hooks:
            hook.remove()
    if gradient is None:
        raise BadcaseError(
            _("this network has no convolution to look at"),
            where=model.name,
            hint=_("Ask for the hint that hides parts of the image: it works with every model."),
        )
    weighed = (list(maps.values())[-1] * gradient.mean((2, 3), keepdim=True)).sum(1)[0]
    heat: NDArray[np.float32] = weighed.detach().float().cpu().numpy()
    return heat
