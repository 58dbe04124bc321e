"""Dropout by one number."""

from __future__ import annotations

from torch import nn

from badcase.errors import BadcaseError
from badcase.language import _

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
