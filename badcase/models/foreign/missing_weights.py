"""Weights that a file lacks: transformers draws them at random; here they are found, and a model that needs them is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.models.foreign.weight_files import FEW, fitted_names, read_weights

_COUNTERS = ("num_batches_tracked", "position_ids", "token_type_ids")


def loaded_with_report(auto: Any, source: str, **options: Any) -> tuple[Any, set[str], list[str]]:
    """A network of transformers in evaluation mode, the names of the weights that its file lacks, and what has to be said.

    Args:
        auto: An Auto class.
        source: A folder or an id of the hub.
        options: For `from_pretrained`.
    """
    network, report = auto.from_pretrained(source, output_loading_info=True, ignore_mismatched_sizes=True, **options)
    if mismatched := sorted(report["mismatched_keys"]):
        shapes = [
            _("{name} is {got} in the file and {own} in the network").format(name=name, got=tuple(got), own=tuple(own))
            for name, got, own in mismatched
        ]
        raise BadcaseError(
            _("the weights have other shapes than config.json says"),
            where=source,
            got=few(shapes),
            hint=_("Save the model again with its own configuration: model.save_pretrained(folder)."),
        )
    missing, notes = set(report["missing_keys"]), list[str]()
    if missing and report["unexpected_keys"]:
        missing = _undone(network, missing, Path(source) / str(options.get("subfolder", "")), notes)
    return network.float(), missing, notes


def _undone(network: nn.Module, missing: set[str], folder: Path, notes: list[str]) -> set[str]:
    """What is still missing after what stands before the names in the file, `_orig_mod.` say, has been taken off."""
    files = [*folder.glob("*.safetensors"), *folder.glob("*.bin")] if folder.is_dir() else []
    if len(files) != 1:
        return missing
    said: list[str] = []
    own = network.state_dict()
    state = fitted_names(read_weights(files[0], said), list(own), said)
    found = {name: tensor for name, tensor in state.items() if name in own and own[name].shape == tensor.shape}
    if len(missing & set(found)) <= len(missing) // 2:
        return missing
    network.load_state_dict(found, strict=False)
    notes += said
    return missing - set(found)


def needed(network: nn.Module, missing: Collection[str], output: Callable[[], Tensor]) -> list[str]:
    """Those of the missing weights that the output depends on.

    Args:
        network: The network.
        missing: Names of parameters and buffers.
        output: Runs the network on an example.
    """
    parameters = {name: value for name, value in network.named_parameters() if name in missing}
    buffers = [name for name, _value in network.named_buffers() if name in missing and not name.endswith(_COUNTERS)]
    wanted = [value.requires_grad for value in parameters.values()]
    if not parameters:
        return sorted(buffers)
    try:
        for value in parameters.values():
            value.requires_grad_(True)
        with torch.enable_grad():
            made = output()
            slopes = torch.autograd.grad(made.sum(), list(parameters.values()), allow_unused=True) if made.requires_grad else ()
    finally:
        for value, before in zip(parameters.values(), wanted, strict=True):
            value.requires_grad_(before)
    return sorted([name for name, slope in zip(parameters, slopes, strict=False) if slope is not None] + buffers)


def silenced(network: nn.Module, missing: Collection[str]) -> None:
    """Set weights that nothing depends on to zero: what was drawn at random would make another model every time."""
    values: Mapping[str, Tensor] = dict(network.named_parameters()) | dict(network.named_buffers())
    with torch.no_grad():
        for name in missing:
            if name in values and values[name].is_floating_point():
                values[name].zero_()


def lacking(source: str, names: list[str]) -> BadcaseError:
    """What is said of a model whose file lacks weights that it needs."""
    text = plural(
        "the file lacks {n} weight that the network needs", "the file lacks {n} weights that the network needs", len(names)
    )
    return BadcaseError(
        text.format(n=len(names)),
        where=source,
        got=_("without {names}").format(names=few(names)),
        hint=_("Save the whole model again: model.save_pretrained(folder). Weights are never made up."),
    )


def few(names: list[str]) -> str:
    """The first three, and that there are more."""
    return ", ".join(names[:FEW]) + (", ..." if len(names) > FEW else "")
