"""A network that gives embeddings, and the linear head that goes on top: what a person gets who has no model yet."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.head import Head
from badcase.models.inputs import Batch, Inputs
from badcase.models.last_layer import LastLayer
from badcase.models.model import Model, digest_of
from badcase.models.output import ModelOutput
from badcase.models.random_state import seeded
from badcase.store.atomic_files import write_whole


class Backbone(Model):
    """Embeddings and no classes; a linear head goes on top. `forward` gives logits of width 0."""

    def __init__(self, network: nn.Module, inputs: Inputs, *, kind: Kind, name: str, width: int) -> None:
        spec = {"kind": "packaged", "source": name}
        super().__init__(network, inputs, spec=spec, kind=kind, name=name, classes=None)
        self.width = width
        self.original_id = self.embedding_id

    def forward(self, batch: Batch) -> ModelOutput:
        embeddings = self.network(**batch)
        return ModelOutput(embeddings.new_zeros(len(embeddings), 0), embeddings)

    def head_logits(self, embeddings: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        return np.zeros((len(embeddings), 0), np.float32)

    def align(self, classes: Sequence[str], column: str | None = None) -> None:
        """Nothing to align: there are no classes yet."""

    @property
    def embedding_id(self) -> str:
        return digest_of(self.network, self.inputs)

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> Model:
        return LinearHead.fresh(self, classes, rng_seed)

    def scratch(self, seed: int) -> Model:
        raise BadcaseError(
            _("a packaged backbone comes only with its pretrained weights"),
            where=self.name,
            hint=_("`badcase train --from scratch` builds a small network of its own instead."),
        )

    def save(self, folder: Path) -> dict[str, Any]:
        return self.spec  # it comes with a package; nothing of it is the project's


class Headed(nn.Module):
    """A backbone and the linear layer on its features."""

    def __init__(self, backbone: nn.Module, head: HeadLayer) -> None:
        super().__init__()
        self.backbone, self.head = backbone, head

    def forward(self, **batch: Tensor) -> Tensor:
        logits: Tensor = self.head(self.backbone(**batch))
        return logits


class HeadLayer(nn.Linear):
    """The linear layer of a head, with a dropout in front that drops nothing until it is set.

    It belongs to the layer, so that another head, which has its own, takes the place of both. A hook drops, so that who
    watches the layer sees what it really read.
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__(width, classes)
        self.dropout = nn.Dropout(0.0)
        self.register_forward_pre_hook(_dropped)


def _dropped(layer: HeadLayer, given: tuple[Tensor, ...]) -> tuple[Tensor]:
    features: Tensor = layer.dropout(given[0])
    return (features,)


class LinearHead(Model):
    """Classes on top of a packaged backbone. Fine-tuning it whole is allowed: changed weights are saved with it."""

    network: Headed

    def __init__(self, backbone: Backbone, head: HeadLayer, classes: Sequence[str], spec: dict[str, Any]) -> None:
        network = Headed(backbone.network, head.to(backbone.device))
        super().__init__(network, backbone.inputs, spec=spec, kind=backbone.kind, name=backbone.name, classes=classes)
        self.backbone = backbone
        self._last = LastLayer(network, "head", exact=True)

    @classmethod
    def fitted(cls, backbone: Backbone, head: Head, classes: Sequence[str]) -> LinearHead:
        """A head that `fit_head` made; it has no spec until it is saved."""
        return cls(backbone, head_layer(torch.from_numpy(head.weight), torch.from_numpy(head.bias)), classes, {})

    @classmethod
    def fresh(cls, backbone: Backbone, classes: Sequence[str], seed: int) -> LinearHead:
        """A random head on a copy of the backbone."""
        with seeded(seed):
            head = HeadLayer(backbone.width, len(classes))
        own = copy.copy(backbone)
        own.network = copy.deepcopy(backbone.network)
        return cls(own, head, classes, {})

    @property
    def embedding_id(self) -> str:
        return digest_of(self.network.backbone, self.inputs)

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> LinearHead:
        return LinearHead.fresh(self.backbone, classes, rng_seed)

    def scratch(self, seed: int) -> Model:
        return self.backbone.scratch(seed)

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        _save(self.network.head, folder / "head.safetensors")
        backbone = self.backbone.save(folder / "backbone")
        if backbone["kind"] != "encoder" and self.embedding_id != self.backbone.original_id:
            _save(self.network.backbone, folder / "backbone.safetensors")
        kept: dict[str, Any] = {"kind": "linear_head", "classes": list(self.own_classes or ()), "backbone": backbone["kind"]}
        kept["name"] = self.backbone.name
        if backbone["kind"] == "encoder":  # what a person brought lies elsewhere, a changed one beside the head
            kept["encoder"] = backbone
        with write_whole(folder / "badcase.json") as temporary:
            temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        return {"kind": "linear_head", "source": str(folder), "name": self.name}


def head_layer(weight: Tensor, bias: Tensor) -> HeadLayer:
    layer = HeadLayer(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


def _save(module: nn.Module, path: Path) -> None:
    with write_whole(path) as temporary:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}, temporary)
