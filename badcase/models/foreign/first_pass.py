"""An error of a network in a forward pass, told in words: sizes and numbers that do not fit, else what the network said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory


@contextmanager
def first_pass(name: str, network: nn.Module, batch: Mapping[str, Tensor]) -> Iterator[None]:
    """Around a forward pass: whatever the network raises becomes a BadcaseError, a lack of memory stays what it is."""
    try:
        yield
    except BadcaseError:
        raise
    except Exception as error:  # it is a person's network, which may raise anything
        if is_out_of_memory(error):
            raise
        raise explained(name, network, batch, error) from error


def explained(name: str, network: nn.Module, batch: Mapping[str, Tensor], error: Exception) -> BadcaseError:
    """The error of a network on a batch.

    Args:
        name: The model's.
        network: The network.
        batch: What it was given.
        error: What it raised.
    """
    try:
        found = _image_size(name, network, batch) or _channels(name, network, batch) or _too_many_tokens(name, network, batch)
    except RuntimeError:  # a GPU that stopped at an assertion answers nothing more
        found = None
    if found is not None:
        return found
    said = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return BadcaseError(
        _("the network failed on a batch"),
        where=name,
        expected=", ".join(f"{key} {tuple(tensor.shape)}" for key, tensor in batch.items()),
        got=f"{type(error).__name__}: {said}" if said else type(error).__name__,
        hint=_("Check that the image size or the tokenizer belongs to this network."),
    )


def stated_size(network: nn.Module) -> tuple[int, int] | None:
    """(height, width) of the images that a network of transformers says that it was made for."""
    for config in _configs(network):
        size = getattr(config, "image_size", None)
        if isinstance(size, int):
            return size, size
        if isinstance(size, list | tuple) and len(size) == 2:
            return int(size[0]), int(size[1])
    return None


def _configs(network: nn.Module) -> Iterator[Any]:
    for module in network.modules():
        config = getattr(module, "config", None)
        if config is not None:
            yield config
            yield getattr(config, "vision_config", None)


def _images(batch: Mapping[str, Tensor]) -> Tensor | None:
    return next((tensor for tensor in batch.values() if tensor.ndim == 4 and tensor.is_floating_point()), None)


def _image_size(name: str, network: nn.Module, batch: Mapping[str, Tensor]) -> BadcaseError | None:
    pixels, wanted = _images(batch), stated_size(network)
    if pixels is None or wanted is None or tuple(pixels.shape[2:]) == wanted:
        return None
    height, width = wanted
    size = f'"size": {{"height": {height}, "width": {width}}}'
    return BadcaseError(
        _("the network does not take images of the size that its image processor makes"),
        where=name,
        expected=f"{width} x {height}",
        got=f"{pixels.shape[3]} x {pixels.shape[2]}",
        hint=_("Write {size} into preprocessor_config.json (and the same into crop_size where it crops).").format(size=size),
    )


def _channels(name: str, network: nn.Module, batch: Mapping[str, Tensor]) -> BadcaseError | None:
    pixels = _images(batch)
    first = next((module for module in network.modules() if isinstance(module, nn.Conv2d)), None)
    if pixels is None or first is None or pixels.shape[1] == first.in_channels:
        return None
    return BadcaseError(
        _("the network reads images of another number of channels than its preparation makes"),
        where=name,
        expected=first.in_channels,
        got=pixels.shape[1],
        hint=_("Build it with package.module:factory, and let a method `prepare(images)` of the network make its channels."),
    )


def _too_many_tokens(name: str, network: nn.Module, batch: Mapping[str, Tensor]) -> BadcaseError | None:
    ids = batch.get("input_ids")
    words = next((module for module in network.modules() if isinstance(module, nn.Embedding)), None)
    if ids is None or words is None or not ids.numel() or int(ids.max()) < words.num_embeddings:
        return None
    return BadcaseError(
        _("the tokenizer makes tokens that the network does not have"),
        where=name,
        expected=_("numbers below {n}").format(n=words.num_embeddings),
        got=int(ids.max()),
        hint=_("Save the tokenizer that the model was trained with beside it."),
    )
