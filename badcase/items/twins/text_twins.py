"""Near-duplicates among texts, by the runs of characters that they share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from badcase.items.twins.joining import Ids, agreeing, exact_twins, joined

_SHINGLE = 5  # characters
_PERMUTATIONS = 32  # hash functions of MinHash
_ROWS = 4  # permutations in a band
_SIMILAR = 0.85  # Jaccard similarity of two texts' shingles
_LIKELY = 20  # of 32 minima have to agree before two texts are compared: of texts that similar, 999 in 1,000 have as many
_BITS = 512  # of the sketch of a text's shingles
_SHORTEST = 16  # shingles; in a shorter text one digit more would count as nearly the same
_TOGETHER = 2**15  # characters that are hashed at once: they fit into a core's cache
_ONES = np.array([code.bit_count() for code in range(256)], np.uint8)
_ASCII = {code: chr(code).lower() if chr(code).isalnum() or code == ord("_") else " " for code in range(128)}


def text_twins(texts: Sequence[str]) -> Ids:
    """The sets of near-duplicates among texts (n,): the lowest item id in the set of each.

    Case, punctuation and spaces do not count.
    """
    # Exact copies after normalization; of each set only the first goes on, if it is long enough.
    plain = [_normal(text) for text in texts]
    exact = exact_twins(plain)
    lengths = np.fromiter(map(len, plain), np.int64, len(plain))
    rows = np.flatnonzero((exact == np.arange(len(exact))) & (lengths >= _SHORTEST + _SHINGLE - 1))
    least, bits = _sketches([plain[row] for row in rows])
    del plain  # what follows takes as much memory
    counts = lengths[rows] - (_SHINGLE - 1)
    # Two texts agree in a minimum with the probability of their Jaccard similarity s, in a band of four with s^4.
    mixers = np.random.default_rng(1).integers(1, 2**63, _ROWS, dtype=np.uint64) | np.uint64(1)
    words = np.empty((len(rows), _PERMUTATIONS // _ROWS), np.int64)
    for band in range(words.shape[1]):
        words[:, band] = (least[:, band * _ROWS : (band + 1) * _ROWS] * mixers).sum(1).astype(np.int64)

    def likely(pairs: Ids) -> npt.NDArray[np.bool_]:
        passed = (least[pairs[:, 0]] == least[pairs[:, 1]]).sum(1) >= _LIKELY
        i, j = pairs[passed].T
        # Sketches differ in no more bits than the texts have shingles that the other lacks.
        apart = _ONES[bits[i] ^ bits[j]].sum(1, dtype=np.int64)
        passed[passed] = apart <= (counts[i] + counts[j]) * ((1 - _SIMILAR) / (1 + _SIMILAR))
        return passed

    @lru_cache(maxsize=64)
    def shingles(row: int) -> frozenset[str]:
        text = _normal(texts[row])
        return frozenset(text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1))

    def same(i: int, j: int) -> bool:
        one, other = shingles(i), shingles(j)
        shared = len(one & other)
        return min(len(one), len(other)) >= _SHORTEST and shared >= _SIMILAR * (len(one) + len(other) - shared)

    return joined(exact, map(tuple, rows[agreeing(words, likely)].tolist()), same)


def _normal(text: str) -> str:
    """Letters and digits only, one spelling of each, single spaces."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _sketches(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """What shingles of texts are known by.

    Returns:
        MinHash, (n, 32) the least hash of each text's shingles under each of 32 hash functions, and (n, 64) the bits that
        their hashes set.
    """
    n = len(texts)
    least, bits = np.zeros((n, _PERMUTATIONS), np.uint32), np.zeros((n, _BITS // 8), np.uint8)
    factors = np.random.default_rng(0).integers(1, 2**32, _PERMUTATIONS, dtype=np.uint32) | np.uint32(1)
    lengths = np.fromiter(map(len, texts), np.int64, n)
    firsts = np.flatnonzero(np.diff(np.cumsum(lengths) // _TOGETHER, prepend=-1)).tolist()
    for first, end in pairwise([*firsts, n]):
        rows = slice(first, end)
        hashes = _shingle_hashes("".join(texts[rows]), lengths[rows])
        counts = lengths[rows] - (_SHINGLE - 1)
        starts = np.cumsum(counts) - counts
        for at, factor in enumerate(factors):
            least[rows, at] = np.minimum.reduceat(hashes * factor, starts)
        held = np.zeros((end - first, _BITS), np.bool_)
        held[np.repeat(np.arange(end - first), counts), hashes % _BITS] = True
        bits[rows] = np.packbits(held, axis=1)
    return least, bits


def _shingle_hashes(text: str, lengths: Ids) -> npt.NDArray[np.uint32]:
    """A hash of every run of 5 characters in texts of these lengths, which stand one behind the other."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = len(codes) - _SHINGLE + 1
    # A polynomial in the code points, modulo 2^64, and of its product with an odd number the upper half, which depends on all.
    mixed = np.zeros(count, np.uint64)
    for at in range(_SHINGLE):
        mixed = mixed * np.uint64(1_000_003) + codes[at : at + count]
    within = np.ones(len(codes), np.bool_)
    for back in range(1, _SHINGLE):
        within[np.cumsum(lengths) - back] = False  # runs that begin here reach over the end of their text
    return ((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)).astype(np.uint32)[within[:count]]
