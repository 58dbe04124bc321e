"""The plainest networks to train from nothing, for projects that have no network of their own.

Both are ordinary transformers architectures of a small size, so what is saved loads anywhere with the Auto classes:
a residual network (He et al. 2016, https://arxiv.org/abs/1512.03385) and a two-layer encoder (Devlin et al. 2019,
https://aclanthology.org/N19-1423) whose vocabulary comes from the training texts. Nothing is downloaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from badcase.items import Items, Kind
from badcase.models.hugging_face import HuggingFaceModel
from badcase.models.inputs import IMAGENET_MEAN, IMAGENET_STD, ImageInputs, Inputs, TextInputs
from badcase.models.random_state import seeded

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
MOST_WORDS = 20_000
LONGEST = 256  # tokens
SAMPLE = 50_000


def own_network(items: Items, train: Sequence[int], classes: Sequence[str], seed: int) -> HuggingFaceModel:
    """A small random network for items of this kind.

    Args:
        items: The project's items.
        train: Ids of the items it may learn its vocabulary from.
        classes: What it will answer.
        seed: Decides its weights.
    """
    labels = {"id2label": dict(enumerate(classes)), "label2id": {name: i for i, name in enumerate(classes)}}
    few = list(train)[:: max(1, len(train) // SAMPLE)]
    with seeded(seed):
        image = items.kind is Kind.IMAGE
        network, inputs = _residual(items, few, labels) if image else _encoder([items.text(i) for i in few], labels)
    spec = {"kind": "hugging_face", "source": "", "task": items.kind.value}
    return HuggingFaceModel(network, inputs, spec=spec, kind=items.kind, name="own network", classes=classes)


def _residual(items: Items, few: Sequence[int], labels: dict[str, Any]) -> tuple[Any, Inputs]:
    from transformers import ResNetConfig, ResNetForImageClassification

    config = ResNetConfig(embedding_size=32, hidden_sizes=[32, 64, 128], depths=[1, 1, 1], layer_type="basic", **labels)
    return ResNetForImageClassification(config), ImageInputs(image_inputs(_side(items, few)))


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
    """64 or 128: the stem alone divides by four, and a small network on a CPU should not read more."""
    sizes = [size for i in few[:200] if (size := items.size(i)) is not None]
    return 64 if sizes and np.median([max(size) for size in sizes]) <= 64 else 128


def _encoder(texts: Sequence[str], labels: dict[str, Any]) -> tuple[Any, Inputs]:
    from transformers import BertConfig, BertForSequenceClassification

    tokenizer = own_tokenizer(texts)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=256,
        max_position_embeddings=LONGEST,
        type_vocab_size=1,
        pad_token_id=0,
        **labels,
    )
    return BertForSequenceClassification(config), TextInputs(tokenizer, LONGEST)


def own_tokenizer(texts: Iterable[str]) -> Any:
    """Whole words that come at least twice, and every character alone and as the rest of a word.

    A word that is not known falls into its longest known pieces; Chinese characters are words of their own.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    clean = normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True)
    split = pre_tokenizers.BertPreTokenizer()
    counts = Counter(word for text in texts for word, _place in split.pre_tokenize_str(clean.normalize_str(text)))
    common = sorted((word for word, n in counts.items() if n > 1), key=lambda word: (-counts[word], word))
    letters = sorted({letter for word in counts for letter in word})
    words = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *common[:MOST_WORDS]]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer, made.pre_tokenizer = clean, split
    made.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=LONGEST,
        model_input_names=["input_ids", "attention_mask"],
    )
