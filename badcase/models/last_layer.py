"""The layer that makes the logits, and the embeddings that go into it, whatever the architecture around it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.foreign.first_pass import first_pass
from badcase.models.output import ModelOutput, logits_of
from badcase.models.random_state import seeded

if TYPE_CHECKING:
    from badcase.models.inputs import Batch


class LastLayer:
    """Catches what goes into the layer called `name` and comes out of it, one forward pass at a time.

    Where `exact`, the logits are this layer's output (its rows, where it runs at every position of a sequence), so that they
    can be computed from the embeddings alone. Not so where a network averages two heads.
    """

    def __init__(self, network: nn.Module, name: str, *, exact: bool) -> None:
        self.name, self.exact = name, exact
        self.layer: Any = network.get_submodule(name)
        self._caught: tuple[Tensor, Tensor] | None = None
        self.layer.register_forward_hook(self._catch)

    def _catch(self, _layer: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        self._caught = (inputs[0], output)

    @property
    def outputs(self) -> int:
        return _width(self.layer)

    def read(self, logits: Tensor) -> ModelOutput:
        """Logits and embeddings of the pass that has just run."""
        assert self._caught is not None, "the network has not run"
        given, made = self._caught
        self._caught = None
        embeddings = rows_of(given, made, logits)
        if self.exact and torch.is_autocast_enabled(logits.device.type):
            # Half precision is fine below; in the logits it would make ties out of close calls.
            logits = self.logits(embeddings)
        return ModelOutput(logits, embeddings)

    def logits(self, embeddings: Tensor) -> Tensor:
        """(b, k) logits from (b, d) embeddings, in float32; only where `exact`."""
        with torch.autocast(embeddings.device.type, enabled=False):
            weight = self.layer.weight.float().flatten(1)
            bias = None if self.layer.bias is None else self.layer.bias.float()
            return nn.functional.linear(embeddings.float(), weight, bias)


def rows_of(given: Tensor, made: Tensor, logits: Tensor) -> Tensor:
    """(b, d): the inputs that belong to the logits, where the layer ran over positions or over a feature map."""
    if given.ndim == 4:
        return given.mean((2, 3))
    if given.ndim == 2:
        return given
    same = (made == logits[:, None, :]).all(-1).int()  # (b, t): the position that was picked as the logits
    return given[torch.arange(len(given), device=given.device), same.argmax(1)]


def find_last_layer(network: nn.Module, example: Batch, model_name: str = "") -> LastLayer:
    """Run the network once and see which layer made the logits; BadcaseError where it has no linear layer for them."""
    seen: list[tuple[str, nn.Module, Tensor]] = []
    hooks = [
        module.register_forward_hook(lambda module, _given, made, name=name: seen.append((name, module, made)))
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) or (isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1))
    ]
    training = network.training
    network.eval()
    try:
        with first_pass(model_name or type(network).__name__, network, example), torch.no_grad():
            logits = logits_of(network(**example))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    fitting = [entry for entry in seen if _width(entry[1]) == logits.shape[-1]]
    for name, _module, made in reversed(fitting):
        if _makes(made, logits):
            return LastLayer(network, name, exact=True)
    if not fitting:
        raise BadcaseError(
            _("the network's logits do not come from a linear layer, so embeddings cannot be taken from it"),
            expected=_("a torch.nn.Linear with {k} outputs at the end").format(k=logits.shape[-1]),
            hint=_("Let the network end in a torch.nn.Linear."),
        )
    return LastLayer(network, fitting[-1][0], exact=False)


def _width(layer: nn.Module) -> int:
    return int(layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels)  # type: ignore[arg-type]


def _makes(made: Tensor, logits: Tensor) -> bool:
    if made.ndim == 2:
        return torch.equal(made, logits)
    if made.ndim == 3:
        return bool((made == logits[:, None, :]).all(-1).any(1).all())
    return torch.allclose(made.mean((2, 3)), logits, atol=1e-5)


def replace_last_layer(network: nn.Module, name: str, outputs: int, seed: int) -> nn.Module:
    """A copy of the network whose layer `name` is new, random and has this many outputs."""
    fresh = copy.deepcopy(network)
    old = fresh.get_submodule(name)
    with seeded(seed):
        if isinstance(old, nn.Linear):
            new: nn.Module = nn.Linear(old.in_features, outputs, bias=old.bias is not None)
        else:
            new = nn.Conv2d(old.in_channels, outputs, 1, bias=old.bias is not None)  # type: ignore[arg-type]
    fresh.set_submodule(name, new.to(next(old.parameters()).device))
    return fresh
