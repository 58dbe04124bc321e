"""`package.module:factory`: the user's own code builds the network, a safetensors file fills it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.foreign.weight_files import fitted_names, put_into, read_weights
from badcase.models.inputs import OwnInputs, inputs_beside
from badcase.models.last_layer import replace_last_layer
from badcase.models.model import Model
from badcase.models.random_state import seeded
from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole
from badcase.trust.foreign_code import named_code
from badcase.trust.gate import require
from badcase.trust.verified_import import function_of

CLASS_COUNTS = ("num_classes", "num_labels", "n_classes")


class FactoryModel(Model):
    """A network from the user's own function. Its optional attributes `classes`, `prepare`, `input_size` are used."""

    built: dict[str, Any]  # how the network is built: a factory's spec, also where this model came from a saved folder

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> FactoryModel:
        network = replace_last_layer(self.network, self.last_layer.name, len(classes), rng_seed)
        return self._around(network, classes)

    def scratch(self, seed: int) -> FactoryModel:
        network = replace_last_layer(self.network, self.last_layer.name, self.classes_count, seed)
        with seeded(seed):
            for name, module in network.named_modules():
                _draw_anew(name, module)
        fresh = self._around(network, self.own_classes)
        fresh.order, fresh.classes = self.order, self.classes
        return fresh

    def _around(self, network: nn.Module, classes: Sequence[str] | None) -> FactoryModel:
        made = FactoryModel(
            network, self.inputs, spec=self.spec, kind=self.kind, name=self.name, classes=classes, notes=self.notes
        )
        made.built = self.built
        return made

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(folder / "model.safetensors") as temporary:
            save_file(_plain(self.network.state_dict()), temporary)
        self.inputs.save(folder)
        kept = self.built | {"weights": "model.safetensors", "classes": self.own_classes}
        with write_whole(folder / "badcase.json") as temporary:
            temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        return {"kind": "saved", "source": str(folder), "name": self.name}


def _plain(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    # clones, because safetensors refuses tensors that share memory
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}


def _draw_anew(name: str, module: nn.Module) -> None:
    reset = getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)
    if reset is not None:
        reset()
    elif next(module.parameters(recurse=False), None) is not None:
        raise BadcaseError(
            _("a module of the network has weights but no reset_parameters()"),
            where=name or type(module).__name__,
            hint=_("Give it a reset_parameters method, or train from the current weights."),
        )


def load_factory(spec: dict[str, Any]) -> FactoryModel:
    """Load from a spec: source "package.module:factory", weights, task, classes, search_path."""
    classes = spec.get("classes")
    task = Kind(spec.get("task") or Kind.IMAGE)
    network = _build(spec["source"], spec.get("search_path"), len(classes) if classes else spec.get("count"))
    classes = classes or getattr(network, "classes", None)
    notes: list[str] = []
    weights = Path(spec["weights"]) if spec.get("weights") else None
    names = [name for name in inspect.signature(network.forward).parameters if name != "self"]
    if callable(own := getattr(network, "prepare", None)):
        inputs: Any = OwnInputs(own, names[0])
    else:
        size = getattr(network, "input_size", None)
        sizes = {"width": int(size), "height": int(size)} if isinstance(size, int) else None
        folder = weights.parent if weights else Path(spec.get("search_path") or ".")
        inputs = inputs_beside(folder, task, names=names, size=sizes, length=None, notes=notes)
    search = spec.get("search_path") or str(Path.cwd())
    spec = {"kind": "factory", "source": spec["source"], "task": task.value, "search_path": search}
    spec |= {"weights": str(weights) if weights else None, "classes": list(classes) if classes else None}
    model = FactoryModel(network, inputs, spec=spec, kind=task, name=spec["source"], classes=classes, notes=notes)
    model.built = spec
    if weights is None:
        model.notes.append(_("No weights were named, so the network is used as the factory made it."))
        return model
    return _filled(model, weights)


def _build(source: str, search_path: str | None, k: int | None) -> nn.Module:
    try:
        code = named_code(source, search_path)
        require(code)
        factory = function_of(code)
    except BadcaseError:
        raise
    except Exception as error:  # whatever the person's own code raises
        if is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("this factory cannot be imported"),
            where=source,
            got=error if isinstance(error, ImportError | AttributeError) else f"{type(error).__name__}: {error}",
            hint=_("Name it as package.module:function, and run badcase from the folder that holds the package."),
        ) from error
    try:
        accepted = [name for name in CLASS_COUNTS if name in inspect.signature(factory).parameters]
        with seeded(0):  # a network without weights is at least the same random one every time
            network = factory(**{accepted[0]: k}) if accepted and k is not None else factory()
    except BadcaseError:
        raise
    except Exception as error:  # as above
        if is_out_of_memory(error):
            raise
        raise _no_network(source, f"{type(error).__name__}: {error}") from error
    if not isinstance(network, nn.Module):
        raise _no_network(source, type(network).__name__)
    return network


def _no_network(source: str, got: str) -> BadcaseError:
    return BadcaseError(_("the factory did not return a network"), where=source, expected="torch.nn.Module", got=got)


def _filled(model: FactoryModel, path: Path) -> FactoryModel:
    """The weights of a file put in; where the file's last layer has another size, the network's is made to fit."""
    state = fitted_names(read_weights(path, model.notes), list(model.network.state_dict()), model.notes)
    head = f"{model.last_layer.name}.weight"
    if head in state and len(state[head]) != model.classes_count:
        network = replace_last_layer(model.network, model.last_layer.name, len(state[head]), 0)
        model = model._around(network, model.own_classes)
    put_into(model.network, state, path)
    return model
