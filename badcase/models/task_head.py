"""The task head turns the levels of a backbone into logits: pooling, a mix of levels, hidden width, the last layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "none": nn.Identity,
}


class MeanPool(nn.Module):
    """The mean over the places that hold something."""

    def forward(self, places: Tensor, mask: Tensor | None) -> Tensor:
        if mask is None:
            return places.mean(1)
        counts = mask[..., None].to(places.dtype)
        return (places * counts).sum(1) / counts.sum(1).clamp(min=1)


class MaxPool(nn.Module):
    """The largest value of each feature over the places that hold something."""

    def forward(self, places: Tensor, mask: Tensor | None) -> Tensor:
        if mask is not None:
            places = places.masked_fill(~mask[..., None].bool(), torch.finfo(places.dtype).min)
        return places.amax(1)


class ClassToken(nn.Module):
    """The first token."""

    def forward(self, places: Tensor, _mask: Tensor | None) -> Tensor:
        return places[:, 0]


class AttentionPool(nn.Module):
    """A weighted mean over places; a learned query says which places matter, and begins by finding all alike.

    Source: Yang et al. 2016, https://aclanthology.org/N16-1174
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, min(width, 128))
        self.query = nn.Parameter(torch.zeros(self.key.out_features))

    def forward(self, places: Tensor, mask: Tensor | None) -> Tensor:
        scores = torch.tanh(self.key(places)) @ self.query  # (b, places)
        if mask is not None:
            scores = scores.masked_fill(~mask.bool(), torch.finfo(scores.dtype).min)
        weights: Tensor = scores.float().softmax(1).to(places.dtype)
        return (weights[:, :, None] * places).sum(1)


POOLINGS = {
    "mean": lambda _d: MeanPool(),
    "max": lambda _d: MaxPool(),
    "class_token": lambda _d: ClassToken(),
    "attention": AttentionPool,
}


class TaskHead(nn.Module):
    """Levels of a backbone to the logits of one task. Several levels are each brought to one scale first.

    `widths` are the channels of each level; `pooling` a key of `POOLINGS`, None where the levels (b, d) come pooled already;
    `mixed`: one learned weight a level (Peters et al. 2018, https://arxiv.org/abs/1802.05365) instead of all side by side;
    `hidden`: width of a layer before the last, 0 for none.
    """

    def __init__(
        self, widths: Sequence[int], classes: int, *, pooling: str | None, mixed: bool, hidden: int, activation: str
    ) -> None:
        super().__init__()
        self.pools = nn.ModuleList([POOLINGS[pooling](width) for width in widths] if pooling else [])
        self.scales = nn.ModuleList([nn.LayerNorm(width) for width in widths] if len(widths) > 1 else [])
        self.mix = nn.Parameter(torch.zeros(len(widths))) if mixed else None
        width = widths[0] if mixed else sum(widths)
        layers = [nn.Dropout(0.0), nn.Linear(width, hidden), ACTIVATIONS[activation]()] if hidden else []
        self.hidden = nn.Sequential(*layers)
        self.dropout, self.out = nn.Dropout(0.0), nn.Linear(hidden or width, classes)

    def forward(self, levels: Sequence[Tensor], mask: Tensor | None) -> Tensor:
        """Logits (b, k).

        Args:
            levels: (b, places, d) each, or (b, d) where they are pooled.
            mask: (b, places) which places hold something.
        """
        parts = list(levels)
        if len(self.pools):
            parts = [pool(level, fitting(mask, level)) for pool, level in zip(self.pools, parts, strict=True)]
        if len(self.scales):
            parts = [scale(part) for scale, part in zip(self.scales, parts, strict=True)]
        if self.mix is not None:
            features = (torch.stack(parts, -1) * self.mix.softmax(0)).sum(-1)
        else:
            features = torch.cat(parts, 1)
        logits: Tensor = self.out(self.dropout(self.hidden(features)))
        return logits


def fitting(mask: Tensor | None, level: Tensor) -> Tensor | None:
    """The mask where it speaks of the places of this level."""
    return mask if mask is not None and mask.shape == level.shape[:2] else None


def places_of(level: Tensor, width: int) -> Tensor:
    """Tokens (b, t, d) as they are, a map (b, d, h, w) or (b, h, w, d) as (b, places, d)."""
    if level.ndim == 3:
        return level
    if level.shape[1] == width:
        return level.flatten(2).transpose(1, 2)
    return level.flatten(1, 2)


def width_of(shape: Sequence[int], read: int) -> int:
    """Channels of a level of this shape; `read`, the width that the last layer reads, tells which axis of a map."""
    if len(shape) == 4 and shape[1] != read and shape[-1] == read:
        return int(shape[-1])
    return int(shape[1] if len(shape) == 4 else shape[-1])
