"""A small network with its preparation of inputs: built from its layout, saved as a folder that holds no code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.torch import save_file
from torch import nn

from badcase.items import Items, Kind
from badcase.models.inputs import IMAGENET_MEAN, IMAGENET_STD, ImageInputs, Inputs, TextInputs, inputs_beside
from badcase.models.last_layer import replace_last_layer
from badcase.models.model import Model
from badcase.models.norms import KINDS
from badcase.models.random_state import seeded
from badcase.models.saved_network import read_saved
from badcase.models.small.networks import ConvNet, Layout, TokenNet
from badcase.models.small.text_pieces import LONGEST, own_tokenizer
from badcase.models.task_head import ACTIVATIONS
from badcase.store.atomic_files import write_whole

WEIGHTS = "model.safetensors"
USUAL_NORM = {Kind.IMAGE: "batch", Kind.TEXT: "layer"}  # "model" as a kind of norm
DEEPEST, WIDEST, SIDES = 24, 1024, (32, 64, 128)
SAMPLE = 50_000  # texts that the vocabulary is made of
NAMES = ("input_ids", "attention_mask")


class SmallModel(Model):
    """A small network, which its layout, its inputs and the number of its classes say in full."""

    def __init__(
        self, layout: Layout, inputs: Inputs, *, spec: dict[str, Any], kind: Kind, classes: Sequence[str], seed: int = 0
    ) -> None:
        self.layout = layout
        super().__init__(_built(layout, inputs, len(classes), seed), inputs, spec=spec, kind=kind, name="small", classes=classes)

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> Self:
        made = self._anew(classes, rng_seed)
        made.network.load_state_dict(replace_last_layer(self.network, "head", len(classes), rng_seed).state_dict())
        return made

    def scratch(self, seed: int) -> Self:
        made = self._anew(self.own_classes or (), seed)
        made.order, made.classes = self.order, self.classes
        return made

    def _anew(self, classes: Sequence[str], seed: int) -> Self:
        made = type(self)(self.layout, self.inputs, spec=self.spec, kind=self.kind, classes=classes, seed=seed)
        return made.to(self.device)

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(folder / WEIGHTS) as temporary:
            tensors = self.network.state_dict().items()
            save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors}, temporary)
        self.inputs.save(folder)
        kept = {"kind": "small", "name": self.name, "task": self.kind.value, "classes": list(self.own_classes or ())}
        with write_whole(folder / "badcase.json") as temporary:
            temporary.write_text(json.dumps(kept | {"layout": asdict(self.layout)}, ensure_ascii=False, indent=1), "utf-8")
        return {"kind": "small", "source": str(folder), "name": self.name}


def _built(layout: Layout, inputs: Inputs, classes: int, seed: int) -> nn.Module:
    with seeded(seed):
        if isinstance(inputs, TextInputs):
            return TokenNet(layout, classes, len(inputs.tokenizer))
        assert isinstance(inputs, ImageInputs), "a small network reads images or texts"
        return ConvNet(layout, classes, int(inputs.config["size"]["height"]))


def small_model(items: Items, train: Sequence[int], classes: Sequence[str], layout: Layout, seed: int) -> SmallModel:
    """A small random network for items of this kind.

    Args:
        items: The project's items.
        train: Ids of the items it may learn its vocabulary from.
        classes: What it will answer.
        layout: Its shape; "model" as normalization is the usual one of the kind.
        seed: Decides its weights.
    """
    few = list(train)[:: max(1, len(train) // SAMPLE)]
    if layout.normalization == "model":
        layout = replace(layout, normalization=USUAL_NORM[items.kind])
    inputs: Inputs
    if items.kind is Kind.TEXT:
        inputs = TextInputs(own_tokenizer(items.text(item) for item in few), LONGEST, names=NAMES)
    else:
        inputs = ImageInputs(image_inputs(_side(items, few)))
    return SmallModel(layout, inputs, spec={"kind": "small", "source": ""}, kind=items.kind, classes=classes, seed=seed)


def image_inputs(side: int) -> dict[str, Any]:
    """The preparation of images: squares of this side, in the form of a preprocessor_config.json."""
    return {
        "size": {"height": side, "width": side},
        "resample": 2,
        "image_mean": list(IMAGENET_MEAN),
        "image_std": list(IMAGENET_STD),
        "image_processor_type": "ViTImageProcessor",
    }


def _side(items: Items, few: Sequence[int]) -> int:
    """32, 64 or 128, as large as most images are: a small network on a CPU should not read more."""
    sizes = [size for item in few[:200] if (size := items.size(item)) is not None]
    usual = float(np.median([max(size) for size in sizes])) if sizes else 128.0
    return next((side for side in SIDES if usual <= side), SIDES[-1])


def load_small(spec: dict[str, Any]) -> SmallModel:
    """Load from a spec whose `source` is the folder that `save` wrote."""
    folder = Path(spec["source"])
    kept, tensors = read_saved(folder, WEIGHTS)
    layout, kind = Layout(**kept["layout"]), Kind(kept["task"])
    names = NAMES if kind is Kind.TEXT else ("pixel_values",)
    inputs = inputs_beside(folder, kind, names=names, size=None, length=None, notes=[])
    _require_bounds(layout, inputs)
    spec = {"kind": "small", "source": str(folder), "name": kept["name"]}
    model = SmallModel(layout, inputs, spec=spec, kind=kind, classes=kept["classes"])
    model.network.load_state_dict(tensors)
    return model


def _require_bounds(layout: Layout, inputs: Inputs) -> None:
    """Whoever wrote a folder must not make this process claim all memory."""
    whole = isinstance(layout.depth, int) and isinstance(layout.width, int)
    if not whole or not 0 <= layout.depth <= DEEPEST or not 1 <= layout.width <= WIDEST:
        raise ValueError(f"depth {layout.depth}, width {layout.width}")
    if isinstance(inputs, ImageInputs) and inputs.config["size"] not in [{"height": side, "width": side} for side in SIDES]:
        raise ValueError(str(inputs.config["size"]))
    if layout.activation not in ACTIVATIONS or layout.normalization not in (*KINDS, "none"):
        raise ValueError(f"{layout.activation}, {layout.normalization}")
