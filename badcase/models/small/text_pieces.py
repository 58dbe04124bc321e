"""The tokenizer of a small network of texts, made of the texts that it learns from. Nothing is downloaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
MOST_WORDS = 20_000
LONGEST = 256  # tokens


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
