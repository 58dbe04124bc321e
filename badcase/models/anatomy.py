"""The parts of a network of any architecture, found by running it once: input layer, blocks, feature maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from badcase.models.inputs import Batch


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Names of modules, in the order in which a forward pass comes to them.

    Attributes:
        calls: Every module.
        order: Those that own parameters.
        entry: The first layer with a matrix or kernels; None where that is no embedding, convolution or layer over positions.
        blocks: The repeated parts of the backbone.
        maps: Modules whose output has positions, tokens (b, t, d) or a feature map (b, c, h, w), before the layer `end` reads it.
        shapes: Of the first tensor that each module gave.
    """

    calls: tuple[str, ...]
    order: tuple[str, ...]
    entry: str | None
    blocks: tuple[str, ...]
    maps: tuple[str, ...]
    shapes: dict[str, tuple[int, ...]]

    def levels(self, count: int) -> list[str]:
        """Where the last `count` levels can be read, the deepest last; fewer where the network has no more."""
        if not self.maps:
            return []
        last = self.maps[-1]
        # Norms and convolutions behind the last block belong to it: what is read is what came out of them.
        return [*[name for name in self.blocks if name in self.maps][-count:-1], last]

    def groups(self) -> list[list[str]]:
        """The modules of `order` in groups from the input up: what comes before the first block, then each block.

        What follows a block belongs to it. Where the network has no blocks every module is its own group.
        """
        if not self.blocks:
            return [[name] for name in self.order]
        starts = [self.calls.index(block) for block in self.blocks]
        groups: list[list[str]] = [[] for _start in range(len(starts) + 1)]
        for name in self.order:
            groups[sum(self.calls.index(name) >= start for start in starts)].append(name)
        return [group for group in groups if group]

    @property
    def embeds_first(self) -> bool:
        """Whether there is an input layer apart from the blocks."""
        first = self.blocks[0] if self.blocks else None
        return self.entry is not None and self.entry != first and not self.entry.startswith(f"{first}.")


def first_tensor(output: Any) -> Tensor | None:
    """The tensor that a module gave, or the first of several."""
    while isinstance(output, tuple | list) and output:
        output = output[0]
    return output if isinstance(output, Tensor) else None


def study(network: nn.Module, example: Batch, end: str | None = None) -> Anatomy:
    """Find the parts of a network by running it once.

    Args:
        network: The network.
        example: A prepared batch of two items.
        end: The name of its last layer.
    """
    began: list[str] = []
    gave: list[tuple[str, tuple[int, ...]]] = []

    def after(name: str, output: Any) -> None:
        tensor = first_tensor(output)
        if tensor is not None:
            gave.append((name, tuple(tensor.shape)))

    _run(network, example, began.append, after)
    calls = list(dict.fromkeys(began))
    stop = next((i for i, (name, _shape) in enumerate(gave) if name == end), len(gave))
    shapes = dict(gave)
    maps = [name for name, shape in gave[:stop] if _has_positions(network.get_submodule(name), shape) and name]
    maps = list(dict.fromkeys(reversed(maps)))[::-1]  # a module that runs again counts where it ran last
    order = [name for name in calls if name != end and _owns(network.get_submodule(name))]
    entry, blocks = _entry(network, order, maps), _blocks(network, calls, set(maps))
    return Anatomy(tuple(calls), tuple(order), entry, tuple(blocks), tuple(maps), shapes)


def _owns(module: nn.Module) -> bool:
    return next(module.parameters(recurse=False), None) is not None


def _entry(network: nn.Module, order: Sequence[str], maps: Sequence[str]) -> str | None:
    for name in order:
        module = network.get_submodule(name)
        weight = getattr(module, "weight", None)
        if isinstance(weight, Tensor) and weight.ndim > 1:
            kinds = (nn.Embedding, nn.EmbeddingBag, nn.Conv1d, nn.Conv2d, nn.Conv3d)
            return name if isinstance(module, kinds) or name in maps else None
    return None


def _run(network: nn.Module, example: Batch, before: Any, after: Any) -> None:
    hooks = []
    for name, module in network.named_modules():
        hooks.append(module.register_forward_pre_hook(lambda _m, _args, _named, name=name: before(name), with_kwargs=True))
        hooks.append(module.register_forward_hook(lambda _m, _args, output, name=name: after(name, output)))
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            network(**example)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()


def _has_positions(module: nn.Module, shape: tuple[int, ...]) -> bool:
    """Tokens (b, t, d) or a map (b, c, h, w) with more than one place; what a pooling gives has none."""
    if type(module).__name__.startswith("Adaptive"):
        return False
    if len(shape) == 4:
        return shape[2] * shape[3] > 1
    return len(shape) == 3 and shape[1] > 1 and shape[2] > 1


def _blocks(network: nn.Module, calls: Sequence[str], maps: set[str]) -> Iterator[str]:
    """The children, in order, of the outermost list of parts that have weights of their own and give feature maps."""
    best: list[str] = []
    for name, module in network.named_modules():
        if not isinstance(module, nn.ModuleList | nn.Sequential):
            continue
        within = f"{name}." if name else ""
        found = [f"{within}{child}" for child, part in module.named_children() if _weighs(part)]
        found = [child for child in found if child in maps and child in calls]
        deeper = best and name.count(".") > best[0].count(".") - 1
        if len(found) > 1 and not (deeper and len(found) <= len(best)) and not _inside(name, best):
            best = found
    yield from sorted(best, key=calls.index)


def _inside(name: str, blocks: list[str]) -> bool:
    return any(name == block or name.startswith(f"{block}.") for block in blocks)


def _weighs(module: nn.Module) -> bool:
    return any(parameter.ndim > 1 for parameter in module.parameters())
