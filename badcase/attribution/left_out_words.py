"""Which words of a text the answer hangs on: each is left out in turn, whatever the model is."""

from __future__ import annotations

import re

from badcase.attribution.class_margin import margins
from badcase.distinctive_words import spans
from badcase.models import Model

MOST = 200  # words that are tried; of a longer text the first ones
WordWeight = tuple[int, int, float]


def left_out_words(model: Model, text: str, first: int, second: int) -> list[WordWeight]:
    """The places of the words, start and end in characters, and by how much leaving each out lowers what speaks for the first
    class over the second.

    What is said twice goes unseen: without one of the words the other still speaks.
    Source: Li, Monroe and Jurafsky 2016, https://arxiv.org/abs/1612.08220
    """
    places = [(start, end) for _word, start, end in spans(text)][:MOST]
    variants = [text, *(re.sub(r"\s+", " ", text[:start] + " " + text[end:]).strip() or " " for start, end in places)]
    whole, *others = margins(model, variants, first, second)
    return [(start, end, whole - one) for (start, end), one in zip(places, others, strict=True)]
