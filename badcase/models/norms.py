"""Normalization layers of one kind put in the place of another, for networks that start from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _

if TYPE_CHECKING:
    from badcase.models.anatomy import Anatomy
    from badcase.models.inputs import Batch

KINDS = ("batch", "layer", "instance", "group")
MOST_GROUPS = 32


class Padding:
    """Which tokens (b, t) of the batch at hand are no padding; a hook before the network that norms within it read."""

    def __init__(self) -> None:
        self.kept: Tensor | None = None

    def __call__(self, _network: nn.Module, _args: tuple[Any, ...], named: dict[str, Any]) -> None:
        mask = named.get("attention_mask")
        self.kept = mask.bool() if mask is not None and mask.ndim == 2 and not bool(mask.all()) else None


class Norm(nn.Module):
    """One of four normalizations over tokens (b, t, d), a feature map (b, c, h, w) or features (b, d).

    Padding has no say, so that no answer depends on the length of other texts in the batch. `axis` is where the c channels
    are. The kinds:

    - batch: each channel over the batch and all places (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167);
    - layer: all channels of an item, of a token where there are tokens (Ba 2016, https://arxiv.org/abs/1607.06450);
    - instance: each channel of an item (Ulyanov 2016, https://arxiv.org/abs/1607.08022);
    - group: groups of channels of an item or token (Wu and He 2018, https://arxiv.org/abs/1803.08494).
    """

    def __init__(self, kind: str, channels: int, axis: int, *, by_place: bool, padding: Padding | None = None) -> None:
        super().__init__()
        self.padding = padding
        self.kind, self.axis, self.by_place = kind, axis, by_place and kind in ("layer", "group")
        groups = _groups(kind, channels)
        self.norm: nn.Module = nn.GroupNorm(groups, channels) if groups else nn.BatchNorm1d(channels)

    def forward(self, values: Tensor) -> Tensor:
        moved = values.movedim(self.axis, -1)  # (..., c)
        if self.by_place:
            return self.norm(moved.reshape(-1, moved.shape[-1])).reshape(moved.shape).movedim(-1, self.axis)
        kept = None if self.padding is None or moved.ndim != 3 else self.padding.kept
        if kept is not None and kept.shape == moved.shape[:2]:
            return self._without_padding(moved, kept).movedim(-1, self.axis)
        if self.kind == "instance" and values.numel() == len(values) * values.shape[self.axis]:
            return values  # one place has no spread to be divided by
        flat = moved.reshape(len(moved), -1, moved.shape[-1]).transpose(1, 2)  # (b, c, places)
        made: Tensor = self.norm(flat).transpose(1, 2).reshape(moved.shape).movedim(-1, self.axis)
        return made.contiguous()  # GPT-2 looks at its tokens by `view`

    def _without_padding(self, tokens: Tensor, kept: Tensor) -> Tensor:
        """Tokens (b, t, c), zero where they are padding."""
        made = torch.zeros_like(tokens)
        if self.kind == "batch":
            made[kept] = self.norm(tokens[kept]).to(made.dtype)
            return made
        inside = kept[..., None].to(tokens.dtype)
        count = inside.sum(1, keepdim=True).clamp(min=1)
        centred = tokens - (tokens * inside).sum(1, keepdim=True) / count
        spread = (centred.square() * inside).sum(1, keepdim=True) / count
        norm = cast(nn.GroupNorm, self.norm)
        return (centred * torch.rsqrt(spread + norm.eps) * norm.weight + norm.bias) * inside


def map_norm(kind: str, channels: int) -> nn.Module:
    """A norm of this kind, or "none", for feature maps (b, c, h, w) alone: torch's own, which are quicker at them."""
    if kind == "none":
        return nn.Identity()
    groups = _groups(kind, channels)
    return nn.GroupNorm(groups, channels) if groups else nn.BatchNorm2d(channels)


def _groups(kind: str, channels: int) -> int:
    """In how many groups a kind takes so many channels; 0 where each is taken over the whole batch."""
    groups = next(n for n in range(min(MOST_GROUPS, channels // 2 or 1), 0, -1) if channels % n == 0)
    return {"layer": 1, "instance": channels, "group": groups}.get(kind, 0)


def norms_of(network: nn.Module) -> list[str]:
    """The names of all normalization layers."""
    known = ("BatchNorm", "LayerNorm", "InstanceNorm", "GroupNorm", "RMSNorm")
    return [
        name
        for name, module in network.named_modules()
        if any(word in type(module).__name__ for word in known) and not list(module.children())
    ]


def swap_norms(network: nn.Module, kind: str, names: Sequence[str], anatomy: Anatomy, example: Batch) -> dict[str, nn.Module]:
    """Put norms of this kind, or "none", where `names` says, in place; returns the modules that were there.

    A norm on features without places stays where an instance norm is asked for: it would leave nothing but zeros.
    """
    old: dict[str, nn.Module] = {}
    padding = Padding()
    for name in names:
        module, shape = network.get_submodule(name), anatomy.shapes.get(name)
        weight = getattr(module, "weight", None)
        if shape is None or weight is None or len(shape) not in (2, 3, 4):
            continue
        channels = int(weight.shape[-1])
        axis = 1 if len(shape) == 4 and shape[1] == channels else len(shape) - 1
        if channels != shape[axis] or (kind == "instance" and len(shape) == 2):
            continue
        old[name] = module
        norm = nn.Identity() if kind == "none" else Norm(kind, channels, axis, by_place=len(shape) == 3, padding=padding)
        network.set_submodule(name, norm.to(weight.device))
    network.register_forward_pre_hook(padding, with_kwargs=True)
    if not old or not _runs(network, example):
        raise BadcaseError(
            _("this network has no normalization that can be changed"),
            where="normalization",
            got=kind,
            hint=_("Leave the knob as the model has it."),
        )
    return old


def _runs(network: nn.Module, example: Batch) -> bool:
    """Whether the network does without what it reads from the norms it came with."""
    try:
        with torch.no_grad():
            network(**example)
    except (AttributeError, RuntimeError):
        return False
    return True
