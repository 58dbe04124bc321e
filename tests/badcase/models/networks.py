"""Small real models, saved as a user would save them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "dog", "cat", "bread", "soup", "rain", "wind", "a", "the", ","]
SIDE = 32

# name of the configuration and of the model class, and what makes it tiny
IMAGE_ARCHITECTURES: dict[str, dict[str, Any]] = {
    "ViT": {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "image_size": SIDE,
        "patch_size": 8,
    },
    "ResNet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"},
    "ConvNext": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
    "Swin": {"embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "window_size": 4, "image_size": SIDE, "patch_size": 4},
    "MobileNetV2": {"depth_multiplier": 0.35, "image_size": SIDE},
    "Dinov2": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": SIDE, "patch_size": 8},
}
TEXT_ARCHITECTURES: dict[str, dict[str, Any]] = {
    "Bert": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16},
    "DistilBert": {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 16},
    "Roberta": {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 66,
        "pad_token_id": 0,
    },
    "GPT2": {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64, "pad_token_id": 0},
    "Electra": {
        "hidden_size": 16,
        "embedding_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    },
    "ModernBert": {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "pad_token_id": 0,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "cls_token_id": 2,
        "sep_token_id": 3,
    },
}


def save_image_model(folder: Path, name: str = "ViT", classes: list[str] | None = None, seed: int = 0) -> Any:
    import transformers

    torch.manual_seed(seed)
    config = getattr(transformers, f"{name}Config")(**IMAGE_ARCHITECTURES[name], **_labels(classes))
    network = getattr(transformers, f"{name}ForImageClassification")(config).eval()
    network.save_pretrained(folder)
    processor = "ViTImageProcessor" if name != "ConvNext" else "ConvNextImageProcessor"
    size = {"height": SIDE, "width": SIDE} if name != "ConvNext" else {"shortest_edge": SIDE}
    getattr(transformers, processor)(size=size).save_pretrained(folder)
    return network


def save_text_model(folder: Path, name: str = "Bert", classes: list[str] | None = None, seed: int = 0) -> Any:
    import transformers

    torch.manual_seed(seed)
    options = {"vocab_size": len(WORDS)} | TEXT_ARCHITECTURES[name] | _labels(classes)
    network = getattr(transformers, f"{name}ForSequenceClassification")(getattr(transformers, f"{name}Config")(**options)).eval()
    network.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return network


def tokenizer(words: list[str] = WORDS) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
        model_input_names=["input_ids", "attention_mask"],
    )


def _labels(classes: list[str] | None) -> dict[str, Any]:
    names = classes or ["a", "b", "c", "d", "e"]
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


class SmallNet(nn.Module):
    """Mean colours of a grid of cells into two linear layers."""

    def __init__(self, num_classes: int = 3, cells: int = 4) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(cells)
        self.first = nn.Linear(3 * cells * cells, 16)
        self.last = nn.Linear(16, num_classes)

    def forward(self, image: Tensor) -> Tensor:
        hidden = torch.relu(self.first(self.pool(image).flatten(1)))
        logits: Tensor = self.last(hidden)
        return logits


class ConvHead(nn.Module):
    """A network whose classes come from a 1 x 1 convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.head = nn.Conv2d(8, 4, 1)

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.relu(self.body(image))).mean((2, 3))
        return logits


def small_net(num_classes: int = 3) -> nn.Module:
    return SmallNet(num_classes)


def conv_net() -> nn.Module:
    return ConvHead()


def not_a_network() -> int:
    return 3
