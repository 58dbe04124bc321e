"""Dropout of a network, set by one number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.inputs import Batch

_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)

_WORDS = ("dropout", "pdrop", "drop_prob")


def set_dropout(network: nn.Module, share: float | None, example: Batch) -> int:
    """Give every dropout of the network this share and return how many act.

    Args:
        network: The network.
        share: None leaves them as they are.
        example: A prepared batch of two items, which tells those that act from those that a training never comes to.
    """
    if share is None:
        return 0
    found, plain = _droppers(network)
    for module in found:
        module.p = share
    configs = {id(module.config): module.config for module in network.modules() if hasattr(module, "config")}
    for holder, name in [*plain, *((config, name) for config in configs.values() for name in _numbers(config))]:
        setattr(holder, name, share)
    acting = _met(network, [*found, *(module for module, _name in plain)], example)
    if not acting:
        raise BadcaseError(
            _("this network has no active dropout layer"),
            where="dropout",
            got=share,
            hint=_("Leave the knob as the model has it; weight decay or label smoothing act on any network."),
        )
    return acting


def has_dropout(network: nn.Module, example: Batch) -> bool:
    """Whether any dropout of the network would act; example as for `set_dropout`."""
    found, plain = _droppers(network)
    return _met(network, [*found, *(module for module, _name in plain)], example) > 0


def _droppers(network: nn.Module) -> tuple[list[Any], list[tuple[nn.Module, str]]]:
    """The layers that drop, and the modules that keep a dropout as a number, with its name."""
    found = [module for module in network.modules() if isinstance(module, _DROPOUTS)]
    return found, [(module, name) for module in network.modules() for name in _numbers(module)]


def _met(network: nn.Module, modules: Iterable[nn.Module], example: Batch) -> int:
    """How many of some modules a pass comes to: one of training, since a network may pass its dropouts over at rest."""
    met: set[nn.Module] = set()
    hooks = [module.register_forward_pre_hook(lambda module, _given: met.add(module)) for module in modules]
    training = network.training
    network.train()
    for module in network.modules():
        if isinstance(module, _NormBase):  # it would learn from the example
            module.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng():
            network(**example)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return len(met)


def _numbers(holder: object) -> list[str]:
    """Names under which an object keeps a dropout as a number: transformers drops by functions that read it there."""
    if "DropPath" in type(holder).__name__:  # drops whole blocks, which is another thing
        return []
    named = {name: value for name, value in vars(holder).items() if any(word in name for word in _WORDS)}
    return [name for name, value in named.items() if isinstance(value, int | float) and not isinstance(value, bool)]
