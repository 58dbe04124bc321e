"""The networks themselves: plain torch modules from prepared inputs to logits, without anything that a knob did not ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from badcase.models.norms import Norm, Padding, map_norm
from badcase.models.small.text_pieces import LONGEST
from badcase.models.task_head import ACTIVATIONS, MeanPool

STAGES = 3  # of convolutions: each halves the side of the map and doubles its channels
MAP = 32  # side of the first map, whatever the side of the image
HEAD_WIDTH = 32  # features of a head of attention
NARROWEST = 8
DEVIATION = 0.02  # of new embeddings: Devlin et al. 2019, https://aclanthology.org/N19-1423


@dataclass(frozen=True, slots=True)
class Layout:
    """What a small network is built from.

    Attributes:
        depth: Blocks; with none, texts are bags of embeddings and images are read by one convolution.
        width: Features of the last block.
        activation: A key of `ACTIVATIONS`.
        normalization: A kind of `norms.KINDS`, or "none".
    """

    depth: int
    width: int
    activation: str
    normalization: str


class ConvNet(nn.Module):
    """Convolutions of 3 by 3 over images (b, 3, side, side), their mean over all places, a linear layer.

    A block that changes neither the side nor the width is added to what it read (He et al. 2016,
    https://arxiv.org/abs/1512.03385), so that depth costs no gradient.
    """

    def __init__(self, layout: Layout, classes: int, side: int) -> None:
        super().__init__()
        stages = min(layout.depth, STAGES)
        stage = [number * stages // layout.depth for number in range(layout.depth)]
        widths = [max(NARROWEST, layout.width >> (stages - 1 - one)) for one in stage]
        step, before = side // MAP, (widths or [layout.width])[0]
        self.stem = nn.Conv2d(3, before, 2 * step + 1, step, step)
        self.blocks = nn.ModuleList()
        for number, width in enumerate(widths):
            shrinks = number > 0 and stage[number] > stage[number - 1]
            self.blocks.append(ConvBlock(layout, before, width, shrinks=shrinks))
            before = width
        self.norm, self.dropout = _last_norm(layout, map_norm), nn.Dropout(0.0)
        self.head = nn.Linear(layout.width, classes)

    def forward(self, pixel_values: Tensor) -> Tensor:
        maps: Tensor = self.stem(pixel_values)
        for block in self.blocks:
            maps = block(maps)
        logits: Tensor = self.head(self.dropout(self.norm(maps).mean((2, 3))))
        return logits


class ConvBlock(nn.Module):
    """A convolution, its norm, its activation, and dropout of whole channels."""

    def __init__(self, layout: Layout, before: int, width: int, *, shrinks: bool) -> None:
        super().__init__()
        self.adds, self.shrink = before == width and not shrinks, nn.MaxPool2d(2) if shrinks else nn.Identity()
        self.conv, self.norm = nn.Conv2d(before, width, 3, padding=1), map_norm(layout.normalization, width)
        self.activation, self.dropout = ACTIVATIONS[layout.activation](), nn.Dropout2d(0.0)

    def forward(self, maps: Tensor) -> Tensor:
        maps = self.shrink(maps)
        made: Tensor = self.dropout(self.activation(self.norm(self.conv(maps))))
        return maps + made if self.adds else made


class TokenNet(nn.Module):
    """Embeddings of tokens (b, t), blocks of attention (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762), their mean."""

    def __init__(self, layout: Layout, classes: int, words: int) -> None:
        super().__init__()
        padding = Padding()
        self.register_forward_pre_hook(padding, with_kwargs=True)

        def norm(kind: str, width: int) -> nn.Module:
            return nn.Identity() if kind == "none" else Norm(kind, width, 2, by_place=True, padding=padding)

        self.tokens = nn.Embedding(words, layout.width, padding_idx=0)
        # Without blocks a text is a bag of its words.
        self.positions = nn.Embedding(LONGEST, layout.width) if layout.depth else None
        for table in (self.tokens, self.positions):
            if table is not None:
                nn.init.trunc_normal_(table.weight, std=DEVIATION, a=-2 * DEVIATION, b=2 * DEVIATION)
        self.blocks = nn.ModuleList(
            TokenBlock(layout, norm(layout.normalization, layout.width), norm(layout.normalization, layout.width))
            for _number in range(layout.depth)
        )
        self.norm, self.pool, self.dropout = _last_norm(layout, norm), MeanPool(), nn.Dropout(0.0)
        self.head = nn.Linear(layout.width, classes)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        tokens: Tensor = self.tokens(input_ids)  # (b, t, d)
        if self.positions is not None:
            tokens = tokens + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            tokens = block(tokens, attention_mask)
        logits: Tensor = self.head(self.dropout(self.pool(self.norm(tokens), attention_mask)))
        return logits


class TokenBlock(nn.Module):
    """Attention between the tokens and a layer for each of them, both added to what they read; norms come before."""

    def __init__(self, layout: Layout, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        width = layout.width
        self.heads = next(n for n in range(max(1, width // HEAD_WIDTH), 0, -1) if width % n == 0)
        self.first, self.second, self.dropout = first, second, nn.Dropout(0.0)
        self.asked, self.attended = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.activation = ACTIVATIONS[layout.activation]()

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        b, t, d = tokens.shape
        asked = self.asked(self.first(tokens)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = asked.unbind()  # (b, heads, t, d / heads) each
        met = functional.scaled_dot_product_attention(query, key, value, mask.bool()[:, None, None])
        tokens = tokens + self.dropout(self.attended(met.transpose(1, 2).reshape(b, t, d)))
        made: Tensor = tokens + self.dropout(self.outer(self.activation(self.inner(self.second(tokens)))))
        return made


def _last_norm(layout: Layout, made: Callable[[str, int], nn.Module]) -> nn.Module:
    """The norm before the mean over all places. An instance norm has no place there: it would leave the same mean in all."""
    return made("none" if layout.normalization == "instance" else layout.normalization, layout.width)
