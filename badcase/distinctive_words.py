"""Words of texts in any script, and those that tell some texts from others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+(?:['’][^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_PRIOR = 0.5
_SURE = 3.0  # log-odds over their standard error: one of hundreds of words reaches 2 by chance
_SHARE = 0.1  # of the texts must hold a word that is said to tell them


def spans(text: str) -> list[tuple[str, int, int]]:
    """Words of a text with their places; Han script is cut into pairs of neighbouring characters."""
    found: list[tuple[str, int, int]] = []
    for match in _WORD.finditer(text):
        word, start = match.group().casefold(), match.start()
        if _HAN.match(word) and len(word) > 1:
            found += [(word[i : i + 2], start + i, start + i + 2) for i in range(len(word) - 1)]
        else:
            found.append((word, start, match.end()))
    return found


def text_counts(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word occurs."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word for word, _start, _end in spans(text)})
    return counts


def telling(inside: Counter[str], n_inside: int, outside: Counter[str], n_outside: int, most: int) -> list[str]:
    """The words that tell some texts from others, the surest first; ties in the order of the alphabet.

    A word must be sure and in a fair share of the texts.
    Source: log-odds over their standard error, Monroe, Colaresi and Quinn 2008, https://doi.org/10.1093/pan/mpn018

    Args:
        inside: In how many of the texts each word occurs.
        n_inside: How many texts these are.
        outside: The same for the other texts.
        n_outside: How many others there are.
        most: How many words to return at most.
    """
    surest = []
    for word, hits in inside.items():
        if hits < _SHARE * n_inside:
            continue
        cells = np.array([hits, n_inside - hits, outside[word], n_outside - outside[word]]) + _PRIOR
        odds = np.log(cells[0] / cells[1]) - np.log(cells[2] / cells[3])
        sureness = float(odds / np.sqrt((1 / cells).sum()))
        if sureness >= _SURE:
            surest.append((-sureness, word))
    return [word for _sureness, word in sorted(surest)[:most]]
